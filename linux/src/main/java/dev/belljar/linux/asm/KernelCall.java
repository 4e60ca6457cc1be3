package dev.belljar.linux.asm;

/** The system calls that the emitted machine code makes on its own account, with their numbers. */
enum KernelCall {
  WRITE(1, 64),
  RT_SIGPROCMASK(14, 135),
  FCNTL(72, 25),
  EXIT_GROUP(231, 94),
  EXECVEAT(322, 281),
  CLONE3(435, 435);

  /** {@code rt_sigprocmask}: replace the mask. */
  static final int SIG_SETMASK = 2;

  /** {@code rt_sigprocmask}: bytes in the kernel's signal set. */
  static final int SIGNAL_SET_SIZE = 8;

  /** {@code fcntl}: set the descriptor's flags, of which close-on-exec is the only one. */
  static final int F_SETFD = 2;

  /** {@code execveat}: run the descriptor itself. */
  static final int AT_EMPTY_PATH = 0x1000;

  /** The status of a child that could not do its work, as shells have it. */
  static final int EXIT_FAILED = 127;

  /** Results from here up (unsigned) are errors: the kernel's {@code MAX_ERRNO}, negated. */
  static final int LOWEST_ERROR = -4095;

  private final int x86;
  private final int aarch64;

  KernelCall(int x86, int aarch64) {
    this.x86 = x86;
    this.aarch64 = aarch64;
  }

  int x86() {
    return x86;
  }

  int aarch64() {
    return aarch64;
  }
}
