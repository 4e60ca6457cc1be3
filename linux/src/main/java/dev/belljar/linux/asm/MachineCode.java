package dev.belljar.linux.asm;

/**
 * The two pieces of machine code of one instruction set.
 *
 * <p>The <em>runner</em> is the whole text of a launch image. At its entry it stores the addresses
 * of argv[1] and envp[0], decodes the descriptors in argv[0] into the first cells, and then
 * executes steps:
 *
 * <ol>
 *   <li>The operands are loaded, those named in the cell mask from memory.
 *   <li>The system call or {@link ControlOperation} is done.
 *   <li>A result of -4095 to -1 of a call is an error: the step's errno table says at which step to
 *       continue, or to fail. Nothing is stored.
 *   <li>Any other result is stored. If it is not what the step demands, the step fails with errno
 *       0.
 *   <li>The step behind this one is next.
 * </ol>
 *
 * To fail is to write the report to the descriptor in cell 0, whatever comes of it, and to exit
 * with status 127.
 *
 * <p>The <em>stub</em> is a C function, {@code long stub(long parameters)}, that starts the runner
 * from a process with many threads: it blocks all signals, clones, restores the mask and returns
 * clone3's result. The child, which shares memory and stack with the blocked parent, only clears
 * close-on-exec of some descriptors and executes the image. {@link StubLayout} has the parameters.
 *
 * <p>Both are position-independent and constant.
 */
public final class MachineCode {
  private final byte[] runner;
  private final byte[] stub;

  private MachineCode(byte[] runner, byte[] stub) {
    this.runner = runner;
    this.stub = stub;
  }

  /** Returns the code for an instruction set, which need not be that of this machine. */
  public static MachineCode of(Isa isa) {
    return switch (isa) {
      case X86_64 -> X86.CODE;
      case AARCH64 -> Aarch64.CODE;
    };
  }

  /** Returns a copy of the runner. */
  public byte[] runner() {
    return runner.clone();
  }

  /** Returns a copy of the stub. */
  public byte[] stub() {
    return stub.clone();
  }

  // Each is made when first asked for; a machine needs one only.

  private static final class X86 {
    private static final MachineCode CODE = new MachineCode(X86Runner.emit(), X86Stub.emit());
  }

  private static final class Aarch64 {
    private static final MachineCode CODE =
        new MachineCode(Aarch64Runner.emit(), Aarch64Stub.emit());
  }
}
