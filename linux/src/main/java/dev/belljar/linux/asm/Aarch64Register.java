package dev.belljar.linux.asm;

/**
 * The registers of aarch64, in the order of their numbers. Number 31 is the stack pointer to some
 * instructions and zero to others; it stands here for the stack pointer alone.
 */
enum Aarch64Register {
  X0,
  X1,
  X2,
  X3,
  X4,
  X5,
  X6,
  X7,
  X8,
  X9,
  X10,
  X11,
  X12,
  X13,
  X14,
  X15,
  X16,
  X17,
  X18,
  X19,
  X20,
  X21,
  X22,
  X23,
  X24,
  X25,
  X26,
  X27,
  X28,
  X29,
  X30,
  /** The stack pointer; only a base, or what is added to. */
  SP;

  /** What 31 means to all other instructions: reads as zero, is never written. */
  static final int ZERO = 31;

  int number() {
    return ordinal();
  }
}
