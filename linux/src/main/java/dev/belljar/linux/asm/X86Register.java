package dev.belljar.linux.asm;

/** The general registers of x86-64, in the order of their numbers. */
enum X86Register {
  RAX,
  RCX,
  RDX,
  RBX,
  RSP,
  RBP,
  RSI,
  RDI,
  R8,
  R9,
  R10,
  R11,
  R12,
  R13,
  R14,
  R15;

  /** The three bits that ModRM and SIB have for a register. */
  int low() {
    return ordinal() & 7;
  }

  /** The fourth bit, which goes into the REX prefix. */
  int high() {
    return ordinal() >> 3;
  }
}
