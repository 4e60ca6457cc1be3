package dev.belljar.linux.netlink;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One attribute of a netlink message. What is longer than asked for is cut, since later kernels
 * make structs longer; what is shorter is an error.
 *
 * @param type its number, without flags
 * @param value its value
 */
public record Attribute(int type, MemorySegment value) {
  static final int TYPE_MASK = 0x3fff; // NLA_TYPE_MASK: without NLA_F_NESTED, NLA_F_NET_BYTEORDER
  private static final ValueLayout.OfShort BIG_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt BIG_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong BIG_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private MemorySegment atLeast(long size) {
    if (value.byteSize() < size) {
      throw new IllegalArgumentException(
          "netlink attribute %d has %d bytes instead of %d"
              .formatted(type, value.byteSize(), size));
    }
    return value;
  }

  /** Returns 8 bits as a number from 0 on. */
  public int u8() {
    return atLeast(1).get(ValueLayout.JAVA_BYTE, 0) & 0xff;
  }

  /** Returns 16 bits as a number from 0 on. */
  public int u16() {
    return atLeast(2).get(ValueLayout.JAVA_SHORT_UNALIGNED, 0) & 0xffff;
  }

  /** Returns 32 bits as a number from 0 on. */
  public long u32() {
    return atLeast(4).get(ValueLayout.JAVA_INT_UNALIGNED, 0) & 0xffffffffL;
  }

  /** Returns 32 bits as a number with a sign. */
  public int s32() {
    return (int) u32();
  }

  /** Returns 64 bits. */
  public long u64() {
    return atLeast(8).get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
  }

  /** Returns 16 bits in the byte order of the network. */
  public int big16() {
    return atLeast(2).get(BIG_SHORT, 0) & 0xffff;
  }

  /** Returns 32 bits in the byte order of the network. */
  public long big32() {
    return atLeast(4).get(BIG_INT, 0) & 0xffffffffL;
  }

  /** Returns 64 bits in the byte order of the network. */
  public long big64() {
    return atLeast(8).get(BIG_LONG, 0);
  }

  /** Returns text up to its NUL. */
  public String text() {
    byte[] bytes = bytes();
    int length = 0;
    while (length < bytes.length && bytes[length] != 0) {
      length++;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  /** Returns a copy of the bytes. */
  public byte[] bytes() {
    return value.toArray(ValueLayout.JAVA_BYTE);
  }

  /** Returns the attributes in it. */
  public Attributes nested() {
    return Attributes.read(value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Attribute attribute
        && attribute.type == type
        && attribute.value.mismatch(value) == -1;
  }

  @Override
  public int hashCode() {
    return 31 * type + Arrays.hashCode(bytes());
  }

  @Override
  public String toString() {
    return type + "=" + Arrays.toString(bytes());
  }
}
