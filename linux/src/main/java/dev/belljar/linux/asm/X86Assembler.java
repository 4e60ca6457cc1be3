package dev.belljar.linux.asm;

/**
 * Emits the few x86-64 instructions that the runner and the stub are made of.
 *
 * <p>A method's number is the operand's width in bits. Operands come in Intel's order, the
 * destination first; memory operands are a base register and a displacement of one byte. See the
 * Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2.
 */
final class X86Assembler extends Assembler {
  /** What a conditional jump looks at, with its encoding. */
  enum Condition {
    /** Unsigned less; also: carry. */
    BELOW(0x2),
    /** Unsigned greater or equal; also: no carry. */
    ABOVE_OR_EQUAL(0x3),
    EQUAL(0x4),
    NOT_EQUAL(0x5),
    NEGATIVE(0x8),
    NOT_NEGATIVE(0x9),
    /** Signed less. */
    LESS(0xc);

    private final int code;

    Condition(int code) {
      this.code = code;
    }
  }

  private enum Distance implements BranchForm {
    BYTE {
      @Override
      public void patch(byte[] code, int at, int target, Label label) {
        int distance = target - (at + 1);
        requireRange("distance to " + label, distance, Byte.MIN_VALUE, Byte.MAX_VALUE);
        code[at] = (byte) distance;
      }
    },
    INT {
      @Override
      public void patch(byte[] code, int at, int target, Label label) {
        int distance = target - (at + 4);
        for (int i = 0; i < 4; i++) {
          code[at + i] = (byte) (distance >>> (8 * i));
        }
      }
    }
  }

  private static final boolean WIDE = true;
  private static final boolean NARROW = false;

  // Moves.

  /** {@code mov to, from}. */
  void move64(X86Register to, X86Register from) {
    registers(WIDE, 0x89, from, to);
  }

  /** {@code mov to, [base+displacement]}. */
  void load64(X86Register to, X86Register base, int displacement) {
    memory(WIDE, 0x8b, to, base, displacement);
  }

  /** {@code mov to, [base+displacement]}; the upper half becomes 0. */
  void load32(X86Register to, X86Register base, int displacement) {
    memory(NARROW, 0x8b, to, base, displacement);
  }

  /** {@code movzx to, byte ptr [base+displacement]}; all else becomes 0. */
  void load8(X86Register to, X86Register base, int displacement) {
    memory(NARROW, 0x0fb6, to, base, displacement);
  }

  /** {@code mov [base+displacement], from}. */
  void store64(X86Register base, int displacement, X86Register from) {
    memory(WIDE, 0x89, from, base, displacement);
  }

  /** {@code mov [base+displacement], from}. */
  void store32(X86Register base, int displacement, X86Register from) {
    memory(NARROW, 0x89, from, base, displacement);
  }

  /** {@code mov to, value}; the upper half becomes 0. */
  void set32(X86Register to, int value) {
    prefix(NARROW, 0, 0, to.high());
    emit8(0xb8 | to.low());
    emit32(value);
  }

  /** {@code lea to, [base+displacement]}. */
  void address64(X86Register to, X86Register base, int displacement) {
    memory(WIDE, 0x8d, to, base, displacement);
  }

  /** {@code lea to, [base+index*scale+displacement]}; leaves the flags alone. */
  void address64(X86Register to, X86Register base, X86Register index, int scale, int displacement) {
    if (index == X86Register.RSP) {
      throw new IllegalArgumentException("RSP cannot be an index");
    }
    int log = Integer.numberOfTrailingZeros(scale);
    if (scale != 1 << log || log > 3) {
      throw new IllegalArgumentException("scale %d is not 1, 2, 4 or 8".formatted(scale));
    }
    prefix(WIDE, to.high(), index.high(), base.high());
    emit8(0x8d);
    emit8(0x44 | to.low() << 3);
    emit8(log << 6 | index.low() << 3 | base.low());
    emitDisplacement(displacement);
  }

  /** {@code movzx to, from}: the low 16 bits. */
  void zeroExtend16(X86Register to, X86Register from) {
    registers(NARROW, 0x0fb7, to, from);
  }

  /** {@code lods eax}: loads from RSI and advances it by 4. */
  void loadString32() {
    emit8(0xad);
  }

  /** {@code stos rax}: stores at RDI and advances it by 8. */
  void storeString64() {
    emit8(0x48);
    emit8(0xab);
  }

  // Arithmetic.

  /** {@code add to, from}. */
  void add64(X86Register to, X86Register from) {
    registers(WIDE, 0x01, from, to);
  }

  /** {@code add to, value}. */
  void add64(X86Register to, int value) {
    extended(WIDE, 0x83, 0, to);
    emit8(requireRange("immediate", value, Byte.MIN_VALUE, Byte.MAX_VALUE));
  }

  /** {@code and to, mask}; the upper half becomes 0. */
  void and32(X86Register to, int mask) {
    extended(NARROW, 0x81, 4, to);
    emit32(mask);
  }

  /** {@code or to, from}; the upper half becomes 0. */
  void or32(X86Register to, X86Register from) {
    registers(NARROW, 0x09, from, to);
  }

  /** {@code xor to, from}; the upper half becomes 0. */
  void xor32(X86Register to, X86Register from) {
    registers(NARROW, 0x31, from, to);
  }

