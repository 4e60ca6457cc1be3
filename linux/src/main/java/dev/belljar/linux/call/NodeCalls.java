package dev.belljar.linux.call;

import static dev.belljar.linux.call.Strace.check;
import static dev.belljar.linux.call.Strace.quote;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.DeviceNumber;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Calls on names in an open directory: links, nodes, owners, permissions, times. None follows a
 * link; names are single, and bytes.
 */
public final class NodeCalls {
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int LONGEST_LINK = 4096;
  private static final int PERMISSIONS = 07777;
  private static final byte[] ITSELF = {};

  private NodeCalls() {}

  /**
   * Makes a symbolic link.
   *
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/symlink.2.html">symlinkat(2)</a>
   */
  public static void symlink(byte[] target, int dirfd, byte[] name) {
    try (Scratch scratch = Scratch.open()) {
      check(
          Syscall.call(
              SyscallNumber.SYMLINKAT, scratch.string(target), dirfd, scratch.string(name)),
          () -> symlinkCall(target, dirfd, name));
    }
  }

  /** The call as strace would print it. */
  static String symlinkCall(byte[] target, int dirfd, byte[] name) {
    return "symlinkat(%s, %d, %s)".formatted(quote(target), dirfd, quote(name));
  }

  /**
   * Reads a symbolic link.
   *
   * @return its target
   * @throws LinuxException when the kernel refuses, EINVAL when it is none
   * @see <a href="https://man7.org/linux/man-pages/man2/readlink.2.html">readlinkat(2)</a>
   */
  public static byte[] readLink(int dirfd, byte[] name) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment target = scratch.allocate(LONGEST_LINK);
      long length =
          check(
              Syscall.call(
                  SyscallNumber.READLINKAT,
                  dirfd,
                  scratch.string(name),
                  target.address(),
                  LONGEST_LINK),
              () -> "readlinkat(%d, %s, ..., %d)".formatted(dirfd, quote(name), LONGEST_LINK));
      return target.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /**
   * Gives a file one more name.
   *
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/link.2.html">linkat(2)</a>
   */
  public static void link(int from, byte[] old, int to, byte[] name) {
    try (Scratch scratch = Scratch.open()) {
      check(
          Syscall.call(
              SyscallNumber.LINKAT, from, scratch.string(old), to, scratch.string(name), 0),
          () -> "linkat(%d, %s, %d, %s, 0)".formatted(from, quote(old), to, quote(name)));
    }
  }

  /**
   * Makes a FIFO, socket or device node.
   *
   * @throws LinuxException when the kernel refuses, EPERM for a device without privilege
   * @see <a href="https://man7.org/linux/man-pages/man2/mknod.2.html">mknodat(2)</a>
   */
  public static void makeNode(int dirfd, byte[] name, int mode, DeviceNumber device) {
    try (Scratch scratch = Scratch.open()) {
      check(
          Syscall.call(SyscallNumber.MKNODAT, dirfd, scratch.string(name), mode, device.encoded()),
          () ->
              "mknodat(%d, %s, 0%s, %s)"
                  .formatted(dirfd, quote(name), Integer.toOctalString(mode), device));
    }
  }

  /**
   * Gives a file to a user and a group.
   *
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/chown.2.html">fchownat(2)</a>
   */
  public static void changeOwner(int dirfd, byte[] name, long uid, long gid) {
    int flags = name.length == 0 ? Uapi.AT_EMPTY_PATH() : AT_SYMLINK_NOFOLLOW;
    try (Scratch scratch = Scratch.open()) {
      check(
          Syscall.call(SyscallNumber.FCHOWNAT, dirfd, scratch.string(name), uid, gid, flags),
          () -> "fchownat(%d, %s, %d, %d, %d)".formatted(dirfd, quote(name), uid, gid, flags));
    }
  }

  /**
   * Sets the permissions of what is no symbolic link.
   *
   * <p>fchmodat(2) would follow one, also one that has taken the name's place since somebody
   * looked, and fchmodat2(2) came with Linux 6.6: so the file is opened first, and then named by
   * its descriptor.
   *
   * @param dirfd the directory
   * @param name the file's name
   * @param mode of which the permissions are taken
   * @throws LinuxException when the kernel refuses, ELOOP when it is a symbolic link
   * @see <a href="https://man7.org/linux/man-pages/man2/chmod.2.html">chmod(2)</a>
   */
  public static void changeMode(int dirfd, byte[] name, int mode) {
    int permissions = mode & PERMISSIONS;
    int flags = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW;
    try (Descriptor file = FileCalls.open(dirfd, name, flags, 0)) {
      if (FileDetails.of(file.number(), ITSELF).orElseThrow().type() == FileDetails.LINK) {
        throw new LinuxException(
            Uapi.ELOOP(),
            "openat(%d, %s, O_PATH|O_NOFOLLOW)".formatted(dirfd, quote(name)),
            "setting the permissions of a file",
            "it is a symbolic link: somebody is changing the tree");
      }
      byte[] path = FileCalls.bytes("/proc/self/fd/" + file.number());
      try (Scratch scratch = Scratch.open()) {
        check(
            Syscall.call(
                SyscallNumber.FCHMODAT, Syscall.AT_FDCWD, scratch.string(path), permissions),
            () ->
                "fchmodat(AT_FDCWD, %s, 0%s)"
                    .formatted(quote(path), Integer.toOctalString(permissions)));
      }
    }
  }

  /**
   * Sets the times of a file to those of another.
   *
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/utimensat.2.html">utimensat(2)</a>
   */
  public static void setTimes(int dirfd, byte[] name, FileDetails like) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment times = scratch.allocate(32);
      times.set(ValueLayout.JAVA_LONG, 0, like.accessSeconds());
      times.set(ValueLayout.JAVA_LONG, 8, like.accessNanos());
      times.set(ValueLayout.JAVA_LONG, 16, like.changeSeconds());
      times.set(ValueLayout.JAVA_LONG, 24, like.changeNanos());
      check(
          Syscall.call(
              SyscallNumber.UTIMENSAT,
              dirfd,
              scratch.string(name),
              times.address(),
              AT_SYMLINK_NOFOLLOW),
          () -> "utimensat(%d, %s, ..., AT_SYMLINK_NOFOLLOW)".formatted(dirfd, quote(name)));
    }
  }

  /**
   * A path that names an entry of an open directory, or with an empty name the directory itself,
   * for calls that take no directory. The descriptor's own link would not be followed.
   */
  static byte[] pathOf(int dirfd, byte[] name) {
    byte[] before = FileCalls.bytes("/proc/self/fd/" + dirfd + (name.length == 0 ? "/." : "/"));
    byte[] path = Arrays.copyOf(before, before.length + name.length);
    System.arraycopy(name, 0, path, before.length, name.length);
    return path;
  }
}
