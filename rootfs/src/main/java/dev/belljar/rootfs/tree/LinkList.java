package dev.belljar.rootfs.tree;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;

/**
 * Directories and symbolic links to be made, as a process reads them: a file in memory, which
 * begins with two addresses that the process writes down, and goes on with an entry behind the
 * other.
 *
 * <p>An entry is its size, 0 for the end; the distance to the link's name, 0 for a directory; then
 * what the link says, or the directory's path; then the link's name. The links are those of the
 * directory before them.
 */
final class LinkList implements AutoCloseable {
  /** Where the process writes down which entry it is at, as an address of its own. */
  static final int CURRENT = 0;

  /** Where it writes down the address of the file's beginning. */
  static final int ADDRESS = 8;

  /** Where the first entry is. */
  static final int FIRST = 16;

  /** Where in an entry its size is. */
  static final int SIZE = 0;

  /** Where in an entry the distance to the name is. */
  static final int NAME = 4;

  /** Where in an entry the text is. */
  static final int TEXT = 8;

  private static final int ALIGNMENT = 8;
  private static final int BUFFER = 64 << 10;

  /**
   * What is to be made.
   *
   * @param name a link's name, empty for a directory
   * @param text what a link says, or a directory's path
   */
  record Entry(byte[] name, byte[] text) {}

  private final Descriptor file;
  private byte[] buffer = new byte[BUFFER];
  private int used = FIRST;

  private LinkList(Descriptor file) {
    this.file = file;
  }

  /**
   * Begins one.
   *
   * @throws dev.belljar.linux.LinuxException when the kernel refuses
   */
  static LinkList begin() {
    try (Scratch scratch = Scratch.open()) {
      long name = scratch.string("belljar links");
      long fd = Syscall.call(SyscallNumber.MEMFD_CREATE, name, Uapi.MFD_CLOEXEC());
      return new LinkList(
          FileCalls.own(check(fd, () -> "memfd_create(\"belljar links\", MFD_CLOEXEC)")));
    }
  }

  /** Adds a directory, which need not be new; what is added next is in it. */
  void directory(byte[] path) {
    int size = aligned(TEXT + path.length + 1);
    int start = take(size);
    number(start + SIZE, size);
    System.arraycopy(path, 0, buffer, start + TEXT, path.length);
  }

  /** Adds a link to the last directory. */
  void link(byte[] name, byte[] target) {
    int distance = TEXT + target.length + 1;
    int size = aligned(distance + name.length + 1);
    int start = take(size);
    number(start + SIZE, size);
    number(start + NAME, distance);
    System.arraycopy(target, 0, buffer, start + TEXT, target.length);
    System.arraycopy(name, 0, buffer, start + distance, name.length);
  }

  private static int aligned(int size) {
    return (size + ALIGNMENT - 1) & -ALIGNMENT;
  }

  private int take(int size) {
    if (size > buffer.length - used) {
      flush();
      if (size > buffer.length) {
        buffer = new byte[size];
      }
    }
    int start = used;
    used += size;
    return start;
  }

  // Without a view of the array: of these there are many, and in a new JVM they are interpreted.
  private void number(int place, int value) {
    buffer[place] = (byte) value;
    buffer[place + 1] = (byte) (value >> 8);
    buffer[place + 2] = (byte) (value >> 16);
    buffer[place + 3] = (byte) (value >> 24);
  }

  private void flush() {
    FileCalls.write(file.number(), Arrays.copyOf(buffer, used));
    Arrays.fill(buffer, 0, used, (byte) 0);
    used = 0;
  }

  /** Ends the list, to be read. */
  Descriptor end() {
    take(TEXT);
    flush();
    return file;
  }

  /** Returns what the process was at when it ended; empty when it had not begun. */
  Optional<Entry> current() {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment start = read(scratch, 0, FIRST);
      long address = start.get(ValueLayout.JAVA_LONG, ADDRESS);
      long entry = start.get(ValueLayout.JAVA_LONG, CURRENT);
      if (entry == 0) {
        return Optional.empty();
      }
      int size = read(scratch, entry - address, TEXT).get(ValueLayout.JAVA_INT, SIZE);
      if (size == 0) {
        return Optional.empty();
      }
      MemorySegment whole = read(scratch, entry - address, size);
      int name = whole.get(ValueLayout.JAVA_INT, NAME);
      return Optional.of(
          new Entry(name == 0 ? new byte[0] : string(whole, name), string(whole, TEXT)));
    }
  }

  private MemorySegment read(Scratch scratch, long offset, long size) {
    MemorySegment memory = scratch.allocate(size);
    check(
        Syscall.call(SyscallNumber.PREAD64, file.number(), memory.address(), size, offset),
        () -> "pread64(%d, ..., %d, %d)".formatted(file.number(), size, offset));
    return memory;
  }

  private static byte[] string(MemorySegment entry, long offset) {
    long end = offset;
    while (entry.get(ValueLayout.JAVA_BYTE, end) != 0) {
      end++;
    }
    return entry.asSlice(offset, end - offset).toArray(ValueLayout.JAVA_BYTE);
  }

  @Override
  public void close() {
    file.close();
  }
}
