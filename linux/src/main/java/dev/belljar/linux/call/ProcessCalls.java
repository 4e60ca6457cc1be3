package dev.belljar.linux.call;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.Signal;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Calls on processes, which are named by pidfd wherever the kernel allows it. */
public final class ProcessCalls {
  private static final int SIGINFO_SIZE = 128;
  private static final int WALL = 0x40000000; // __WALL: whatever its exit signal is

  private ProcessCalls() {}

  /**
   * Opens a process.
   *
   * @param pid its number in the caller's PID namespace
   * @return the pidfd
   * @throws LinuxException ESRCH when there is no such process
   * @see <a href="https://man7.org/linux/man-pages/man2/pidfd_open.2.html">pidfd_open(2)</a>
   */
  public static Descriptor open(int pid) {
    long fd = Syscall.call(SyscallNumber.PIDFD_OPEN, pid, 0);
    check(fd, () -> "pidfd_open(" + pid + ", 0)");
    return FileCalls.own(fd);
  }

  /**
   * Returns the number of a process that is held by its pidfd.
   *
   * @param pidfd the process
   * @return its number in the caller's PID namespace
   * @throws LinuxException ESRCH when it has ended and was reaped
   * @throws IllegalArgumentException when it is no pidfd
   */
  public static long pidOf(int pidfd) {
    String file = "/proc/thread-self/fdinfo/" + pidfd;
    String text = new String(FileCalls.readFile(Syscall.AT_FDCWD, file), StandardCharsets.US_ASCII);
    long pid =
        text.lines()
            .filter(line -> line.startsWith("Pid:"))
            .mapToLong(line -> Long.parseLong(line.substring(4).strip()))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("fd " + pidfd + " is no pidfd"));
    if (pid <= 0) {
      throw new LinuxException(Errno.ESRCH.number(), "read(\"" + file + "\", ...)");
    }
    return pid;
  }

  /**
   * Sends a signal.
   *
   * @param pidfd the process
   * @param signal the signal's number, 0 to only look
   * @return false when the process has ended
   * @throws LinuxException when the kernel refuses
   * @see <a
   *     href="https://man7.org/linux/man-pages/man2/pidfd_send_signal.2.html">pidfd_send_signal(2)</a>
   */
  public static boolean signal(int pidfd, int signal) {
    long result = Syscall.call(SyscallNumber.PIDFD_SEND_SIGNAL, pidfd, signal, 0, 0);
    if (result == -Uapi.ESRCH()) {
      return false;
    }
    check(
        result,
        () -> "pidfd_send_signal(%d, %s, NULL, 0)".formatted(pidfd, Signal.describe(signal)));
    return true;
  }

  /**
   * Sends a signal to a child that is known by its number only.
   *
   * @param pid the process, which must be an unreaped child of this one: else the number may stand
   *     for another process by now
   * @param signal the signal's number
   * @return false when there is no such process
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/kill.2.html">kill(2)</a>
   */
  public static boolean kill(int pid, int signal) {
    long result = Syscall.call(SyscallNumber.KILL, pid, signal);
    if (result == -Uapi.ESRCH()) {
      return false;
    }
    check(result, () -> "kill(%d, %s)".formatted(pid, Signal.describe(signal)));
    return true;
  }

  /**
   * Takes the status of a child that has ended, without waiting for it.
   *
   * @param pidfd the child
   * @return the status; empty while it runs
   * @throws LinuxException ECHILD when it is no child of this process, or was reaped by another
   * @see <a href="https://man7.org/linux/man-pages/man2/waitid.2.html">waitid(2)</a>
   */
  public static Optional<WaitStatus> reap(int pidfd) {
    return wait(Uapi.P_PIDFD(), pidfd, Uapi.WNOHANG());
  }

  /**
   * Waits for the end of a child that has been killed, and takes its status.
   *
   * @param pidfd the child
   * @return the status
   * @throws LinuxException ECHILD when it is no child of this process, or was reaped by another
   * @see <a href="https://man7.org/linux/man-pages/man2/waitid.2.html">waitid(2)</a>
   */
  public static WaitStatus reapKilled(int pidfd) {
    return wait(Uapi.P_PIDFD(), pidfd, 0).orElseThrow();
  }

  /**
   * Waits for the end of a child that has been killed and is known by its number only, and takes
   * its status.
   *
   * @param pid the child
   * @return the status
   * @throws LinuxException ECHILD when it is no child of this process, or was reaped by another
   * @see <a href="https://man7.org/linux/man-pages/man2/waitid.2.html">waitid(2)</a>
   */
  public static WaitStatus reapKilledPid(int pid) {
    return wait(Uapi.P_PID(), pid, 0).orElseThrow();
  }

  private static Optional<WaitStatus> wait(int idType, int id, int flags) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment info = scratch.allocate(SIGINFO_SIZE);
      int options = Uapi.WEXITED() | flags | WALL;
      long result;
      do {
        result = Syscall.call(SyscallNumber.WAITID, idType, id, info.address(), options, 0);
      } while (result == -Uapi.EINTR());
      check(result, () -> waitText(idType, id, flags));
      // siginfo_t: si_signo at 0 (0 when nobody has ended), si_code at 8, si_status at 24
      if (info.get(ValueLayout.JAVA_INT, 0) == 0) {
        return Optional.empty();
      }
      int code = info.get(ValueLayout.JAVA_INT, 8);
      return Optional.of(WaitStatus.ofSiginfo(code, info.get(ValueLayout.JAVA_INT, 24)));
    }
  }

  private static String waitText(int idType, int id, int flags) {
    return "waitid(%s, %d, ..., WEXITED%s|__WALL, NULL)"
        .formatted(
            idType == Uapi.P_PIDFD() ? "P_PIDFD" : "P_PID", id, flags == 0 ? "" : "|WNOHANG");
  }
}
