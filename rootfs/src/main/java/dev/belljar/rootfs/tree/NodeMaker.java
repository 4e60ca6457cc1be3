package dev.belljar.rootfs.tree;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.FileDetails;
import dev.belljar.linux.call.LinkBatch;
import dev.belljar.linux.call.NodeCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.call.RootedCalls;
import dev.belljar.linux.call.Strace;
import dev.belljar.linux.syscall.Syscall;
import java.util.Optional;

/** Makes files in one directory of a tree. */
public final class NodeMaker {
  private final int directory;
  private final LinkBatch links;

  NodeMaker(int directory, LinkBatch links) {
    this.directory = directory;
    this.links = links;
  }

  /**
   * Makes a symbolic link, sooner or later.
   *
   * @param name its name
   * @param target what it says
   * @throws LinuxException when this one, or one before it, cannot be made
   */
  public void link(BytePath name, BytePath target) {
    links.add(target, directory, name);
  }

  /**
   * Copies a regular file.
   *
   * @param name the copy's name
   * @param source the path of the file
   * @param base the path of the directory in which that one is looked up as if it were the root
   *     directory; empty for the root directory itself
   * @throws LinuxException when it cannot be copied, EINVAL when it is none
   */
  public void copy(BytePath name, BytePath source, Optional<BytePath> base) {
    int writing = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW;
    try (Descriptor found = find(source.bytes(), base)) {
      FileDetails details = FileDetails.of(found.number(), new byte[0]).orElseThrow();
      if (details.type() != FileDetails.REGULAR) {
        throw new LinuxException(
            Errno.EINVAL.number(),
            "openat(AT_FDCWD, " + Strace.quote(source.bytes()) + ", O_RDONLY)",
            "copying a file into a tree",
            "only regular files can be copied");
      }
      try (Descriptor reading = FileCalls.reopen(found, OpenFlags.O_RDONLY);
          Descriptor target = FileCalls.open(directory, name.bytes(), writing, 0600)) {
        NodeCopy.copyData(reading.number(), target.number(), details.size());
      }
      NodeCalls.changeMode(directory, name.bytes(), details.mode());
    }
  }

  // To open a device is enough to make some do something, so what it is comes first.
  private static Descriptor find(byte[] source, Optional<BytePath> base) {
    return base.isPresent()
        ? RootedCalls.open(base.get().bytes(), source, OpenFlags.O_PATH)
        : FileCalls.open(Syscall.AT_FDCWD, source, OpenFlags.O_PATH, 0);
  }
}
