package dev.belljar.cgroups.bpf;

import java.nio.ByteBuffer;

/**
 * An instruction of BPF: {@code struct bpf_insn} of {@code <linux/bpf.h>}.
 *
 * @param code what it does: one of the constants of {@link BpfAssembler}
 * @param destination a register, 0 to 10
 * @param source a register, 0 to 10
 * @param offset of a jump, counted from the next instruction, or into memory
 * @param immediate a constant operand
 * @see <a href="https://docs.kernel.org/bpf/standardization/instruction-set.html">BPF instruction
 *     set</a>
 */
public record BpfInstruction(int code, int destination, int source, int offset, int immediate) {
  /** Bytes of an instruction. */
  public static final int SIZE = 8;

  /** Makes an instruction. */
  public BpfInstruction {
    if (offset != (short) offset) {
      throw new IllegalArgumentException("an offset is a 16 bit number, not " + offset);
    }
  }

  void encode(ByteBuffer to) {
    // two bit fields, which C lays out from the low end on little-endian machines, as ours all are
    int registers = source << 4 | destination;
    to.put((byte) code).put((byte) registers).putShort((short) offset).putInt(immediate);
  }
}
