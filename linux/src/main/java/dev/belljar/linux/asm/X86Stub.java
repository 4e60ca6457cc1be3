package dev.belljar.linux.asm;

import static dev.belljar.linux.asm.X86Register.*;

import dev.belljar.linux.asm.X86Assembler.Condition;

/**
 * The stub for x86-64, as {@link MachineCode} describes it.
 *
 * <p>All registers used are the caller's to lose, so nothing is saved. The child runs on the
 * blocked parent's stack and must leave it alone: it neither pushes nor calls.
 *
 * <pre>
 * R9       the parameters; the kernel preserves it, and no call here has six operands
 * R8       parent: clone3's result; child: the next descriptor in the list
 * R10      child: the list's end
 * </pre>
 */
final class X86Stub {
  private static final X86Register PARAMETERS = R9;

  private X86Stub() {}

  static byte[] emit() {
    X86Assembler asm = new X86Assembler();
    Label child = new Label("child");

    asm.move64(PARAMETERS, RDI);
    asm.set32(RDI, KernelCall.SIG_SETMASK);
    asm.load64(RSI, PARAMETERS, StubLayout.BLOCKED_SIGNALS);
    asm.load64(RDX, PARAMETERS, StubLayout.PREVIOUS_SIGNALS);
    asm.set32(R10, KernelCall.SIGNAL_SET_SIZE);
    asm.set32(RAX, KernelCall.RT_SIGPROCMASK.x86());
    asm.systemCall();

    asm.load64(RDI, PARAMETERS, StubLayout.CLONE_ARGS);
    asm.load64(RSI, PARAMETERS, StubLayout.CLONE_ARGS_SIZE);
    asm.set32(RAX, KernelCall.CLONE3.x86());
    asm.systemCall();
    asm.test64(RAX, RAX);
    asm.jump(Condition.EQUAL, child);

    asm.move64(R8, RAX);
    asm.set32(RDI, KernelCall.SIG_SETMASK);
    asm.load64(RSI, PARAMETERS, StubLayout.PREVIOUS_SIGNALS);
    asm.xor32(RDX, RDX);
    asm.set32(RAX, KernelCall.RT_SIGPROCMASK.x86()); // R10 still is the set's size
    asm.systemCall();
    asm.move64(RAX, R8);
    asm.giveBack();

    asm.place(child);
    emitChild(asm);
    return asm.toBytes();
  }

  private static void emitChild(X86Assembler asm) {
    Label keep = new Label("keep");
    Label kept = new Label("kept");
    Label failed = new Label("failed");
    Label exit = new Label("exit");

    asm.load64(R8, PARAMETERS, StubLayout.KEPT_DESCRIPTORS);
    asm.load64(R10, PARAMETERS, StubLayout.KEPT_COUNT);
    asm.address64(R10, R8, R10, 4, 0);
    asm.set32(RSI, KernelCall.F_SETFD);
    asm.xor32(RDX, RDX);
    asm.place(keep);
    asm.compare64(R8, R10);
    asm.jump(Condition.EQUAL, kept);
    asm.load32(RDI, R8, 0);
    asm.add64(R8, 4);
    asm.set32(RAX, KernelCall.FCNTL.x86());
    asm.systemCall();
    asm.test64(RAX, RAX);
    asm.jump(Condition.NOT_NEGATIVE, keep);
    asm.jump(failed);

    asm.place(kept);
    asm.load32(RDI, PARAMETERS, StubLayout.IMAGE);
    asm.load64(RSI, PARAMETERS, StubLayout.EMPTY_PATH);
    asm.load64(RDX, PARAMETERS, StubLayout.ARGV);
    asm.load64(R10, PARAMETERS, StubLayout.ENVP);
    asm.set32(R8, KernelCall.AT_EMPTY_PATH);
    asm.set32(RAX, KernelCall.EXECVEAT.x86());
    asm.systemCall();

    asm.place(failed);
    asm.store64(PARAMETERS, StubLayout.CHILD_ERROR, RAX);
    asm.place(exit);
    asm.set32(RDI, KernelCall.EXIT_FAILED);
    asm.set32(RAX, KernelCall.EXIT_GROUP.x86());
    asm.systemCall();
    asm.jump(exit); // a filter may forbid it; but what follows is not our code
  }
}
