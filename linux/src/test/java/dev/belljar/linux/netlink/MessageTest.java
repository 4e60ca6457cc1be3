package dev.belljar.linux.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.linux.uapi.ifinfomsg;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Messages are read as they were written, and nothing that comes in can break the reader. */
class MessageTest {
  private static final int TYPES = 0x3fff;

  record Raw(int type, byte[] value) {}

  @Provide
  Arbitrary<List<Raw>> attributes() {
    return Combinators.combine(
            Arbitraries.integers().between(0, TYPES),
            Arbitraries.bytes().array(byte[].class).ofMaxSize(300))
        .as(Raw::new)
        .list()
        .ofMaxSize(20);
  }

  private static Attributes write(java.util.function.Consumer<MessageWriter> content) {
    NetlinkMessage message =
        NetlinkMessage.request(
            "test",
            16,
            0,
            writer -> {
              writer.struct(ifinfomsg.layout(), link -> ifinfomsg.ifi_index(link, 7));
              content.accept(writer);
            });
    MemorySegment memory = MemorySegment.ofArray(new long[(int) (message.size() + 7) / 8]);
    message.numbered(42, 4).writeTo(memory);
    NetlinkMessage read = NetlinkMessage.read(memory.asSlice(0, message.size())).getFirst();
    assertThat(read.sequence()).isEqualTo(42);
    assertThat(read.type()).isEqualTo(16);
    assertThat(read.flags()).isEqualTo(5);
    assertThat(ifinfomsg.ifi_index(read.body())).isEqualTo(7);
    return read.attributes(ifinfomsg.sizeof());
  }

  @Property(tries = 200)
  void attributesAreReadAsTheyWereWritten(@ForAll("attributes") List<Raw> raw) {
    Attributes read = write(writer -> raw.forEach(one -> writer.bytes(one.type(), one.value())));

    assertThat(read.all()).hasSize(raw.size());
    for (int i = 0; i < raw.size(); i++) {
      assertThat(read.all().get(i).type()).isEqualTo(raw.get(i).type());
      assertThat(read.all().get(i).bytes()).isEqualTo(raw.get(i).value());
    }
  }

  @Property(tries = 200)
  void nestedAttributesAreReadAsTheyWereWritten(
      @ForAll("attributes") List<Raw> raw, @ForAll @IntRange(max = TYPES) int type) {
    Attributes read =
        write(writer ->
            writer.nested(type, inner -> raw.forEach(one -> inner.bytes(one.type(), one.value()))));

    List<byte[]> values = new ArrayList<>();
    read.nested(type).all().forEach(one -> values.add(one.bytes()));
    assertThat(values).containsExactlyElementsOf(raw.stream().map(Raw::value).toList());
  }

  @Property(tries = 200)
  void numbersAreReadAsTheyWereWritten(@ForAll long value) {
    Attributes read =
        write(writer ->
            writer
                .u8(1, (int) value)
                .u16(2, (int) value)
                .u32(3, value)
                .u64(4, value)
                .big16(5, (int) value)
                .big32(6, value)
                .big64(7, value));

    assertThat(read.get(1).orElseThrow().u8()).isEqualTo((int) (value & 0xff));
    assertThat(read.get(2).orElseThrow().u16()).isEqualTo((int) (value & 0xffff));
    assertThat(read.get(3).orElseThrow().u32()).isEqualTo(value & 0xffffffffL);
    assertThat(read.get(3).orElseThrow().s32()).isEqualTo((int) value);
    assertThat(read.get(4).orElseThrow().u64()).isEqualTo(value);
    assertThat(read.get(5).orElseThrow().big16()).isEqualTo((int) (value & 0xffff));
    assertThat(read.get(6).orElseThrow().big32()).isEqualTo(value & 0xffffffffL);
    assertThat(read.get(7).orElseThrow().big64()).isEqualTo(value);
    assertThat(read.get(7).orElseThrow().bytes()).startsWith((byte) (value >>> 56));
  }

  @Property(tries = 500)
  void whateverComesInIsReadOrRefused(@ForAll @Size(max = 200) byte[] bytes) {
    MemorySegment memory = MemorySegment.ofArray(new long[(bytes.length + 7) / 8]);
    MemorySegment.copy(bytes, 0, memory, ValueLayout.JAVA_BYTE, 0, bytes.length);
    MemorySegment exact = memory.asSlice(0, bytes.length);
    try {
      Attributes.read(exact);
    } catch (IllegalArgumentException malformed) {
      assertThat(malformed).hasMessageContaining("malformed");
    }
    try {
      NetlinkMessage.read(exact);
    } catch (IllegalArgumentException malformed) {
      assertThat(malformed).hasMessageContaining("malformed");
    }
  }

  @Test
  void textEndsWithNulAndIsReadUpToIt() {
    Attributes read = write(writer -> writer.text(3, "eth0").bytes(4, new byte[] {'a'}).flag(5));

    assertThat(read.get(3).orElseThrow().bytes()).containsExactly('e', 't', 'h', '0', 0);
    assertThat(read.get(3).orElseThrow().text()).isEqualTo("eth0");
    assertThat(read.get(4).orElseThrow().text()).isEqualTo("a");
    assertThat(read.get(5).orElseThrow().bytes()).isEmpty();
    assertThat(read.get(6)).isEmpty();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> write(writer -> writer.text(3, "a\0b")))
        .withMessageContaining("NUL");
  }

  @Test
  void anAttributeThatIsTooLongOrTooShortIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> write(writer -> writer.bytes(1, new byte[65532])))
        .withMessageContaining("65531");
    assertThat(write(writer -> writer.bytes(1, new byte[65531])).get(1)).isPresent();
    Attribute small = write(writer -> writer.u8(1, 1)).get(1).orElseThrow();
    assertThatIllegalArgumentException().isThrownBy(small::u32).withMessageContaining("1 bytes");
  }
}
