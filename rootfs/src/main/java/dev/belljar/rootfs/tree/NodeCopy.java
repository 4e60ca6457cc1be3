package dev.belljar.rootfs.tree;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.AttributeCalls;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.FileDetails;
import dev.belljar.linux.call.NodeCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.call.Strace;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.Predicate;

/**
 * Copies single files of any type with owner, permissions, attributes and times; holes stay holes.
 */
final class NodeCopy {
  private static final int SEEK_SET = 0;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final long NOTHING_BUT_A_HOLE = -Errno.ENXIO.number();
  private static final int FOR_OWNER = 0700;

  private final Predicate<String> isLeftOut;

  /**
   * Begins.
   *
   * @param isLeftOut which attributes are not copied
   */
  NodeCopy(Predicate<String> isLeftOut) {
    this.isLeftOut = isLeftOut;
  }

  /** Copies what is no directory to a name that does not exist. */
  void file(int from, byte[] name, FileDetails details, int to) {
    switch (details.type()) {
      case FileDetails.REGULAR -> contents(from, name, details, to);
      case FileDetails.LINK -> NodeCalls.symlink(NodeCalls.readLink(from, name), to, name);
      default ->
          NodeCalls.makeNode(
              to, name, details.type() | details.mode() & FOR_OWNER, details.represents());
    }
    properties(from, name, details, to);
  }

  /** Makes a file or directory have the owner, permissions, attributes and times of another. */
  void properties(int from, byte[] name, FileDetails details, int to) {
    NodeCalls.changeOwner(to, name, details.uid(), details.gid());
    attributes(from, name, to);
    if (details.type() != FileDetails.LINK) {
      NodeCalls.changeMode(to, name, details.mode()); // after the owner, which takes setuid away
    }
    NodeCalls.setTimes(to, name, details);
  }

  private void attributes(int from, byte[] name, int to) {
    SortedMap<String, byte[]> wanted = AttributeCalls.all(from, name);
    SortedMap<String, byte[]> present = AttributeCalls.all(to, name);
    for (String each : present.keySet()) {
      if (!wanted.containsKey(each) && !isLeftOut.test(each)) {
        AttributeCalls.remove(to, name, each);
      }
    }
    for (Map.Entry<String, byte[]> each : wanted.entrySet()) {
      if (!isLeftOut.test(each.getKey())
          && !Arrays.equals(present.get(each.getKey()), each.getValue())) {
        AttributeCalls.set(to, name, each.getKey(), each.getValue());
      }
    }
  }

  private static void contents(int from, byte[] name, FileDetails details, int to) {
    int flags = OpenFlags.O_WRONLY | OpenFlags.O_CREAT | OpenFlags.O_EXCL | OpenFlags.O_NOFOLLOW;
    try (Descriptor source = readable(from, name, details);
        Descriptor target = FileCalls.open(to, name, flags, 0600)) {
      copyData(source.number(), target.number(), details.size());
    }
  }

  // A file of this user that he may not read is opened to him for that moment.
  private static Descriptor readable(int from, byte[] name, FileDetails details) {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_NOFOLLOW | OpenFlags.O_NONBLOCK;
    try {
      return FileCalls.open(from, name, flags, 0);
    } catch (LinuxException e) {
      if (!e.is(Errno.EACCES)) {
        throw e;
      }
      try {
        NodeCalls.changeMode(from, name, details.mode() | FOR_OWNER);
      } catch (LinuxException refused) {
        throw e;
      }
      try {
        return FileCalls.open(from, name, flags, 0);
      } finally {
        NodeCalls.changeMode(from, name, details.mode());
      }
    }
  }

  static void copyData(int from, int to, long size) {
    long at = 0;
    while (at < size) {
      long data = seek(from, at, SEEK_DATA, "SEEK_DATA", at);
      if (data == NOTHING_BUT_A_HOLE || data >= size) {
        break;
      }
      long end = Math.min(seek(from, data, SEEK_HOLE, "SEEK_HOLE", size), size);
      seek(from, data);
      seek(to, data);
      FileCalls.copy(from, to, end - data);
      at = end;
    }
    Strace.check(
        Syscall.call(SyscallNumber.FTRUNCATE, to, size),
        () -> "ftruncate(%d, %d)".formatted(to, size));
  }

  /** Looks for data or a hole; files of the kernel, such as those of /sys, know of neither. */
  private static long seek(int fd, long from, int what, String name, long otherwise) {
    long found = Syscall.call(SyscallNumber.LSEEK, fd, from, what);
    if (found == -Errno.EINVAL.number()) {
      return otherwise;
    }
    if (found != NOTHING_BUT_A_HOLE) {
      Strace.check(found, () -> "lseek(%d, %d, %s)".formatted(fd, from, name));
    }
    return found;
  }

  private static void seek(int fd, long at) {
    Strace.check(
        Syscall.call(SyscallNumber.LSEEK, fd, at, SEEK_SET),
        () -> "lseek(%d, %d, SEEK_SET)".formatted(fd, at));
  }
}
