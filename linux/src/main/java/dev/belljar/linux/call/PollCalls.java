package dev.belljar.linux.call;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Waiting on one descriptor by the calling thread. */
public final class PollCalls {
  private static final long NANOS = 1_000_000_000L;
  private static final int FIONREAD = 0x541b;

  private PollCalls() {}

  /**
   * Waits until a descriptor can be read, has reached its end, or, being a pidfd, its process has
   * ended.
   *
   * @param fd the descriptor
   * @param nanos how long to wait at most, in nanoseconds; negative for ever
   * @return false when the time ran out
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/poll.2.html">ppoll(2)</a>
   */
  public static boolean awaitReadable(int fd, long nanos) {
    return await(fd, Uapi.POLLIN(), "POLLIN", nanos);
  }

  /**
   * Waits until nobody can write to a pipe any more; what is written meanwhile does not wake the
   * thread.
   *
   * @param fd the pipe's read end
   * @param nanos how long to wait at most, in nanoseconds; negative for ever
   * @return false when the time ran out
   * @throws LinuxException when the kernel refuses
   */
  public static boolean awaitHangUp(int fd, long nanos) {
    return await(fd, 0, "0", nanos); // POLLHUP is always told of
  }

  /**
   * Waits until a file that tells of changes, such as {@code cgroup.events}, has changed since it
   * was last read through this descriptor. Such a file can always be read.
   *
   * @param fd the descriptor, which has been read
   * @param nanos how long to wait at most, in nanoseconds; negative for ever
   * @return false when the time ran out
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/poll.2.html">ppoll(2), POLLPRI</a>
   */
  public static boolean awaitChange(int fd, long nanos) {
    return await(fd, Uapi.POLLPRI(), "POLLPRI", nanos);
  }

  private static boolean await(int fd, int events, String name, long nanos) {
    long deadline = System.nanoTime() + nanos;
    try (Scratch scratch = Scratch.open()) {
      MemorySegment poll = scratch.allocate(8);
      poll.set(ValueLayout.JAVA_INT, 0, fd);
      poll.set(ValueLayout.JAVA_SHORT, 4, (short) events);
      MemorySegment timeout = nanos < 0 ? MemorySegment.NULL : scratch.allocate(16);
      long count;
      do {
        if (nanos >= 0) {
          long left = Math.max(0, deadline - System.nanoTime());
          timeout.set(ValueLayout.JAVA_LONG, 0, left / NANOS);
          timeout.set(ValueLayout.JAVA_LONG, 8, left % NANOS);
        }
        count = Syscall.call(SyscallNumber.PPOLL, poll.address(), 1, timeout.address(), 0, 0);
      } while (count == -Uapi.EINTR());
      check(count, () -> "ppoll([{fd=" + fd + ", events=" + name + "}], 1, " + nanos + " ns)");
      return count > 0;
    }
  }

  /**
   * Asks how much can be read at once.
   *
   * @param fd a pipe, socket or terminal
   * @return bytes
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/ioctl_fionread.2const.html">FIONREAD</a>
   */
  public static int bytesToRead(int fd) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment count = scratch.allocate(8);
      check(
          Syscall.call(SyscallNumber.IOCTL, fd, FIONREAD, count.address()),
          () -> "ioctl(" + fd + ", FIONREAD, ...)");
      return count.get(ValueLayout.JAVA_INT, 0);
    }
  }
}
