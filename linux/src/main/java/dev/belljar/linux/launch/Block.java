package dev.belljar.linux.launch;

import dev.belljar.linux.call.Strace;
import java.util.Arrays;
import java.util.HexFormat;

/** Bytes that a program carries: a string, a struct, memory that a call fills. */
public final class Block {
  private static final int SHOWN = 16;

  private final byte[] bytes;

  Block(byte[] bytes) {
    this.bytes = bytes.clone();
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

  /** Prints a string as strace does, anything else as its size or its first bytes. */
  @Override
  public String toString() {
    if (isText()) {
      return Strace.quote(Arrays.copyOf(bytes, bytes.length - 1));
    }
    if (bytes.length > SHOWN) {
      return "{" + bytes.length + " bytes}";
    }
    return "{" + HexFormat.of().formatHex(bytes) + "}";
  }
}
