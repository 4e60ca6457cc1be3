package dev.belljar.linux;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A string as Linux has it: any bytes but NUL.
 *
 * <p>The kernel attaches no character set to what it stores, so the source of a mount or a mount
 * option may be anything. Such values are kept as bytes, which loses nothing, and shown as UTF-8.
 * Instances are immutable, compared byte by byte (unsigned), and may be empty. File names and paths
 * are {@link BytePath}.
 */
public final class ByteString implements Comparable<ByteString> {
  private final byte[] bytes;

  private ByteString(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Returns the UTF-8 bytes of a text.
   *
   * @param text any text
   * @return its bytes
   * @throws IllegalArgumentException when the text holds a NUL or half a surrogate pair
   */
  public static ByteString of(String text) {
    return new ByteString(requireNoNul(encode(text)));
  }

  /**
   * Returns a string of the given bytes.
   *
   * @param bytes any bytes but NUL; they are copied
   * @return the string
   * @throws IllegalArgumentException when a byte is NUL
   */
  public static ByteString ofBytes(byte[] bytes) {
    return new ByteString(requireNoNul(bytes.clone()));
  }

  /**
   * Returns the bytes, without a terminating NUL.
   *
   * @return a copy
   */
  public byte[] bytes() {
    return bytes.clone();
  }

  /**
   * Returns the length in bytes.
   *
   * @return 0 or more
   */
  public int length() {
    return bytes.length;
  }

  /**
   * Tells whether there are no bytes.
   *
   * @return true when the length is 0
   */
  public boolean isEmpty() {
    return bytes.length == 0;
  }

  /** Compares byte by byte, unsigned, as {@link #equals} does. */
  @Override
  public int compareTo(ByteString other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ByteString string && Arrays.equals(bytes, string.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /**
   * Returns the bytes decoded as UTF-8, safe to print.
   *
   * <p>Bytes that are not UTF-8, control characters, invisible formatting characters (such as those
   * that change the direction of text) and line separators are escaped byte by byte as {@code
   * \xff}, except {@code \n}, {@code \r} and {@code \t}; a backslash is doubled. Different strings
   * therefore look different.
   */
  @Override
  public String toString() {
    return display(bytes);
  }

  static byte[] encode(String text) {
    try {
      ByteBuffer encoded =
          StandardCharsets.UTF_8
              .newEncoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .encode(CharBuffer.wrap(text));
      byte[] bytes = new byte[encoded.remaining()];
      encoded.get(bytes);
      return bytes;
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "half a surrogate pair, which UTF-8 cannot express, in: " + text, e);
    }
  }

  static byte[] requireNoNul(byte[] bytes) {
    for (int i = 0; i < bytes.length; i++) {
      if (bytes[i] == 0) {
        throw new IllegalArgumentException(
            "NUL, which no string of the kernel can hold, at byte %d of: %s"
                .formatted(i, display(bytes)));
      }
    }
    return bytes;
  }

  static String display(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    var decoder = StandardCharsets.UTF_8.newDecoder(); // reports malformed input
    while (true) {
      var result = decoder.decode(in, out, true);
      appendEscaped(text, out.flip());
      out.clear();
      if (!result.isError()) {
        return text.toString();
      }
      for (int i = 0; i < result.length(); i++) {
        appendByte(text, in.get());
      }
    }
  }

  private static void appendEscaped(StringBuilder text, CharSequence decoded) {
    decoded
        .codePoints()
        .forEach(c -> {
          switch (c) {
            case '\\' -> text.append("\\\\");
            case '\n' -> text.append("\\n");
            case '\r' -> text.append("\\r");
            case '\t' -> text.append("\\t");
            default -> {
              if (isVisible(c)) {
                text.appendCodePoint(c);
              } else {
                for (byte b : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                  appendByte(text, b);
                }
              }
            }
          }
        });
  }

  private static boolean isVisible(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      default -> true;
    };
  }

  private static void appendByte(StringBuilder text, byte b) {
    text.append("\\x")
        .append(Character.forDigit((b >> 4) & 0xf, 16))
        .append(Character.forDigit(b & 0xf, 16));
  }
}
