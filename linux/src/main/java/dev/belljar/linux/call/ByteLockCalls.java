package dev.belljar.linux.call;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Locks on single bytes of a file, whether or not it has such bytes: with them one file, such as
 * that of a namespace, which everybody sees as the same, says of each of many owners whether it
 * lives. They last as long as the open file description, and have nothing to do with flock(2),
 * which {@link LockCalls} are.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/F_OFD_SETLK.2const.html">F_OFD_SETLK</a>
 */
public final class ByteLockCalls {
  private static final int F_OFD_GETLK = 36;
  private static final int F_OFD_SETLK = 37;
  private static final short F_RDLCK = 0;
  private static final short F_WRLCK = 1;
  private static final short F_UNLCK = 2;
  private static final int SIZE = 32; // of struct flock: type, whence, start, length, pid
  private static final int START = 8;
  private static final int LENGTH = 16;

  private ByteLockCalls() {}

  /**
   * Takes a shared lock on a byte, for which the file need only be open for reading.
   *
   * @param fd the descriptor
   * @param offset which byte, 0 or more
   * @throws LinuxException when the kernel refuses
   */
  public static void share(int fd, long offset) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment lock = lock(scratch, F_RDLCK, offset);
      check(
          Syscall.call(SyscallNumber.FCNTL, fd, F_OFD_SETLK, lock.address()),
          () -> "fcntl(%d, F_OFD_SETLK, {F_RDLCK, SEEK_SET, %d, 1})".formatted(fd, offset));
    }
  }

  /**
   * Tells whether somebody has a lock on a byte, by another open file description.
   *
   * @param fd the descriptor
   * @param offset which byte, 0 or more
   * @return false when nobody has
   * @throws LinuxException when the kernel refuses
   */
  public static boolean isLocked(int fd, long offset) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment lock = lock(scratch, F_WRLCK, offset);
      check(
          Syscall.call(SyscallNumber.FCNTL, fd, F_OFD_GETLK, lock.address()),
          () -> "fcntl(%d, F_OFD_GETLK, {F_WRLCK, SEEK_SET, %d, 1})".formatted(fd, offset));
      return lock.get(ValueLayout.JAVA_SHORT, 0) != F_UNLCK;
    }
  }

  private static MemorySegment lock(Scratch scratch, short type, long offset) {
    MemorySegment lock = scratch.allocate(SIZE);
    lock.fill((byte) 0);
    lock.set(ValueLayout.JAVA_SHORT, 0, type);
    lock.set(ValueLayout.JAVA_LONG, START, offset);
    lock.set(ValueLayout.JAVA_LONG, LENGTH, 1);
    return lock;
  }
}
