package dev.belljar.linux.asm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ElfImageTest {
  private record ProgramHeader(
      int type, int flags, long offset, long address, long fileSize, long size, long alignment) {
    static ProgramHeader read(ByteBuffer file, int index) {
      ByteBuffer header =
          file.slice((int) file.getLong(32) + 56 * index, 56).order(ByteOrder.LITTLE_ENDIAN);
      return new ProgramHeader(
          header.getInt(0),
          header.getInt(4),
          header.getLong(8),
          header.getLong(16),
          header.getLong(32),
          header.getLong(40),
          header.getLong(48));
    }
  }

  private static final int PT_LOAD = 1;
  private static final int PT_GNU_STACK = 0x6474e551;

  private static ByteBuffer wrap(Isa isa, byte[] data) {
    return ByteBuffer.wrap(ElfImage.wrap(isa, data)).order(ByteOrder.LITTLE_ENDIAN);
  }

  @ParameterizedTest
  @EnumSource
  void headerIsOfAStaticExecutableForTheProcessor(Isa isa) {
    ByteBuffer file = wrap(isa, new byte[1000]);

    byte[] identification = new byte[8];
    file.get(0, identification);
    assertThat(identification)
        .containsExactly(0x7f, 'E', 'L', 'F', 2 /* 64 bits */, 1 /* little-endian */, 1, 0);
    assertThat(file.getShort(16)).as("e_type").isEqualTo((short) 2);
    assertThat(file.getShort(18)).as("e_machine").isEqualTo((short) (isa == Isa.X86_64 ? 62 : 183));
    assertThat(file.getLong(24)).as("e_entry").isEqualTo(0x400100);
    assertThat(file.getLong(32)).as("e_phoff").isEqualTo(64);
    assertThat(file.getShort(52)).as("e_ehsize").isEqualTo((short) 64);
    assertThat(file.getShort(54)).as("e_phentsize").isEqualTo((short) 56);
    assertThat(file.getShort(56)).as("e_phnum").isEqualTo((short) 3);
    assertThat(file.getShort(60)).as("e_shnum").isEqualTo((short) 0);
  }

  @ParameterizedTest
  @EnumSource
  void codeIsExecutableDataIsWritableAndTheStackIsNotExecutable(Isa isa) {
    ByteBuffer file = wrap(isa, new byte[1000]);
    int codeEnd = 0x100 + MachineCode.of(isa).runner().length;

    assertThat(ProgramHeader.read(file, 0))
        .isEqualTo(new ProgramHeader(PT_LOAD, 5, 0, 0x400000, codeEnd, codeEnd, 0x10000));
    assertThat(ProgramHeader.read(file, 1))
        .isEqualTo(new ProgramHeader(PT_LOAD, 6, 0x400, 0x410400, 1000, 1000, 0x10000));
    assertThat(ProgramHeader.read(file, 2))
        .isEqualTo(new ProgramHeader(PT_GNU_STACK, 6, 0, 0, 0, 0, 16));
  }

  @Property(tries = 50)
  void codeAndDataStandWhereTheLayoutSays(
      @ForAll Isa isa, @ForAll @Size(min = ImageLayout.CELLS, max = 5000) byte[] data) {
    byte[] file = ElfImage.wrap(isa, data);
    byte[] code = MachineCode.of(isa).runner();

    assertThat(file).hasSize(0x400 + data.length);
    assertThat(Arrays.copyOfRange(file, 0x100, 0x100 + code.length)).isEqualTo(code);
    assertThat(Arrays.copyOfRange(file, 0x100 + code.length, 0x400)).containsOnly(0);
    assertThat(Arrays.copyOfRange(file, 0x400, file.length)).isEqualTo(data);
  }

  @Test
  void dataWithoutItsHeaderIsRefused() {
    assertThatThrownBy(() -> ElfImage.wrap(Isa.X86_64, new byte[ImageLayout.CELLS - 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("63 bytes");
  }

  @ParameterizedTest
  @EnumSource
  void machineCodeCannotBeChangedByItsUsers(Isa isa) {
    MachineCode code = MachineCode.of(isa);
    code.runner()[0] ^= 1;
    code.stub()[0] ^= 1;

    assertThat(code.runner()).isNotEqualTo(changedFirst(code.runner()));
    assertThat(MachineCode.of(isa).runner()).isEqualTo(code.runner());
    assertThat(MachineCode.of(isa).stub()).isEqualTo(code.stub());
  }

  private static byte[] changedFirst(byte[] bytes) {
    bytes[0] ^= 1;
    return bytes;
  }
}
