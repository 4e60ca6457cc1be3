package dev.belljar.linux.call;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;

/**
 * Exclusive locks on whole files and directories, which last as long as the open file description:
 * the kernel drops them with a JVM that is killed.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/flock.2.html">flock(2)</a>
 */
public final class LockCalls {
  private static final int LOCK_EX = 2;
  private static final int LOCK_NB = 4;

  private LockCalls() {}

  /**
   * Tries to take the lock.
   *
   * @param fd the descriptor
   * @return false when another open file description holds it
   * @throws LinuxException when the kernel refuses for another reason
   */
  public static boolean tryLock(int fd) {
    long result = Syscall.call(SyscallNumber.FLOCK, fd, LOCK_EX | LOCK_NB);
    if (result == -Uapi.EAGAIN()) {
      return false;
    }
    check(result, () -> "flock(" + fd + ", LOCK_EX|LOCK_NB)");
    return true;
  }

  /**
   * Takes the lock, waiting for it.
   *
   * @param fd the descriptor
   * @throws LinuxException when the kernel refuses
   */
  public static void lock(int fd) {
    long result;
    do {
      result = Syscall.call(SyscallNumber.FLOCK, fd, LOCK_EX);
    } while (result == -Uapi.EINTR());
    check(result, () -> "flock(" + fd + ", LOCK_EX)");
  }

  /**
   * Takes the lock on a directory, waiting for it.
   *
   * @param path the directory's path
   * @return what holds the lock until it is closed
   * @throws LinuxException when the kernel refuses
   */
  public static Descriptor lockDirectory(byte[] path) {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY;
    Descriptor open = FileCalls.open(Syscall.AT_FDCWD, path, flags, 0);
    try {
      lock(open.number());
      return open;
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, open);
      throw failure;
    }
  }
}
