package dev.belljar.linux.call;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What the kernel says of a file.
 *
 * @param mode type and permissions, as {@code st_mode}
 * @param links how many names it has; of a directory that counts them, two and one for each
 *     directory in it
 * @param device the file system it is on, as major and minor, 32 bits each
 * @param inode its number there
 * @param represents the device that a device node stands for, as major and minor, 32 bits each
 * @see <a href="https://man7.org/linux/man-pages/man2/statx.2.html">statx(2)</a>
 */
public record FileStatus(int mode, int links, long device, long inode, long represents) {
  private static final int SIZE = 256;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final int TYPE_MASK = 0xf000;
  private static final int DIRECTORY = 0x4000;

  /**
   * Looks at an open file.
   *
   * @param fd its descriptor
   * @return its status
   * @throws LinuxException when the kernel refuses
   */
  public static FileStatus of(int fd) {
    return of(fd, "", AT_EMPTY_PATH);
  }

  /**
   * Looks at a file by its path, following links.
   *
   * @param path an absolute path
   * @return its status
   * @throws LinuxException when the kernel refuses, ENOENT when there is none
   */
  public static FileStatus of(String path) {
    return of(Syscall.AT_FDCWD, path, 0);
  }

  /**
   * Looks at a file in an open directory, following links.
   *
   * @param dirfd the directory
   * @param name the file's path in it
   * @return its status
   * @throws LinuxException when the kernel refuses, ENOENT when there is none
   */
  public static FileStatus at(int dirfd, String name) {
    return of(dirfd, name, 0);
  }

  /** Looks at a file whose name need not be text; see {@link #at(int, String)}. */
  public static FileStatus at(int dirfd, byte[] name) {
    return of(dirfd, name, 0);
  }

  private static FileStatus of(int fd, String path, int flags) {
    return of(fd, FileCalls.bytes(path), flags);
  }

  private static FileStatus of(int fd, byte[] path, int flags) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment statx = scratch.allocate(SIZE);
      check(
          Syscall.call(
              SyscallNumber.STATX,
              fd,
              scratch.string(path),
              flags,
              STATX_BASIC_STATS,
              statx.address()),
          () -> "statx(%s, %s, ...)".formatted(Strace.directory(fd), Strace.quote(path)));
      // struct statx: nlink at 16, mode at 28, ino at 32, rdev at 128 and dev at 136 (major, minor)
      return new FileStatus(
          statx.get(ValueLayout.JAVA_SHORT, 28) & 0xffff,
          statx.get(ValueLayout.JAVA_INT, 16),
          device(statx, 136),
          statx.get(ValueLayout.JAVA_LONG, 32),
          device(statx, 128));
    }
  }

  private static long device(MemorySegment statx, int offset) {
    long major = statx.get(ValueLayout.JAVA_INT, offset) & 0xffffffffL;
    return major << 32 | statx.get(ValueLayout.JAVA_INT, offset + 4) & 0xffffffffL;
  }

  /** Tells whether it is a directory. */
  public boolean isDirectory() {
    return (mode & TYPE_MASK) == DIRECTORY;
  }
}
