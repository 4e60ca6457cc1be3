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

/**
 * Calls on extended attributes: values that a file carries beside its contents.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/xattr.7.html">xattr(7)</a>
 */
public final class AttributeCalls {
  private static final int LONGEST = 1024;

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
}
