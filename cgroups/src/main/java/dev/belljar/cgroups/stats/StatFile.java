package dev.belljar.cgroups.stats;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import java.util.Optional;

/**
 * A control file that is kept open to be read again and again.
 *
 * @param path where it is, for messages
 * @param descriptor open for reading
 */
record StatFile(String path, Descriptor descriptor) implements AutoCloseable {
  /**
   * Opens a file of a group, if it has it.
   *
   * @throws LinuxException when the kernel refuses for another reason
   */
  static Optional<StatFile> find(CgroupDirectory group, String name) {
    try {
      Descriptor file = FileCalls.open(group.directory().number(), name, OpenFlags.O_RDONLY);
      return Optional.of(new StatFile(group.path() + "/" + name, file));
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e.doing("reading " + group.path() + "/" + name);
    }
  }

  int fd() {
    return descriptor.number();
  }

  LinuxException failure(long result, long size) {
    return new LinuxException(
        (int) -result, "pread64(%d, ..., %d, 0)".formatted(fd(), size), "reading " + path, "");
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
