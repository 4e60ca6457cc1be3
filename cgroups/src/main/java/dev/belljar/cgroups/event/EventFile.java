package dev.belljar.cgroups.event;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.syscall.Scratch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * A control file that is kept open: reading it again also tells the kernel that its news is known.
 *
 * @param path where it is, for messages
 * @param descriptor the open file
 */
record EventFile(String path, Descriptor descriptor) implements AutoCloseable {
  private static final int LARGEST = 8 << 10;

  static EventFile open(CgroupDirectory group, String name, int flags) {
    String path = group.path() + "/" + name;
    try {
      return new EventFile(path, FileCalls.open(group.directory().number(), name, flags));
    } catch (LinuxException e) {
      throw e.doing("watching " + path);
    }
  }

  static EventFile open(CgroupDirectory group, String name) {
    return open(group, name, OpenFlags.O_RDONLY);
  }

  int fd() {
    return descriptor.number();
  }

  /**
   * Reads it from the beginning.
   *
   * @throws LinuxException when the kernel refuses: ENODEV when the group is gone
   */
  String text() {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment memory = scratch.allocate(LARGEST);
      long count = FileCalls.readStart(fd(), memory.address(), LARGEST);
      check(count, () -> "pread64(%d, ..., %d, 0)".formatted(fd(), LARGEST));
      return new String(
          memory.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII);
    } catch (LinuxException e) {
      throw e.doing("reading " + path);
    }
  }

  long number() {
    return Long.parseLong(text().strip());
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
