package dev.belljar.linux.asm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Wraps a program into a static ELF file that the kernel executes without an interpreter.
 *
 * <p>The file has three program headers: the code (read, execute), the data (read, write), and
 * PT_GNU_STACK, without which the kernel would make the stack, and on old kernels all readable
 * memory, executable. See {@code elf(5)}.
 */
public final class ElfImage {
  private static final int ELF_HEADER_SIZE = 64;
  private static final int PROGRAM_HEADER_SIZE = 56;
  private static final short ET_EXEC = 2;
  private static final int PT_LOAD = 1;
  private static final int PT_GNU_STACK = 0x6474e551;
  private static final int EXECUTE = 1;
  private static final int WRITE = 2;
  private static final int READ = 4;

  private ElfImage() {}

  /**
   * Returns the complete file.
   *
   * @param isa the instruction set that will execute it
   * @param data the data segment, laid out as {@link ImageLayout} says
   * @throws IllegalArgumentException if the data is too short to hold its own header
   */
  public static byte[] wrap(Isa isa, byte[] data) {
    if (data.length < ImageLayout.CELLS) {
      throw new IllegalArgumentException(
          "data of %d bytes, the header alone has %d".formatted(data.length, ImageLayout.CELLS));
    }
    return wrap(isa, MachineCode.of(isa).runner(), data);
  }

  static byte[] wrap(Isa isa, byte[] code, byte[] data) {
    ByteBuffer file =
        ByteBuffer.allocate(ImageLayout.DATA_OFFSET + data.length).order(ByteOrder.LITTLE_ENDIAN);
    putElfHeader(file, isa);
    putSegment(file, READ | EXECUTE, 0, ImageLayout.BASE, ImageLayout.CODE_OFFSET + code.length);
    putSegment(file, READ | WRITE, ImageLayout.DATA_OFFSET, ImageLayout.DATA_ADDRESS, data.length);
    putProgramHeader(file, PT_GNU_STACK, READ | WRITE, 0, 0, 0, 16);
    file.put(ImageLayout.CODE_OFFSET, code);
    file.put(ImageLayout.DATA_OFFSET, data);
    return file.array();
  }

  private static void putElfHeader(ByteBuffer file, Isa isa) {
    byte class64 = 2;
    byte littleEndian = 1;
    byte version = 1;
    file.put(new byte[] {0x7f, 'E', 'L', 'F', class64, littleEndian, version});
    file.position(16);
    file.putShort(ET_EXEC).putShort((short) isa.elfMachine()).putInt(version);
    file.putLong(ImageLayout.ENTRY).putLong(ELF_HEADER_SIZE);
    file.putLong(0).putInt(0); // no section headers, no flags
    file.putShort((short) ELF_HEADER_SIZE).putShort((short) PROGRAM_HEADER_SIZE);
    file.putShort((short) 3).putShort((short) 0).putShort((short) 0).putShort((short) 0);
  }

  private static void putSegment(ByteBuffer file, int flags, int offset, int address, int size) {
    putProgramHeader(file, PT_LOAD, flags, offset, address, size, ImageLayout.SEGMENT_ALIGNMENT);
  }

  private static void putProgramHeader(
      ByteBuffer file, int type, int flags, int offset, int address, int size, int alignment) {
    file.putInt(type).putInt(flags).putLong(offset);
    file.putLong(address).putLong(address); // virtual, physical
    file.putLong(size).putLong(size); // in the file, in memory
    file.putLong(alignment);
  }
}
