package dev.belljar.namespaces.net;

import java.util.HexFormat;

/**
 * The hardware address of an Ethernet link.
 *
 * @param value its six bytes as a number, 0 to 2^48-1
 */
public record MacAddress(long value) {
  private static final int SIZE = 6;
  private static final long LARGEST = 0xffff_ffff_ffffL;
  private static final HexFormat COLONS = HexFormat.ofDelimiter(":");

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException when it does not fit into six bytes
   */
  public MacAddress {
    if (value < 0 || value > LARGEST) {
      throw new IllegalArgumentException("a MAC address has 6 bytes, not 0x" + hex(value));
    }
  }

  private static String hex(long value) {
    return Long.toHexString(value);
  }

  /**
   * Reads an address as ip(8) prints it.
   *
   * @param text such as {@code 02:00:0a:01:00:02}
   * @return the address
   * @throws IllegalArgumentException when it is none
   */
  public static MacAddress parse(String text) {
    byte[] bytes;
    try {
      bytes = COLONS.parseHex(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + text + "' is no MAC address", e);
    }
    if (bytes.length != SIZE) {
      throw new IllegalArgumentException("'" + text + "' is no MAC address of 6 bytes");
    }
    return of(bytes);
  }

  static MacAddress of(byte[] bytes) {
    long value = 0;
    for (byte b : bytes) {
      value = value << 8 | b & 0xff;
    }
    return new MacAddress(value);
  }

  byte[] bytes() {
    byte[] bytes = new byte[SIZE];
    for (int i = 0; i < SIZE; i++) {
      bytes[i] = (byte) (value >> 8 * (SIZE - 1 - i));
    }
    return bytes;
  }

  /** Prints it as ip(8) does. */
  @Override
  public String toString() {
    return COLONS.formatHex(bytes());
  }
}
