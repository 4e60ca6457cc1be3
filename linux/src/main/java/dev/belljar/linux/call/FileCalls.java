package dev.belljar.linux.call;

import static dev.belljar.linux.call.Strace.check;
import static dev.belljar.linux.call.Strace.directory;
import static dev.belljar.linux.call.Strace.quote;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;

/**
 * Calls on files: opening, reading, writing, locking.
 *
 * <p>A start uses these, not {@code java.nio.file}, which hides errno and loses names that are not
 * text. Paths are given as Java strings in UTF-8 or as bytes. Interrupted calls are made again.
 */
public final class FileCalls {
  private static final int FIRST_FREE = 3;
  private static final int CHUNK = 8192;
  private static final int W_OK = 2;
  private static final Set<Errno> REFUSALS =
      EnumSet.of(Errno.EACCES, Errno.EPERM, Errno.ENOENT, Errno.ENOTDIR, Errno.EROFS, Errno.ELOOP);
  private static final int AT_EACCESS = 0x200; // with the effective ids, as open(2) does

  private FileCalls() {}

  /**
   * Opens a file.
   *
   * <p>{@code int openat(int dirfd, const char *path, int flags, mode_t mode)}; {@code O_CLOEXEC}
   * is always added, and the number is never 0, 1 or 2, which a JVM may have closed.
   *
   * @param dirfd the directory a relative path starts at, or {@link Syscall#AT_FDCWD}
   * @param path the path
   * @param flags {@link OpenFlags}
   * @param mode permissions of a file that is created
   * @return the descriptor
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/open.2.html">openat(2)</a>
   */
  public static Descriptor open(int dirfd, byte[] path, int flags, int mode) {
    int all = flags | OpenFlags.O_CLOEXEC;
    try (Scratch scratch = Scratch.open()) {
      long name = scratch.string(path);
      long fd;
      do {
        fd = Syscall.call(SyscallNumber.OPENAT, dirfd, name, all, mode);
      } while (fd == -Uapi.EINTR());
      check(fd, () -> openText(dirfd, path, all, mode));
      return own(fd);
    }
  }

  private static String openText(int dirfd, byte[] path, int flags, int mode) {
    String created = (flags & OpenFlags.O_CREAT) == 0 ? "" : ", 0" + Integer.toOctalString(mode);
    return "openat(%s, %s, %s%s)"
        .formatted(directory(dirfd), quote(path), OpenFlags.text(flags), created);
  }

  /** Opens an existing file; see {@link #open(int, byte[], int, int)}. */
  public static Descriptor open(int dirfd, String path, int flags) {
    return open(dirfd, bytes(path), flags, 0);
  }

  /** Opens an existing file by its absolute path; see {@link #open(int, byte[], int, int)}. */
  public static Descriptor open(String path, int flags) {
    return open(Syscall.AT_FDCWD, path, flags);
  }

  /**
   * Takes ownership of a descriptor that a call returned, moved above the standard ones if needed.
   *
   * @param result a successful result
   * @return the owner
   */
  public static Descriptor own(long result) {
    return aboveStandard(Descriptor.owning((int) result));
  }

  /**
   * Duplicates a descriptor, close-on-exec, to a number of 3 or above.
   *
   * @param fd the descriptor to duplicate
   * @return the duplicate
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/fcntl.2.html">fcntl(2), F_DUPFD_CLOEXEC</a>
   */
  public static Descriptor duplicate(int fd) {
    long copy = Syscall.call(SyscallNumber.FCNTL, fd, Uapi.F_DUPFD_CLOEXEC(), FIRST_FREE);
    check(copy, () -> "fcntl(" + fd + ", F_DUPFD_CLOEXEC, 3)");
    return Descriptor.owning((int) copy);
  }

  /**
   * Reads into native memory.
   *
   * @param fd the descriptor
   * @param memory where to
   * @return the bytes read, 0 at the end of the file
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/read.2.html">read(2)</a>
   */
  public static int read(int fd, MemorySegment memory) {
    long count;
    do {
      count = Syscall.call(SyscallNumber.READ, fd, memory.address(), memory.byteSize());
    } while (count == -Uapi.EINTR());
    return (int) check(count, () -> "read(" + fd + ", ..., " + memory.byteSize() + ")");
  }

