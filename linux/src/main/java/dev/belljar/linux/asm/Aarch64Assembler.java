package dev.belljar.linux.asm;

/**
 * Emits the few aarch64 instructions that the runner and the stub are made of.
 *
 * <p>A method's number is the operand's width in bits; writing 32 bits sets the upper half of the
 * register to 0. Operands come in the manual's order, except that a store names its address first.
 * See the Arm Architecture Reference Manual for A-profile, part C.
 */
final class Aarch64Assembler extends Assembler {
  /** What a conditional branch looks at, with its encoding. */
  enum Condition {
    EQUAL(0x0),
    NOT_EQUAL(0x1),
    /** Unsigned greater or equal; also: carry. */
    ABOVE_OR_EQUAL(0x2),
    /** Unsigned less; also: no carry. */
    BELOW(0x3),
    /** Signed less. */
    LESS(0xb);

    private final int code;

    Condition(int code) {
      this.code = code;
    }
  }

  /** A distance in words, held in some bits of the instruction. */
  private enum Distance implements BranchForm {
    BITS_26(26, 0),
    BITS_19(19, 5),
    BITS_14(14, 5);

    private final int width;
    private final int position;

    Distance(int width, int position) {
      this.width = width;
      this.position = position;
    }

    @Override
    public void patch(byte[] code, int at, int target, Label label) {
      int reach = 1 << (width - 1);
      int words = requireRange("distance to " + label, (target - at) / 4, -reach, reach - 1);
      int field = (words & ((1 << width) - 1)) << position;
      for (int i = 0; i < 4; i++) {
        code[at + i] |= (byte) (field >>> (8 * i));
      }
    }
  }

  private static final int MAX_IMMEDIATE = 0xfff;

  // Moves.

  /** {@code mov to, from}. */
  void move64(Aarch64Register to, Aarch64Register from) {
    emit32(0xaa0003e0 | general(from) << 16 | general(to));
  }

  /** {@code mov to, #value}: 0 to 65535. */
  void set32(Aarch64Register to, int value) {
    emit32(0x52800000 | requireRange("immediate", value, 0, 0xffff) << 5 | general(to));
  }

  /** {@code movk to, #value, lsl #16}: sets the bits from 16 to 31 only. */
  void setHigh32(Aarch64Register to, int value) {
    emit32(0x72a00000 | requireRange("immediate", value, 0, 0xffff) << 5 | general(to));
  }

  /** {@code ldr to, [base, #offset]}. */
  void load64(Aarch64Register to, Aarch64Register base, int offset) {
    emit32(0xf9400000 | scaled(offset, 8) | base.number() << 5 | general(to));
  }

  /** {@code ldr to, [base, #offset]}. */
  void load32(Aarch64Register to, Aarch64Register base, int offset) {
    emit32(0xb9400000 | scaled(offset, 4) | base.number() << 5 | general(to));
  }

  /** {@code ldrb to, [base, #offset]}. */
  void load8(Aarch64Register to, Aarch64Register base, int offset) {
    emit32(0x39400000 | scaled(offset, 1) | base.number() << 5 | general(to));
  }

  /** {@code ldp first, second, [base, #offset]}. */
  void loadPair64(Aarch64Register first, Aarch64Register second, Aarch64Register base, int offset) {
    if (first == second) {
      throw new IllegalArgumentException("a pair of twice the same register");
    }
    emit32(0xa9400000 | pair(first, second, base, offset, 8));
  }

  /** {@code ldr to, [base], #step}: loads, then moves the base by -256 to 255. */
  void loadAndAdvance32(Aarch64Register to, Aarch64Register base, int step) {
    emit32(0xb8400400 | advance(to, base, step));
  }

  /** {@code str from, [base, #offset]}. */
  void store64(Aarch64Register base, int offset, Aarch64Register from) {
    emit32(0xf9000000 | scaled(offset, 8) | base.number() << 5 | general(from));
  }

  /** {@code str from, [base, #offset]}. */
  void store32(Aarch64Register base, int offset, Aarch64Register from) {
    emit32(0xb9000000 | scaled(offset, 4) | base.number() << 5 | general(from));
  }

  /** {@code stp first, second, [base, #offset]}. */
  void storePair32(
      Aarch64Register base, int offset, Aarch64Register first, Aarch64Register second) {
    emit32(0x29000000 | pair(first, second, base, offset, 4));
  }

  /** {@code str from, [base], #step}: stores, then moves the base by -256 to 255. */
  void storeAndAdvance64(Aarch64Register base, int step, Aarch64Register from) {
    emit32(0xf8000400 | advance(from, base, step));
  }

  // Arithmetic.

  /** {@code add to, left, #right}: 0 to 4095. */
  void add64(Aarch64Register to, Aarch64Register left, int right) {
    emit32(0x91000000 | immediate(right) | left.number() << 5 | to.number());
  }

  /** {@code add to, left, right, lsl #shift}. */
  void add64(Aarch64Register to, Aarch64Register left, Aarch64Register right, int shift) {
    emit32(0x8b000000 | general(right) << 16 | shift(shift, 63) | general(left) << 5 | general(to));
  }

  /** {@code subs to, left, #right}: 0 to 4095; sets the flags. */
  void subtract64(Aarch64Register to, Aarch64Register left, int right) {
    emit32(0xf1000000 | immediate(right) | left.number() << 5 | general(to));
  }

