package dev.belljar.linux.call;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Syscall;
import java.util.function.Supplier;

/**
 * Prints operands of system calls the way strace(1) does, and turns failed calls into exceptions.
 */
public final class Strace {
  private static final int SHOWN = 256;

  private Strace() {}

  /**
   * Quotes bytes as a C string: printable ASCII as it is, the rest escaped.
   *
   * @param bytes the bytes, of which the first 256 are shown
   * @return the quoted text
   */
  public static String quote(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length + 2).append('"');
    for (int i = 0; i < bytes.length && i < SHOWN; i++) {
      byte b = bytes[i];
      switch (b) {
        case '"' -> text.append("\\\"");
        case '\\' -> text.append("\\\\");
        case '\n' -> text.append("\\n");
        case '\t' -> text.append("\\t");
        default -> {
          if (b >= ' ' && b < 0x7f) {
            text.append((char) b);
          } else {
            text.append(String.format("\\%03o", b & 0xff));
          }
        }
      }
    }
    return text.append(bytes.length > SHOWN ? "\"..." : "\"").toString();
  }

  /**
   * Prints a directory descriptor.
   *
   * @param directory its number, or {@link Syscall#AT_FDCWD}
   * @return the number or the constant's name
   */
  public static String directory(int directory) {
    return directory == Syscall.AT_FDCWD ? "AT_FDCWD" : Integer.toString(directory);
  }

  /**
   * Returns a call's result, or throws what its error means.
   *
   * @param result what {@link Syscall} returned
   * @param call prints the call; asked only on failure
   * @return the result, never an error
   * @throws LinuxException when it is an error
   */
  public static long check(long result, Supplier<String> call) {
    if (Syscall.failed(result)) {
      throw new LinuxException((int) -result, call.get());
    }
    return result;
  }
}
