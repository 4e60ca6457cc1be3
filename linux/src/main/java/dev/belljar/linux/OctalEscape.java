package dev.belljar.linux;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * The escapes by which {@code /proc} prints names in lines of words: a backslash and three octal
 * digits for each byte that would end a word.
 *
 * <p>The kernel escapes only the bytes it must and nothing else, so that what it prints may hold
 * control characters and bytes that are not UTF-8 ({@code mangle_path} in fs/seq_file.c).
 */
public final class OctalEscape {
  private static final int LENGTH = 4;

  private OctalEscape() {}

  /**
   * Decodes part of a line; a backslash that begins no escape stands for itself.
   *
   * @param line the bytes of the line
   * @param from where the part begins
   * @param to where it ends, exclusive
   * @return the bytes that the part stands for
   */
  public static byte[] decode(byte[] line, int from, int to) {
    byte[] decoded = new byte[to - from];
    int length = 0;
    for (int i = from; i < to; i++) {
      if (isEscape(line, i, to)) {
        decoded[length++] =
            (byte) ((line[i + 1] - '0') << 6 | (line[i + 2] - '0') << 3 | (line[i + 3] - '0'));
        i += LENGTH - 1;
      } else {
        decoded[length++] = line[i];
      }
    }
    return Arrays.copyOf(decoded, length);
  }

  /**
   * Appends bytes to a line.
   *
   * @param line what to append to
   * @param bytes the bytes
   * @param escaped the ASCII characters that are escaped
   */
  public static void encode(ByteArrayOutputStream line, byte[] bytes, String escaped) {
    for (byte b : bytes) {
      if (b > 0 && escaped.indexOf(b) >= 0) {
        line.write('\\');
        line.write('0' + (b >> 6));
        line.write('0' + (b >> 3 & 7));
        line.write('0' + (b & 7));
      } else {
        line.write(b);
      }
    }
  }

  private static boolean isEscape(byte[] line, int at, int to) {
    return line[at] == '\\'
        && at + LENGTH <= to
        && line[at + 1] >= '0'
        && line[at + 1] <= '3'
        && isOctal(line[at + 2])
        && isOctal(line[at + 3]);
  }

  private static boolean isOctal(byte b) {
    return b >= '0' && b <= '7';
  }
}
