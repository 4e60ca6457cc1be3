package dev.belljar.linux.call;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.DeviceNumber;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * What the kernel says of a file, a link not followed.
 *
 * @param mode type and permissions, as {@code st_mode}
 * @param uid the owner
 * @param gid the group
 * @param links how many names it has
 * @param inode its number in its file system
 * @param device the file system, as major and minor, 32 bits each
 * @param size bytes
 * @param accessSeconds when it was accessed last, seconds since 1970
 * @param accessNanos and nanoseconds
 * @param changeSeconds when its contents changed last
 * @param changeNanos and nanoseconds
 * @param represents the device that a device node stands for
 * @see <a href="https://man7.org/linux/man-pages/man2/statx.2.html">statx(2)</a>
 */
public record FileDetails(
    int mode,
    long uid,
    long gid,
    long links,
    long inode,
    long device,
    long size,
    long accessSeconds,
    int accessNanos,
    long changeSeconds,
    int changeNanos,
    DeviceNumber represents) {
  public static final int TYPE_MASK = 0xf000;
  public static final int FIFO = 0x1000;
  public static final int CHARACTER_DEVICE = 0x2000;
  public static final int DIRECTORY = 0x4000;
  public static final int BLOCK_DEVICE = 0x6000;
  public static final int REGULAR = 0x8000;
  public static final int LINK = 0xa000;
  public static final int SOCKET = 0xc000;

  private static final int SIZE = 256;
  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final long LOW = 0xffffffffL;

  /**
   * Looks at a file in an open directory.
   *
   * @param dirfd the directory
   * @param name the file's name; empty for the directory itself
   * @return what it is; empty when there is none
   * @throws LinuxException when the kernel refuses
   */
  public static Optional<FileDetails> of(int dirfd, byte[] name) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment statx = scratch.allocate(SIZE);
      long result =
          Syscall.call(
              SyscallNumber.STATX,
              dirfd,
              scratch.string(name),
              name.length == 0 ? Uapi.AT_EMPTY_PATH() : AT_SYMLINK_NOFOLLOW,
              STATX_BASIC_STATS,
              statx.address());
      if (result == -Errno.ENOENT.number()) {
        return Optional.empty();
      }
      check(
          result,
          () ->
              "statx(%s, %s, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, ...)"
                  .formatted(Strace.directory(dirfd), Strace.quote(name)));
      return Optional.of(parse(statx));
    }
  }

  // struct statx, linux/stat.h
  private static FileDetails parse(MemorySegment statx) {
    return new FileDetails(
        statx.get(ValueLayout.JAVA_SHORT, 28) & 0xffff,
        statx.get(ValueLayout.JAVA_INT, 20) & LOW,
        statx.get(ValueLayout.JAVA_INT, 24) & LOW,
        statx.get(ValueLayout.JAVA_INT, 16) & LOW,
        statx.get(ValueLayout.JAVA_LONG, 32),
        (statx.get(ValueLayout.JAVA_INT, 136) & LOW) << 32
            | statx.get(ValueLayout.JAVA_INT, 140) & LOW,
        statx.get(ValueLayout.JAVA_LONG, 40),
        statx.get(ValueLayout.JAVA_LONG, 64),
        statx.get(ValueLayout.JAVA_INT, 72),
        statx.get(ValueLayout.JAVA_LONG, 112),
        statx.get(ValueLayout.JAVA_INT, 120),
        new DeviceNumber(
            statx.get(ValueLayout.JAVA_INT, 128), statx.get(ValueLayout.JAVA_INT, 132)));
  }

  /** Returns the type, one of the constants. */
  public int type() {
    return mode & TYPE_MASK;
  }

  /** Tells whether it is a directory. */
  public boolean isDirectory() {
    return type() == DIRECTORY;
  }
}
