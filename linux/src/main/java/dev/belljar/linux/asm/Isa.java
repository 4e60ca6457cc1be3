package dev.belljar.linux.asm;

/** An instruction set for which machine code can be emitted. */
public enum Isa {
  /** AMD64, {@code EM_X86_64}. */
  X86_64(62),
  /** 64-bit ARM, little-endian, {@code EM_AARCH64}. */
  AARCH64(183);

  private final int elfMachine;

  Isa(int elfMachine) {
    this.elfMachine = elfMachine;
  }

  /** Returns the {@code e_machine} value of an ELF header. */
  int elfMachine() {
    return elfMachine;
  }
}