  /**
   * Reads from the beginning of a file, wherever its descriptor stands, without making an object.
   *
   * @param fd the descriptor
   * @param address where to in native memory
   * @param size how many bytes at most
   * @return the bytes read, 0 when the file is empty; or the negative errno
   * @see <a href="https://man7.org/linux/man-pages/man2/pread.2.html">pread(2)</a>
   */
  public static long readStart(int fd, long address, long size) {
    long count;
    do {
      count = Syscall.call(SyscallNumber.PREAD64, fd, address, size, 0);
    } while (count == -Uapi.EINTR());
    return count;
  }

  /**
   * Makes a counter that can be waited for, close-on-exec and non-blocking.
   *
   * @return the descriptor
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/eventfd.2.html">eventfd(2)</a>
   */
  public static Descriptor eventfd() {
    int flags = OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK;
    long fd = Syscall.call(SyscallNumber.EVENTFD2, 0, flags);
    check(fd, () -> "eventfd2(0, EFD_CLOEXEC|EFD_NONBLOCK)");
    return own(fd);
  }

  /**
   * Reads a whole file from where its descriptor stands.
   *
   * @param fd the descriptor
   * @return the contents
   * @throws LinuxException when the kernel refuses
   */
  public static byte[] readAll(int fd) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment chunk = scratch.allocate(CHUNK);
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (int count = read(fd, chunk); count > 0; count = read(fd, chunk)) {
        all.writeBytes(chunk.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE));
      }
      return all.toByteArray();
    }
  }

  /**
   * Reads a whole file, such as one of /proc.
   *
   * @param dirfd the directory a relative path starts at, or {@link Syscall#AT_FDCWD}
   * @param path the path
   * @return the contents
   * @throws LinuxException when it can not be opened or read
   */
  public static byte[] readFile(int dirfd, String path) {
    try (Descriptor file = open(dirfd, path, OpenFlags.O_RDONLY)) {
      return readAll(file.number());
    }
  }

  /**
   * Writes bytes with one call, as files of /proc and of cgroups want it.
   *
   * @param fd the descriptor
   * @param bytes what to write; nothing is written when empty
   * @throws LinuxException when the kernel refuses, or takes only a part (errno EIO)
   * @see <a href="https://man7.org/linux/man-pages/man2/write.2.html">write(2)</a>
   */
  public static void write(int fd, byte[] bytes) {
    try (Scratch scratch = Scratch.open()) {
      long memory = scratch.string(bytes);
      long count;
      do {
        count = Syscall.call(SyscallNumber.WRITE, fd, memory, bytes.length);
      } while (count == -Uapi.EINTR());
      check(
          count >= 0 && count < bytes.length ? -Uapi.EIO() : count,
          () -> "write(%d, %s, %d)".formatted(fd, quote(bytes), bytes.length));
    }
  }

  /**
   * Opens an existing file, writes it with one call and closes it.
   *
   * @param dirfd the directory a relative path starts at, or {@link Syscall#AT_FDCWD}
   * @param path the path
   * @param text what to write
   * @throws LinuxException when the kernel refuses; the call names the path
   */
  public static void writeFile(int dirfd, String path, String text) {
    try (Descriptor file = open(dirfd, path, OpenFlags.O_WRONLY)) {
      write(file.number(), bytes(text));
    }
  }

  /**
   * Makes a pipe, both ends close-on-exec and numbered 3 or above.
   *
   * @param flags more flags, such as {@link OpenFlags#O_NONBLOCK}
   * @return the pipe
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/pipe.2.html">pipe2(2)</a>
   */
  public static Pipe pipe(int flags) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment ends = scratch.allocate(8);
      int all = flags | OpenFlags.O_CLOEXEC;
      check(
          Syscall.call(SyscallNumber.PIPE2, ends.address(), all),
          () -> "pipe2(..., " + OpenFlags.text(all) + ")");
      return pipeOf(
          Descriptor.owning(ends.get(ValueLayout.JAVA_INT, 0)),
          Descriptor.owning(ends.get(ValueLayout.JAVA_INT, 4)));
    }
  }

  /** Takes two descriptors that belong together, moved above the standard ones if needed. */
  static Pipe pipeOf(Descriptor first, Descriptor second) {
    Descriptor read = first;
    Descriptor write = second;
    try {
      read = aboveStandard(read);
      write = aboveStandard(write);
      return new Pipe(read, write);
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, read, write);
      throw failure;
    }
  }

  private static Descriptor aboveStandard(Descriptor descriptor) {
    if (descriptor.number() >= FIRST_FREE) {
      return descriptor;
    }
    Descriptor above = null;
    try (descriptor) {
      above = duplicate(descriptor.number());
      return above;
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, above);
      throw failure;
    }
  }

  /**
   * Copies bytes from where one file stands to where another stands.
   *
   * @param from the source
   * @param to the target
   * @param count how many; fewer when the source ends before
   * @throws LinuxException when the kernel refuses
   * @see <a
   *     href="https://man7.org/linux/man-pages/man2/copy_file_range.2.html">copy_file_range(2)</a>
   */
  public static void copy(int from, int to, long count) {
    long left = count;
    while (left > 0) {
      long copied =
          Syscall.call(SyscallNumber.COPY_FILE_RANGE, from, 0, to, 0, Math.min(left, 1 << 30));
      if (copied == -Uapi.EXDEV() || copied == -Uapi.EINVAL() || copied == -Uapi.EOPNOTSUPP()) {
        copied = copyThroughMemory(from, to, left); // between some kinds of file systems
      }
      check(copied, () -> "copy_file_range(%d, NULL, %d, NULL, ...)".formatted(from, to));
      if (copied == 0) {
        return;
      }
      left -= copied;
    }
  }

  private static long copyThroughMemory(int from, int to, long count) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment chunk = scratch.allocate(Math.min(count, CHUNK));
      int length = read(from, chunk);
      write(to, chunk.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
      return length;
    }
  }

  /**
   * Opens once more what a descriptor is of, such as one that was opened with O_PATH only.
   *
   * @param file the descriptor, which stays open
   * @param flags the flags, {@code O_CLOEXEC} is added
   * @return a descriptor of an open file description of its own
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_fd.5.html">/proc/pid/fd</a>
   */
  public static Descriptor reopen(Descriptor file, int flags) {
    return open("/proc/self/fd/" + file.number(), flags);
  }

  /**
   * Tells whether a file or directory exists, without opening it.
   *
   * @param dirfd the directory a relative path starts at, or {@link Syscall#AT_FDCWD}
   * @param path the path
   * @return false when it does not
   * @throws LinuxException when that cannot be told, such as EACCES for a directory in the way
   * @see <a href="https://man7.org/linux/man-pages/man2/access.2.html">faccessat2(2)</a>
   */
  public static boolean exists(int dirfd, String path) {
    try (Scratch scratch = Scratch.open()) {
      long result = Syscall.call(SyscallNumber.FACCESSAT2, dirfd, scratch.string(path), 0, 0);
      if (result == -Uapi.ENOENT()) {
        return false;
      }
      check(result, () -> "faccessat2(" + dirfd + ", \"" + path + "\", F_OK)");
      return true;
    }
  }

  /**
   * Tells whether the caller may write to a file or make entries in a directory.
   *
   * @param dirfd the directory a relative path starts at, or {@link Syscall#AT_FDCWD}
   * @param path the path
   * @return false when it does not exist, its permissions forbid it or its mount is read-only
   * @throws LinuxException when the kernel can not tell
   * @see <a href="https://man7.org/linux/man-pages/man2/access.2.html">faccessat2(2)</a>
   */
  public static boolean isWritable(int dirfd, String path) {
    return isWritable(dirfd, bytes(path));
  }

  /** The same for a path that need not be text; see {@link #isWritable(int, String)}. */
  public static boolean isWritable(int dirfd, byte[] path) {
    try (Scratch scratch = Scratch.open()) {
      long result =
          Syscall.call(SyscallNumber.FACCESSAT2, dirfd, scratch.string(path), W_OK, AT_EACCESS);
      if (Errno.of((int) -result).filter(REFUSALS::contains).isPresent()) {
        return false;
      }
      check(
          result,
          () -> "faccessat2(%s, %s, W_OK, AT_EACCESS)".formatted(directory(dirfd), quote(path)));
      return true;
    }
  }

  /**
   * Gives a file to another user and group.
   *
   * @param dirfd the directory a relative path starts at, or {@link Syscall#AT_FDCWD}
   * @param path the path
   * @param uid the user, -1 to leave it
   * @param gid the group, -1 to leave it
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/chown.2.html">fchownat(2)</a>
   */
  public static void changeOwner(int dirfd, String path, int uid, int gid) {
    try (Scratch scratch = Scratch.open()) {
      check(
          Syscall.call(SyscallNumber.FCHOWNAT, dirfd, scratch.string(path), uid, gid, 0),
          () -> "fchownat(%s, \"%s\", %d, %d, 0)".formatted(directory(dirfd), path, uid, gid));
    }
  }

  static byte[] bytes(String path) {
    return path.getBytes(StandardCharsets.UTF_8);
  }
}
