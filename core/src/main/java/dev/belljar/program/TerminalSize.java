package dev.belljar.program;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The size of a terminal's window.
 *
 * @param columns characters in a line
 * @param rows lines
 */
public record TerminalSize(int columns, int rows) {
  /** What terminals have had for long. */
  public static final TerminalSize USUAL = new TerminalSize(80, 24);

  private static final int LARGEST = 0xffff;

  /** Tells whether the kernel knows such a size. */
  public boolean isPossible() {
    return columns >= 1 && columns <= LARGEST && rows >= 1 && rows <= LARGEST;
  }

  /** Returns it as a {@code struct winsize}. */
  public byte[] bytes() {
    return ByteBuffer.allocate(4 * Short.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putShort((short) rows)
        .putShort((short) columns)
        .array();
  }
}
