package dev.belljar.linux.asm;

/** What a step can be besides a system call. Operands are called a0, a1, a2. */
public enum ControlOperation {
  /** Continue at the step whose address is a2 if a0 equals a1. */
  JUMP_EQUAL,
  /** Continue at the step whose address is a2 if a0 does not equal a1. */
  JUMP_NOT_EQUAL,
  /** Continue at the step whose address is a2 if a0 is less than a1 (signed). */
  JUMP_LESS,
  /** The result is the 64-bit value at address a0 + a1; never an error. */
  LOAD64,
  /** The result is the 32-bit value at address a0 + a1, zero-extended; never an error. */
  LOAD32,
  /** Store a2 at address a0 + a1; the result is 0. */
  STORE64,
  /** Store the low 32 bits of a2 at address a0 + a1; the result is 0. */
  STORE32,
  /** The result is a0 + a1; never an error. */
  ADD,
  /** As if a system call had returned -a0. */
  FAIL;

  /** System call numbers are below this. */
  private static final int FIRST_CODE = 0x8000_0000;

  /** Returns the value of {@link ImageLayout#STEP_OPERATION} that means this operation. */
  public int code() {
    return FIRST_CODE + ordinal();
  }
}
