package dev.belljar.linux.netlink;

import dev.belljar.linux.uapi.Uapi;
import dev.belljar.linux.uapi.nlattr;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Writes what follows a netlink message's header: a fixed struct, then attributes, each padded to
 * four bytes.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/netlink.7.html">netlink(7)</a>
 */
public final class MessageWriter {
  static final int ALIGNMENT = 4;
  private static final int LONGEST = 0xffff;
  private static final ValueLayout.OfShort BIG_SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt BIG_INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong BIG_LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private MemorySegment memory = MemorySegment.ofArray(new long[32]);
  private long size;

  MessageWriter() {}

  /** Rounds a size up to where the next attribute begins. */
  static long aligned(long size) {
    return (size + ALIGNMENT - 1) & -ALIGNMENT;
  }

  private MemorySegment reserve(long bytes) {
    long start = aligned(size);
    long end = start + bytes;
    if (aligned(end) > memory.byteSize()) {
      long words = Math.max(memory.byteSize() * 2, aligned(end) + Long.BYTES) / Long.BYTES;
      MemorySegment larger = MemorySegment.ofArray(new long[Math.toIntExact(words)]);
      MemorySegment.copy(memory, 0, larger, 0, size);
      memory = larger;
    }
    size = end;
    return memory.asSlice(start, bytes);
  }

  /**
   * Adds a struct.
   *
   * @param layout its layout
   * @param fill sets its members, all 0 before
   * @return this writer
   */
  public MessageWriter struct(MemoryLayout layout, Consumer<MemorySegment> fill) {
    fill.accept(reserve(layout.byteSize()));
    return this;
  }

  /**
   * Adds an attribute whose value is a struct.
   *
   * @param type the attribute's number
   * @param bytes the struct's size
   * @param fill sets its members, all 0 before
   * @return this writer
   */
  public MessageWriter value(int type, long bytes, Consumer<MemorySegment> fill) {
    long length = nlattr.sizeof() + bytes;
    if (length > LONGEST) {
      throw new IllegalArgumentException("an attribute holds at most 65531 bytes, not " + bytes);
    }
    MemorySegment attribute = reserve(length);
    nlattr.nla_len(attribute, (short) length);
    nlattr.nla_type(attribute, (short) type);
    fill.accept(attribute.asSlice(nlattr.sizeof()));
    return this;
  }

  /** Adds an attribute of bytes. */
  public MessageWriter bytes(int type, byte[] value) {
    return value(type, value.length, memory -> memory.copyFrom(MemorySegment.ofArray(value)));
  }

  /** Adds an attribute that has no value: its presence says everything. */
  public MessageWriter flag(int type) {
    return value(type, 0, _ -> {});
  }

  /** Adds an attribute of 8 bits. */
  public MessageWriter u8(int type, int value) {
    return value(type, 1, memory -> memory.set(ValueLayout.JAVA_BYTE, 0, (byte) value));
  }

  /** Adds an attribute of 16 bits. */
  public MessageWriter u16(int type, int value) {
    return value(type, 2, memory -> memory.set(ValueLayout.JAVA_SHORT_UNALIGNED, 0, (short) value));
  }

  /** Adds an attribute of 32 bits. */
  public MessageWriter u32(int type, long value) {
    return value(type, 4, memory -> memory.set(ValueLayout.JAVA_INT_UNALIGNED, 0, (int) value));
  }

  /** Adds an attribute of 64 bits. */
  public MessageWriter u64(int type, long value) {
    return value(type, 8, memory -> memory.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value));
  }

  /** Adds an attribute of 16 bits in the byte order of the network. */
  public MessageWriter big16(int type, int value) {
    return value(type, 2, memory -> memory.set(BIG_SHORT, 0, (short) value));
  }

  /** Adds an attribute of 32 bits in the byte order of the network. */
  public MessageWriter big32(int type, long value) {
    return value(type, 4, memory -> memory.set(BIG_INT, 0, (int) value));
  }

  /** Adds an attribute of 64 bits in the byte order of the network. */
  public MessageWriter big64(int type, long value) {
    return value(type, 8, memory -> memory.set(BIG_LONG, 0, value));
  }

  /**
   * Adds an attribute of text, with the NUL that ends it.
   *
   * @param type the attribute's number
   * @param value the text
   * @return this writer
   * @throws IllegalArgumentException when the text holds a NUL
   */
  public MessageWriter text(int type, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    if (value.indexOf(0) >= 0) {
      throw new IllegalArgumentException("a text for the kernel holds a NUL character");
    }
    return value(type, bytes.length + 1L, memory -> memory.copyFrom(MemorySegment.ofArray(bytes)));
  }

  /**
   * Adds an attribute that holds attributes, marked as such.
   *
   * @param type the attribute's number
   * @param content writes what is in it
   * @return this writer
   */
  public MessageWriter nested(int type, Consumer<MessageWriter> content) {
    return plainNested(type | Uapi.NLA_F_NESTED(), content);
  }

  /** Adds an attribute that holds attributes, without the mark: some old ones refuse it. */
  public MessageWriter plainNested(int type, Consumer<MessageWriter> content) {
    MessageWriter inner = new MessageWriter();
    content.accept(inner);
    return value(type, aligned(inner.size), memory -> memory.copyFrom(inner.written()));
  }

  /** What has been written, padded to four bytes. */
  MemorySegment written() {
    return memory.asSlice(0, aligned(size));
  }
}