  /** {@code sub to, from}; the upper half becomes 0. */
  void subtract32(X86Register to, X86Register from) {
    registers(NARROW, 0x29, from, to);
  }

  /** {@code shr to, count}; the carry is the last bit that went out. */
  void shiftRight32(X86Register to, int count) {
    extended(NARROW, 0xc1, 5, to);
    emit8(requireRange("count", count, 0, 31));
  }

  /** {@code neg to}. */
  void negate64(X86Register to) {
    extended(WIDE, 0xf7, 3, to);
  }

  /** {@code neg to}; the upper half becomes 0. */
  void negate32(X86Register to) {
    extended(NARROW, 0xf7, 3, to);
  }

  // Comparisons.

  /** {@code cmp left, right}. */
  void compare64(X86Register left, X86Register right) {
    registers(WIDE, 0x39, right, left);
  }

  /** {@code cmp left, right}. */
  void compare32(X86Register left, X86Register right) {
    registers(NARROW, 0x39, right, left);
  }

  /** {@code cmp left, right}, the value sign-extended. */
  void compare64(X86Register left, int right) {
    extended(WIDE, 0x81, 7, left);
    emit32(right);
  }

  /** {@code cmp left, [base+displacement]}. */
  void compare64(X86Register left, X86Register base, int displacement) {
    memory(WIDE, 0x3b, left, base, displacement);
  }

  /** {@code cmp byte ptr [base+displacement], right}. */
  void compare8(X86Register base, int displacement, int right) {
    memory(NARROW, 0x80, 7, base, displacement);
    emit8(requireRange("immediate", right, Byte.MIN_VALUE, Byte.MAX_VALUE));
  }

  /** {@code cmp al, right}. */
  void compareAl(int right) {
    emit8(0x3c);
    emit8(requireRange("immediate", right, Byte.MIN_VALUE, Byte.MAX_VALUE));
  }

  /** {@code test left, right}. */
  void test64(X86Register left, X86Register right) {
    registers(WIDE, 0x85, right, left);
  }

  /** {@code test left, right}. */
  void test32(X86Register left, X86Register right) {
    registers(NARROW, 0x85, right, left);
  }

  // Control.

  /** {@code jmp target}, at most some 120 bytes away. */
  void jump(Label target) {
    emit8(0xeb);
    distance8(target);
  }

  /** {@code jmp target}, anywhere. */
  void jumpFar(Label target) {
    emit8(0xe9);
    distance32(target);
  }

  /** {@code jcc target}, at most some 120 bytes away. */
  void jump(Condition condition, Label target) {
    emit8(0x70 | condition.code);
    distance8(target);
  }

  /** {@code jcc target}, anywhere. */
  void jumpFar(Condition condition, Label target) {
    emit8(0x0f);
    emit8(0x80 | condition.code);
    distance32(target);
  }

  /** {@code loop target}: counts RCX down and jumps unless it is 0; at most some 120 bytes away. */
  void countDown(Label target) {
    emit8(0xe2);
    distance8(target);
  }

  /** {@code syscall}: RAX = call(RDI, RSI, RDX, R10, R8, R9); also changes RCX and R11. */
  void systemCall() {
    emit8(0x0f);
    emit8(0x05);
  }

  /** {@code ret}. */
  void giveBack() {
    emit8(0xc3);
  }

  // Encoding.

  /** An instruction on two registers; an operation above 0xff has two bytes. */
  private void registers(boolean wide, int operation, X86Register reg, X86Register rm) {
    prefix(wide, reg.high(), 0, rm.high());
    emitOperation(operation);
    emit8(0xc0 | reg.low() << 3 | rm.low());
  }

  /** An instruction on one register, the reg field extending the operation. */
  private void extended(boolean wide, int operation, int extension, X86Register rm) {
    prefix(wide, 0, 0, rm.high());
    emitOperation(operation);
    emit8(0xc0 | extension << 3 | rm.low());
  }

  private void memory(
      boolean wide, int operation, X86Register reg, X86Register base, int displacement) {
    memory(wide, operation, reg.ordinal(), base, displacement);
  }

  private void memory(boolean wide, int operation, int reg, X86Register base, int displacement) {
    prefix(wide, reg >> 3, 0, base.high());
    emitOperation(operation);
    // Without a displacement RBP and R13 as base would mean something else.
    boolean displaced = displacement != 0 || base.low() == X86Register.RBP.low();
    emit8((displaced ? 0x40 : 0) | (reg & 7) << 3 | base.low());
    if (base.low() == X86Register.RSP.low()) {
      emit8(0x24); // RSP and R12 as base want a SIB byte that says: no index
    }
    if (displaced) {
      emitDisplacement(displacement);
    }
  }

  private void prefix(boolean wide, int reg, int index, int base) {
    int bits = (wide ? 8 : 0) | reg << 2 | index << 1 | base;
    if (bits != 0) {
      emit8(0x40 | bits);
    }
  }

  private void emitOperation(int operation) {
    if (operation > 0xff) {
      emit8(operation >> 8);
    }
    emit8(operation);
  }

  private void emitDisplacement(int displacement) {
    emit8(requireRange("displacement", displacement, Byte.MIN_VALUE, Byte.MAX_VALUE));
  }

  private void distance8(Label target) {
    branchTo(target, Distance.BYTE);
    emit8(0);
  }

  private void distance32(Label target) {
    branchTo(target, Distance.INT);
    emit32(0);
  }
}
