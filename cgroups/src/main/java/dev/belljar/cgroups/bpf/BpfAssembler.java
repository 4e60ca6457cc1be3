package dev.belljar.cgroups.bpf;

import dev.belljar.linux.uapi.Uapi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Writes a BPF program, instruction by instruction. Registers are numbers from 0 to 10. */
public final class BpfAssembler {
  private static final int WORD = 0; // BPF_W

  /** Loads a 32 bit number from memory: {@code dst = *(u32 *)(src + off)}. */
  public static final int LOAD_WORD = Uapi.BPF_LDX() | WORD | Uapi.BPF_MEM();

  /** {@code dst = imm}. */
  public static final int MOVE = Uapi.BPF_ALU64() | Uapi.BPF_MOV() | Uapi.BPF_K();

  /** {@code dst = src}. */
  public static final int MOVE_REGISTER = Uapi.BPF_ALU64() | Uapi.BPF_MOV() | Uapi.BPF_X();

  /** {@code dst &= imm}. */
  public static final int AND = Uapi.BPF_ALU64() | Uapi.BPF_AND() | Uapi.BPF_K();

  /** {@code dst >>>= imm}. */
  public static final int SHIFT_RIGHT = Uapi.BPF_ALU64() | Uapi.BPF_RSH() | Uapi.BPF_K();

  /** Jumps always. */
  public static final int JUMP = Uapi.BPF_JMP() | Uapi.BPF_JA();

  /** Jumps when {@code dst != imm}. */
  public static final int JUMP_UNEQUAL = Uapi.BPF_JMP() | Uapi.BPF_JNE() | Uapi.BPF_K();

  /** Jumps when {@code (dst & imm) != 0}. */
  public static final int JUMP_ANY_BIT = Uapi.BPF_JMP() | Uapi.BPF_JSET() | Uapi.BPF_K();

  /** Ends the program; register 0 is its result. */
  public static final int EXIT = Uapi.BPF_JMP() | Uapi.BPF_EXIT();

  private final List<BpfInstruction> instructions = new ArrayList<>();

  /** Adds {@link #LOAD_WORD}. */
  public BpfAssembler loadWord(int destination, int source, int offset) {
    return add(LOAD_WORD, destination, source, offset, 0);
  }

  /** Adds {@link #MOVE}. */
  public BpfAssembler move(int destination, int immediate) {
    return add(MOVE, destination, 0, 0, immediate);
  }

  /** Adds {@link #MOVE_REGISTER}. */
  public BpfAssembler moveRegister(int destination, int source) {
    return add(MOVE_REGISTER, destination, source, 0, 0);
  }

  /** Adds {@link #AND}. */
  public BpfAssembler and(int destination, int immediate) {
    return add(AND, destination, 0, 0, immediate);
  }

  /** Adds {@link #SHIFT_RIGHT}. */
  public BpfAssembler shiftRight(int destination, int bits) {
    return add(SHIFT_RIGHT, destination, 0, 0, bits);
  }

  /** Adds {@link #JUMP} over the next instructions. */
  public BpfAssembler jump(int over) {
    return add(JUMP, 0, 0, over, 0);
  }

  /** Adds {@link #JUMP_UNEQUAL} over the next instructions. */
  public BpfAssembler jumpUnequal(int register, int immediate, int over) {
    return add(JUMP_UNEQUAL, register, 0, over, immediate);
  }

  /** Adds {@link #JUMP_ANY_BIT} over the next instructions. */
  public BpfAssembler jumpAnyBit(int register, int bits, int over) {
    return add(JUMP_ANY_BIT, register, 0, over, bits);
  }

  /** Ends the program with a result: two instructions. */
  public BpfAssembler exit(int result) {
    return move(0, result).add(EXIT, 0, 0, 0, 0);
  }

  private BpfAssembler add(int code, int destination, int source, int offset, int immediate) {
    instructions.add(new BpfInstruction(code, destination, source, offset, immediate));
    return this;
  }

  /** Returns the program as it stands. */
  public List<BpfInstruction> instructions() {
    return List.copyOf(instructions);
  }

  /** Encodes a program as the kernel takes it. */
  public static byte[] encode(List<BpfInstruction> instructions) {
    ByteBuffer bytes =
        ByteBuffer.allocate(instructions.size() * BpfInstruction.SIZE)
            .order(ByteOrder.LITTLE_ENDIAN);
    instructions.forEach(each -> each.encode(bytes));
    return bytes.array();
  }
}
