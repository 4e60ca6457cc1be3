package dev.belljar.linux.call;

import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;

/**
 * Moving bytes between a pipe and a socket without copying them.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/splice.2.html">splice(2)</a>
 */
public final class SpliceCalls {
  private static final int SPLICE_F_MOVE = 1;
  private static final int SPLICE_F_NONBLOCK = 2;
  private static final int F_SETPIPE_SZ = 1031;
  private static final int F_GETPIPE_SZ = 1032;

  private SpliceCalls() {}

  /**
   * Moves what is there, without waiting.
   *
   * @param from a pipe or a non-blocking socket
   * @param to the other of the two
   * @param size bytes at most
   * @return how many were moved, 0 at the end of the input; or the negative errno: EAGAIN when
   *     there is nothing, or no room for it
   */
  public static long splice(int from, int to, long size) {
    return Syscall.call(
        SyscallNumber.SPLICE, from, 0, to, 0, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  }

  /**
   * Returns how much a pipe can hold. It is less than usual for a user whose pipes hold much
   * already.
   *
   * @return bytes, or the negative errno
   * @see <a href="https://man7.org/linux/man-pages/man7/pipe.7.html">pipe(7),
   *     /proc/sys/fs/pipe-user-pages-soft</a>
   */
  public static long pipeSize(int fd) {
    return Syscall.call(SyscallNumber.FCNTL, fd, F_GETPIPE_SZ);
  }

  /**
   * Sets how much a pipe can hold.
   *
   * @param size bytes
   * @return what it can hold now; or the negative errno, such as EPERM for a user whose pipes hold
   *     too much already
   * @see <a href="https://man7.org/linux/man-pages/man2/F_SETPIPE_SZ.2const.html">F_SETPIPE_SZ</a>
   */
  public static long setPipeSize(int fd, long size) {
    return Syscall.call(SyscallNumber.FCNTL, fd, F_SETPIPE_SZ, size);
  }
}
