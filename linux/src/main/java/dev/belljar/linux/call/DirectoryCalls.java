package dev.belljar.linux.call;

import static dev.belljar.linux.call.Strace.check;
import static dev.belljar.linux.call.Strace.directory;
import static dev.belljar.linux.call.Strace.quote;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Calls on directories: making, removing, listing, locking, and removing names from them. */
public final class DirectoryCalls {
  private static final int CHUNK = 32 << 10;
  private static final int AT_REMOVEDIR = 0x200;

  /**
   * A directory's entry: its name and the {@code DT_*} type of getdents64(2), 4 for directories.
   */
  public record Entry(byte[] name, int type) {
    private static final int DT_DIR = 4;

    /** Tells whether the entry is a directory, as far as the file system says so. */
    public boolean isDirectory() {
      return type == DT_DIR;
    }
  }

  private DirectoryCalls() {}

  /**
   * Opens a directory.
   *
   * @param dirfd the directory a relative path starts at, or {@link Syscall#AT_FDCWD}
   * @param path the path
   * @return the descriptor
   * @throws LinuxException when the kernel refuses
   */
  public static Descriptor open(int dirfd, String path) {
    return FileCalls.open(dirfd, path, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY);
  }

  /**
   * Makes a directory.
   *
   * @param dirfd the directory a relative path starts at, or {@link Syscall#AT_FDCWD}
   * @param path the path
   * @param mode permissions, before the umask
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/mkdir.2.html">mkdirat(2)</a>
   */
  public static void make(int dirfd, String path, int mode) {
    make(dirfd, FileCalls.bytes(path), mode);
  }

  /** Makes a directory whose name need not be text; see {@link #make(int, String, int)}. */
  public static void make(int dirfd, byte[] name, int mode) {
    try (Scratch scratch = Scratch.open()) {
      check(
          Syscall.call(SyscallNumber.MKDIRAT, dirfd, scratch.string(name), mode),
          () ->
              "mkdirat(%s, %s, 0%s)"
                  .formatted(directory(dirfd), quote(name), Integer.toOctalString(mode)));
    }
  }

  /**
   * Removes an empty directory.
   *
   * @param dirfd the directory a relative path starts at, or {@link Syscall#AT_FDCWD}
   * @param path the path
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/unlink.2.html">unlinkat(2)</a>
   */
  public static void remove(int dirfd, String path) {
    remove(dirfd, FileCalls.bytes(path));
  }

  /** Removes an empty directory whose name need not be text; see {@link #remove(int, String)}. */
  public static void remove(int dirfd, byte[] name) {
    try (Scratch scratch = Scratch.open()) {
      check(
          Syscall.call(SyscallNumber.UNLINKAT, dirfd, scratch.string(name), AT_REMOVEDIR),
          () -> "unlinkat(%s, %s, AT_REMOVEDIR)".formatted(directory(dirfd), quote(name)));
    }
  }

  /**
   * Removes a name of a file that is no directory.
   *
   * @param dirfd the directory a relative path starts at, or {@link Syscall#AT_FDCWD}
   * @param path the path
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/unlink.2.html">unlinkat(2)</a>
   */
  public static void unlink(int dirfd, byte[] path) {
    try (Scratch scratch = Scratch.open()) {
      check(
          Syscall.call(SyscallNumber.UNLINKAT, dirfd, scratch.string(path), 0),
          () -> "unlinkat(%s, %s, 0)".formatted(directory(dirfd), quote(path)));
    }
  }

  /**
   * Lists a directory from where its descriptor stands, less {@code .} and {@code ..}.
   *
   * @param fd the directory
   * @return its entries, in the file system's order
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/getdents.2.html">getdents64(2)</a>
   */
  public static List<Entry> list(int fd) {
    List<Entry> entries = new ArrayList<>();
    try (Scratch scratch = Scratch.open()) {
      MemorySegment chunk = scratch.allocate(CHUNK);
      while (true) {
        long count = Syscall.call(SyscallNumber.GETDENTS64, fd, chunk.address(), CHUNK);
        if (count == -Uapi.EINTR()) {
          continue;
        }
        check(count, () -> "getdents64(" + fd + ", ..., " + CHUNK + ")");
        if (count == 0) {
          return entries;
        }
        parse(chunk.asSlice(0, count), entries);
      }
    }
  }

  /**
   * Reads records of getdents64(2) that another process has made.
   *
   * @param records whole records
   * @return the entries, less {@code .} and {@code ..}
   */
  public static List<Entry> entries(byte[] records) {
    List<Entry> entries = new ArrayList<>();
    parse(MemorySegment.ofArray(records), entries);
    return entries;
  }

  // struct linux_dirent64: u64 inode, s64 offset, u16 record length, u8 type, name
  private static void parse(MemorySegment records, List<Entry> entries) {
    for (long at = 0; at < records.byteSize(); ) {
      int length = records.get(ValueLayout.JAVA_SHORT_UNALIGNED, at + 16) & 0xffff;
      int type = records.get(ValueLayout.JAVA_BYTE, at + 18) & 0xff;
      byte[] name = nameAt(records, at + 19);
      if (!isDots(name)) {
        entries.add(new Entry(name, type));
      }
      at += length;
    }
  }

  private static byte[] nameAt(MemorySegment records, long at) {
    long end = at;
    while (records.get(ValueLayout.JAVA_BYTE, end) != 0) {
      end++;
    }
    return records.asSlice(at, end - at).toArray(ValueLayout.JAVA_BYTE);
  }

  private static boolean isDots(byte[] name) {
    return name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.'));
  }
}