  /** {@code neg to, from}. */
  void negate64(Aarch64Register to, Aarch64Register from) {
    emit32(0xcb0003e0 | general(from) << 16 | general(to));
  }

  /** {@code neg to, from}. */
  void negate32(Aarch64Register to, Aarch64Register from) {
    emit32(0x4b0003e0 | general(from) << 16 | general(to));
  }

  /** {@code orr to, left, right, lsl #shift}. */
  void or32(Aarch64Register to, Aarch64Register left, Aarch64Register right, int shift) {
    emit32(0x2a000000 | general(right) << 16 | shift(shift, 31) | general(left) << 5 | general(to));
  }

  /** {@code ubfx to, from, #bit, #width}: so many bits from this one up, zero-extended. */
  void extract32(Aarch64Register to, Aarch64Register from, int bit, int width) {
    requireRange("bit", bit, 0, 31);
    requireRange("width", width, 1, 32 - bit);
    emit32(0x53000000 | bit << 16 | (bit + width - 1) << 10 | general(from) << 5 | general(to));
  }

  // Comparisons.

  /** {@code cmp left, right}. */
  void compare64(Aarch64Register left, Aarch64Register right) {
    emit32(0xeb000000 | general(right) << 16 | general(left) << 5 | Aarch64Register.ZERO);
  }

  /** {@code cmp left, right}. */
  void compare32(Aarch64Register left, Aarch64Register right) {
    emit32(0x6b000000 | general(right) << 16 | general(left) << 5 | Aarch64Register.ZERO);
  }

  /** {@code cmp left, #right}: 0 to 4095. */
  void compare32(Aarch64Register left, int right) {
    emit32(0x71000000 | immediate(right) | general(left) << 5 | Aarch64Register.ZERO);
  }

  /** {@code cmn left, #negated}: compares with -4095 to 0, given without its sign. */
  void compareNegative64(Aarch64Register left, int negated) {
    emit32(0xb1000000 | immediate(negated) | general(left) << 5 | Aarch64Register.ZERO);
  }

  // Control.

  /** {@code b target}. */
  void jump(Label target) {
    branchTo(target, Distance.BITS_26);
    emit32(0x14000000);
  }

  /** {@code b.cond target}. */
  void jump(Condition condition, Label target) {
    branchTo(target, Distance.BITS_19);
    emit32(0x54000000 | condition.code);
  }

  /** {@code cbz register, target}. */
  void jumpIfZero32(Aarch64Register register, Label target) {
    branchTo(target, Distance.BITS_19);
    emit32(0x34000000 | general(register));
  }

  /** {@code cbz register, target}. */
  void jumpIfZero64(Aarch64Register register, Label target) {
    branchTo(target, Distance.BITS_19);
    emit32(0xb4000000 | general(register));
  }

  /** {@code cbnz register, target}. */
  void jumpIfNotZero32(Aarch64Register register, Label target) {
    branchTo(target, Distance.BITS_19);
    emit32(0x35000000 | general(register));
  }

  /** {@code tbz register, #bit, target}. */
  void jumpIfClear(Aarch64Register register, int bit, Label target) {
    branchTo(target, Distance.BITS_14);
    emit32(0x36000000 | bit(bit) | general(register));
  }

  /** {@code tbnz register, #bit, target}. */
  void jumpIfSet(Aarch64Register register, int bit, Label target) {
    branchTo(target, Distance.BITS_14);
    emit32(0x37000000 | bit(bit) | general(register));
  }

  /** {@code svc #0}: X0 = call number X8 (X0, X1, X2, X3, X4, X5); no other register changes. */
  void systemCall() {
    emit32(0xd4000001);
  }

  /** {@code ret}. */
  void giveBack() {
    emit32(0xd65f03c0);
  }

  // Encoding.

  /** The number of a register where 31 would not be the stack pointer. */
  private static int general(Aarch64Register register) {
    if (register == Aarch64Register.SP) {
      throw new IllegalArgumentException("SP cannot be used here");
    }
    return register.number();
  }

  private static int immediate(int value) {
    return requireRange("immediate", value, 0, MAX_IMMEDIATE) << 10;
  }

  private static int shift(int count, int max) {
    return requireRange("shift", count, 0, max) << 10;
  }

  private static int bit(int bit) {
    requireRange("bit", bit, 0, 63);
    return (bit >> 5) << 31 | (bit & 31) << 19;
  }

  private static int scaled(int offset, int size) {
    requireMultiple(offset, size);
    return requireRange("offset", offset, 0, MAX_IMMEDIATE * size) / size << 10;
  }

  private static int advance(Aarch64Register register, Aarch64Register base, int step) {
    if (register == base) {
      throw new IllegalArgumentException("a base cannot be advanced and accessed at once");
    }
    requireRange("step", step, -256, 255);
    return (step & 0x1ff) << 12 | base.number() << 5 | general(register);
  }

  private static int pair(
      Aarch64Register first, Aarch64Register second, Aarch64Register base, int offset, int size) {
    requireMultiple(offset, size);
    int units = requireRange("offset", offset, -64 * size, 63 * size) / size;
    return (units & 0x7f) << 15 | general(second) << 10 | base.number() << 5 | general(first);
  }

  private static void requireMultiple(int offset, int size) {
    if (offset % size != 0) {
      throw new IllegalArgumentException(
          "offset %d is not a multiple of %d".formatted(offset, size));
    }
  }
}
