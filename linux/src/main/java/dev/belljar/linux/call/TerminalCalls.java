package dev.belljar.linux.call;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;

/** Calls on terminals. */
public final class TerminalCalls {
  private TerminalCalls() {}

  /**
   * Sets the size of a terminal's window.
   *
   * @param fd either end of the terminal
   * @param size a {@code struct winsize}
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/TIOCSWINSZ.2const.html">TIOCSWINSZ(2)</a>
   */
  public static void setWindowSize(int fd, byte[] size) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment memory = scratch.allocate(size.length);
      memory.copyFrom(MemorySegment.ofArray(size));
      check(
          Syscall.call(SyscallNumber.IOCTL, fd, Uapi.TIOCSWINSZ(), memory.address()),
          () -> "ioctl(" + fd + ", TIOCSWINSZ, ...)");
    }
  }
}
