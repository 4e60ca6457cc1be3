package dev.belljar.linux.call;

import static dev.belljar.linux.call.Strace.check;
import static dev.belljar.linux.call.Strace.quote;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Calls on extended attributes: values that a file carries beside its contents.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/xattr.7.html">xattr(7)</a>
 */
public final class AttributeCalls {
  private static final int LONGEST = 1024;
  private static final int LARGEST = 65_536; // XATTR_SIZE_MAX and XATTR_LIST_MAX

  private AttributeCalls() {}

  /**
   * Reads an attribute.
   *
   * @param fd the file or directory
   * @param name the attribute's name, such as {@code user.origin}
   * @return its value, of at most 1024 bytes; empty when there is none of the name, or the file
   *     system knows no attributes
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/getxattr.2.html">fgetxattr(2)</a>
   */
  public static byte[] get(int fd, String name) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment value = scratch.allocate(LONGEST);
      long length =
          Syscall.call(SyscallNumber.FGETXATTR, fd, scratch.string(name), value.address(), LONGEST);
      if (length == -Uapi.ENODATA() || length == -Uapi.EOPNOTSUPP()) {
        return new byte[0];
      }
      check(length, () -> "fgetxattr(%d, \"%s\", ..., %d)".formatted(fd, name, LONGEST));
      return value.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /**
   * Tells whether a file system knows attributes of a kind.
   *
   * @param fd a file or directory, opened for reading
   * @param name the name of an attribute, which need not be there
   * @return false when it does not
   * @throws LinuxException when the kernel refuses for another reason
   * @see <a href="https://man7.org/linux/man-pages/man2/getxattr.2.html">fgetxattr(2)</a>
   */
  public static boolean supports(int fd, String name) {
    try (Scratch scratch = Scratch.open()) {
      long length = Syscall.call(SyscallNumber.FGETXATTR, fd, scratch.string(name), 0, 0);
      if (length == -Uapi.EOPNOTSUPP()) {
        return false;
      }
      if (length != -Uapi.ENODATA()) {
        check(length, () -> "fgetxattr(%d, \"%s\", NULL, 0)".formatted(fd, name));
      }
      return true;
    }
  }

  /**
   * Sets an attribute, whether there is one of the name or not.
   *
   * @param fd the file or directory
   * @param name the attribute's name, such as {@code user.origin}
   * @param value its value, as ASCII text
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/setxattr.2.html">fsetxattr(2)</a>
   */
  public static void set(int fd, String name, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
    try (Scratch scratch = Scratch.open()) {
      check(
          Syscall.call(
              SyscallNumber.FSETXATTR,
              fd,
              scratch.string(name),
              scratch.string(bytes),
              bytes.length,
              0),
          () -> "fsetxattr(%d, \"%s\", %s, %d, 0)".formatted(fd, name, quote(bytes), bytes.length));
    }
  }

  /**
   * Returns all attributes of an entry of a directory, a link not followed.
   *
   * @param dirfd the directory
   * @param name the entry
   * @return values by name, in the names' order; none where the file system knows no attributes
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/listxattr.2.html">llistxattr(2)</a>
   */
  public static SortedMap<String, byte[]> all(int dirfd, byte[] name) {
    SortedMap<String, byte[]> attributes = new TreeMap<>();
    byte[] path = NodeCalls.pathOf(dirfd, name);
    try (Scratch scratch = Scratch.open()) {
      MemorySegment names = scratch.allocate(LARGEST);
      long length =
          Syscall.call(SyscallNumber.LLISTXATTR, scratch.string(path), names.address(), LARGEST);
      if (length == -Uapi.EOPNOTSUPP()) {
        return attributes;
      }
      check(length, () -> "llistxattr(%s, ..., %d)".formatted(quote(path), LARGEST));
      String all =
          new String(
              names.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
      for (String each : all.split("\0")) {
        if (!each.isEmpty()) {
          value(path, each).ifPresent(value -> attributes.put(each, value));
        }
      }
    }
    return attributes;
  }

  /**
   * Returns an attribute of an entry of a directory, a link not followed.
   *
   * @param dirfd the directory
   * @param name the entry
   * @param attribute the attribute's name
   * @return its value; empty when there is none, or this user may not see it
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/getxattr.2.html">lgetxattr(2)</a>
   */
  public static Optional<byte[]> get(int dirfd, byte[] name, String attribute) {
    return value(NodeCalls.pathOf(dirfd, name), attribute);
  }

  private static Optional<byte[]> value(byte[] path, String attribute) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment value = scratch.allocate(LARGEST);
      long length =
          Syscall.call(
              SyscallNumber.LGETXATTR,
              scratch.string(path),
              scratch.string(attribute),
              value.address(),
              LARGEST);
      if (length == -Uapi.ENODATA() || length == -Uapi.EOPNOTSUPP()) {
        return Optional.empty();
      }
      check(
          length,
          () -> "lgetxattr(%s, \"%s\", ..., %d)".formatted(quote(path), attribute, LARGEST));
      return Optional.of(value.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE));
    }
  }

  /**
   * Sets an attribute of an entry of a directory, a link not followed.
   *
   * @param dirfd the directory
   * @param name the entry
   * @param attribute the attribute's name
   * @param value its value
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/setxattr.2.html">lsetxattr(2)</a>
   */
  public static void set(int dirfd, byte[] name, String attribute, byte[] value) {
    byte[] path = NodeCalls.pathOf(dirfd, name);
    try (Scratch scratch = Scratch.open()) {
      check(
          Syscall.call(
              SyscallNumber.LSETXATTR,
              scratch.string(path),
              scratch.string(attribute),
              scratch.string(value),
              value.length,
              0),
          () ->
              "lsetxattr(%s, \"%s\", ..., %d, 0)".formatted(quote(path), attribute, value.length));
    }
  }

  /**
   * Takes an attribute from an entry of a directory, a link not followed.
   *
   * @param dirfd the directory
   * @param name the entry
   * @param attribute the attribute's name
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/removexattr.2.html">lremovexattr(2)</a>
   */
  public static void remove(int dirfd, byte[] name, String attribute) {
    byte[] path = NodeCalls.pathOf(dirfd, name);
    try (Scratch scratch = Scratch.open()) {
      check(
          Syscall.call(SyscallNumber.LREMOVEXATTR, scratch.string(path), scratch.string(attribute)),
          () -> "lremovexattr(%s, \"%s\")".formatted(quote(path), attribute));
    }
  }
}
