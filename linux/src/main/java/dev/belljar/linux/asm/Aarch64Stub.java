package dev.belljar.linux.asm;

import static dev.belljar.linux.asm.Aarch64Register.*;

import dev.belljar.linux.asm.Aarch64Assembler.Condition;

/**
 * The stub for aarch64, as {@link MachineCode} describes it.
 *
 * <p>All registers used are the caller's to lose, and the kernel preserves all but X0, so nothing
 * is saved. The child runs on the blocked parent's stack and leaves it alone.
 *
 * <pre>
 * X9       the parameters
 * X10      parent: clone3's result; child: the next descriptor in the list
 * X11      child: the list's end
 * </pre>
 */
final class Aarch64Stub {
  private static final Aarch64Register PARAMETERS = X9;
  private static final Aarch64Register NUMBER = X8;

  private Aarch64Stub() {}

  static byte[] emit() {
    Aarch64Assembler asm = new Aarch64Assembler();
    Label child = new Label("child");

    asm.move64(PARAMETERS, X0);
    asm.set32(X0, KernelCall.SIG_SETMASK);
    asm.loadPair64(X1, X2, PARAMETERS, StubLayout.BLOCKED_SIGNALS); // and PREVIOUS_SIGNALS
    asm.set32(X3, KernelCall.SIGNAL_SET_SIZE);
    asm.set32(NUMBER, KernelCall.RT_SIGPROCMASK.aarch64());
    asm.systemCall();

    asm.loadPair64(X0, X1, PARAMETERS, StubLayout.CLONE_ARGS); // and CLONE_ARGS_SIZE
    asm.set32(NUMBER, KernelCall.CLONE3.aarch64());
    asm.systemCall();
    asm.jumpIfZero64(X0, child);

    asm.move64(X10, X0);
    asm.set32(X0, KernelCall.SIG_SETMASK);
    asm.load64(X1, PARAMETERS, StubLayout.PREVIOUS_SIGNALS);
    asm.set32(X2, 0);
    asm.set32(NUMBER, KernelCall.RT_SIGPROCMASK.aarch64()); // X3 still is the set's size
    asm.systemCall();
    asm.move64(X0, X10);
    asm.giveBack();

    asm.place(child);
    emitChild(asm);
    return asm.toBytes();
  }

  /** The child's part, which needs nothing but the parameters' address in X9. */
  static void emitChild(Aarch64Assembler asm) {
    Label keep = new Label("keep");
    Label kept = new Label("kept");
    Label failed = new Label("failed");
    Label exit = new Label("exit");

    asm.loadPair64(X10, X11, PARAMETERS, StubLayout.KEPT_DESCRIPTORS); // and KEPT_COUNT
    asm.add64(X11, X10, X11, 2);
    asm.set32(NUMBER, KernelCall.FCNTL.aarch64());
    asm.set32(X1, KernelCall.F_SETFD);
    asm.set32(X2, 0);
    asm.place(keep);
    asm.compare64(X10, X11);
    asm.jump(Condition.EQUAL, kept);
    asm.loadAndAdvance32(X0, X10, 4);
    asm.systemCall();
    asm.jumpIfClear(X0, 63, keep);
    asm.jump(failed);

    asm.place(kept);
    asm.load32(X0, PARAMETERS, StubLayout.IMAGE);
    asm.load64(X1, PARAMETERS, StubLayout.EMPTY_PATH);
    asm.loadPair64(X2, X3, PARAMETERS, StubLayout.ARGV); // and ENVP
    asm.set32(X4, KernelCall.AT_EMPTY_PATH);
    asm.set32(NUMBER, KernelCall.EXECVEAT.aarch64());
    asm.systemCall();

    asm.place(failed);
    asm.store64(PARAMETERS, StubLayout.CHILD_ERROR, X0);
    asm.place(exit);
    asm.set32(X0, KernelCall.EXIT_FAILED);
    asm.set32(NUMBER, KernelCall.EXIT_GROUP.aarch64());
    asm.systemCall();
    asm.jump(exit); // a filter may forbid it; but what follows is not our code
  }
}
