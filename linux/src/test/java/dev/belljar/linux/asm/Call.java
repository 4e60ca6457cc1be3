package dev.belljar.linux.asm;

/** The system calls that the programs of these tests make. */
enum Call {
  READ(0, 63),
  WRITE(1, 64),
  CLOSE(3, 57),
  MMAP(9, 222),
  GETPID(39, 172),
  CLONE(56, 220),
  WAIT4(61, 260),
  EXIT_GROUP(231, 94),
  OPENAT(257, 56),
  DUP3(292, 24);

  private final int x86;
  private final int aarch64;

  Call(int x86, int aarch64) {
    this.x86 = x86;
    this.aarch64 = aarch64;
  }

  int number(Isa isa) {
    return switch (isa) {
      case X86_64 -> x86;
      case AARCH64 -> aarch64;
    };
  }
}
