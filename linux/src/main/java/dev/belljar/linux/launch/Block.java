package dev.belljar.linux.launch;

import dev.belljar.linux.call.Strace;
import java.util.Arrays;
import java.util.HexFormat;

/** Bytes that a program carries: a string, a struct, memory that a call fills. */
public final class Block {
  private static final int SHOWN = 16;

  private final byte[] bytes;
  private final String text;

  Block(byte[] bytes) {
    this(bytes, "");
  }

  /**
   * Makes a block that says what its bytes are.
   *
   * @param bytes the contents
   * @param text how strace would print them; for people, so no part of what makes blocks equal
   */
  Block(byte[] bytes, String text) {
    this.bytes = bytes.clone();
    this.text = text;
  }

  /** Returns a copy of the initial contents. */
  public byte[] bytes() {
    return bytes.clone();
  }

  /** Returns the number of bytes. */
  public int size() {
    return bytes.length;
  }

  private boolean isText() {
    if (bytes.length == 0 || bytes[bytes.length - 1] != 0) {
      return false;
    }
    for (int i = 0; i < bytes.length - 1; i++) {
      if (bytes[i] == 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Block block && Arrays.equals(bytes, block.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /** Prints a string as strace does, a struct as described, anything else as its size or bytes. */
  @Override
  public String toString() {
    if (!text.isEmpty()) {
      return text;
    }
    if (isText()) {
      return Strace.quote(Arrays.copyOf(bytes, bytes.length - 1));
    }
    if (bytes.length > SHOWN) {
      return "{" + bytes.length + " bytes}";
    }
    return "{" + HexFormat.of().formatHex(bytes) + "}";
  }
}
