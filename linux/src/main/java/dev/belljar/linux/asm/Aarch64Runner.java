package dev.belljar.linux.asm;

import static dev.belljar.linux.asm.Aarch64Register.*;
import static dev.belljar.linux.asm.ImageLayout.*;

import dev.belljar.linux.asm.Aarch64Assembler.Condition;

/**
 * The runner for aarch64, as {@link MachineCode} describes it.
 *
 * <pre>
 * X20      the data segment, for good
 * X19      the current step; the kernel preserves all registers but X0
 * X0 to X5 its operands, where a system call wants them
 * X8       operation
 * X0       result
 * X9       scratch: cell mask, result address, errno table
 * X10      the errno, from the error on
 * X11-X15  scratch
 * </pre>
 */
final class Aarch64Runner {
  private static final Aarch64Register DATA = X20;
  private static final Aarch64Register STEP = X19;
  private static final Aarch64Register OPERATION = X8;
  private static final Aarch64Register[] OPERANDS = {X0, X1, X2, X3, X4, X5};
  private static final Aarch64Register RESULT = X0;
  private static final Aarch64Register ERRNO = X10;

  private final Aarch64Assembler asm = new Aarch64Assembler();
  private final Label step = new Label("step");
  private final Label check = new Label("check");
  private final Label store = new Label("store");
  private final Label next = new Label("next");
  private final Label control = new Label("control");
  private final Label error = new Label("error");
  private final Label demand = new Label("demand");
  private final Label fail = new Label("fail");

  private Aarch64Runner() {}

  static byte[] emit() {
    Aarch64Runner runner = new Aarch64Runner();
    runner.enter();
    runner.executeStep();
    runner.executeControl();
    runner.meetDemand();
    runner.handleError();
    runner.report();
    return runner.asm.toBytes();
  }

  /** The stack holds argc, argv[0], ..., 0, envp[0], ... */
  private void enter() {
    asm.set32(DATA, DATA_ADDRESS & 0xffff);
    asm.setHigh32(DATA, DATA_ADDRESS >>> 16);
    asm.add64(X9, SP, 16);
    asm.store64(DATA, ARGV, X9);
    asm.load64(X10, SP, 0);
    asm.add64(X9, X9, X10, 3);
    asm.store64(DATA, ENVP, X9);

    Label decoded = new Label("decoded");
    asm.load64(X11, DATA, INPUT_COUNT);
    asm.jumpIfZero64(X11, decoded);
    asm.load64(X12, SP, 8);
    asm.add64(X13, DATA, CELLS);
    Label descriptor = new Label("descriptor");
    asm.place(descriptor);
    asm.loadAndAdvance32(X9, X12, DESCRIPTOR_SIZE);
    asm.extract32(X14, X9, 0, 7);
    for (int i = 1; i < DESCRIPTOR_SIZE; i++) {
      asm.extract32(X15, X9, 8 * i, 7);
      asm.or32(X14, X14, X15, 7 * i);
    }
    asm.storeAndAdvance64(X13, 8, X14);
    asm.subtract64(X11, X11, 1);
    asm.jump(Condition.NOT_EQUAL, descriptor);

    asm.place(decoded);
    asm.load64(STEP, DATA, FIRST_STEP);
  }

  private void executeStep() {
    Label ready = new Label("ready");
    asm.place(step);
    for (int i = 0; i < OPERAND_COUNT; i += 2) {
      asm.loadPair64(OPERANDS[i], OPERANDS[i + 1], STEP, STEP_OPERANDS + 8 * i);
    }
    asm.load8(X9, STEP, STEP_CELL_MASK);
    asm.load32(OPERATION, STEP, STEP_OPERATION);
    asm.jumpIfZero32(X9, ready);
    for (int i = 0; i < OPERAND_COUNT; i++) {
      Label literal = new Label("literal");
      asm.jumpIfClear(X9, i, literal);
      asm.load64(OPERANDS[i], OPERANDS[i], 0);
      asm.place(literal);
    }
    asm.place(ready);
    asm.jumpIfSet(OPERATION, 31, control);
    asm.systemCall();
    asm.place(check);
    asm.compareNegative64(RESULT, -KernelCall.LOWEST_ERROR);
    asm.jump(Condition.ABOVE_OR_EQUAL, error);
    asm.place(store);
    asm.load64(X9, STEP, STEP_RESULT);
    asm.store64(X9, 0, RESULT);
    asm.load8(X9, STEP, STEP_DEMAND);
    asm.jumpIfNotZero32(X9, demand);
    asm.place(next);
    asm.add64(STEP, STEP, STEP_SIZE);
    asm.jump(step);
  }

  /** The low byte of the operation says which; one comparison tells two apart. */
  private void executeControl() {
    Label jumpEqual = new Label("JUMP_EQUAL");
    Label jumpNotEqual = new Label("JUMP_NOT_EQUAL");
    Label jumpLess = new Label("JUMP_LESS");
    Label load64 = new Label("LOAD64");
    Label load32 = new Label("LOAD32");
    Label store64 = new Label("STORE64");
    Label store32 = new Label("STORE32");
    Label stored = new Label("stored");
    Label add = new Label("ADD");
    Label jumpTaken = new Label("jump taken");

    asm.place(control);
    asm.add64(X9, X0, X1, 0);
    asm.extract32(OPERATION, OPERATION, 0, 8);
    compareWith(ControlOperation.JUMP_NOT_EQUAL);
    asm.jump(Condition.BELOW, jumpEqual);
    asm.jump(Condition.EQUAL, jumpNotEqual);
    compareWith(ControlOperation.LOAD64);
    asm.jump(Condition.BELOW, jumpLess);
    asm.jump(Condition.EQUAL, load64);
    compareWith(ControlOperation.STORE64);
    asm.jump(Condition.BELOW, load32);
    asm.jump(Condition.EQUAL, store64);
    compareWith(ControlOperation.ADD);
    asm.jump(Condition.BELOW, store32);
    asm.jump(Condition.EQUAL, add);
    // FAIL
    asm.negate64(RESULT, X0);
    asm.jump(check);

    asm.place(jumpEqual);
    asm.compare64(X0, X1);
    asm.jump(Condition.EQUAL, jumpTaken);
    asm.jump(next);
    asm.place(jumpNotEqual);
    asm.compare64(X0, X1);
    asm.jump(Condition.NOT_EQUAL, jumpTaken);
    asm.jump(next);
    asm.place(jumpLess);
    asm.compare64(X0, X1);
    asm.jump(Condition.LESS, jumpTaken);
    asm.jump(next);
    asm.place(jumpTaken);
    asm.move64(STEP, X2);
    asm.jump(step);

    asm.place(load64);
    asm.load64(RESULT, X9, 0);
    asm.jump(store);
    asm.place(load32);
    asm.load32(RESULT, X9, 0);
    asm.jump(store);
    asm.place(store64);
    asm.store64(X9, 0, X2);
    asm.jump(stored);
    asm.place(store32);
    asm.store32(X9, 0, X2);
    asm.place(stored);
    asm.set32(RESULT, 0);
    asm.jump(store);
    asm.place(add);
    asm.move64(RESULT, X9);
    asm.jump(store);
  }

  private void compareWith(ControlOperation operation) {
    asm.compare32(OPERATION, operation.code() & 0xff);
  }

  /** X9 is the kind of demand. */
  private void meetDemand() {
    Label unmet = new Label("unmet");
    asm.place(demand);
    asm.load64(X11, STEP, STEP_DEMANDED);
    asm.compare64(RESULT, X11);
    asm.jump(Condition.EQUAL, next);
    asm.jump(Condition.LESS, unmet);
    asm.compare32(X9, DEMAND_AT_LEAST);
    asm.jump(Condition.EQUAL, next);
    asm.place(unmet);
    asm.set32(ERRNO, 0);
    asm.jump(fail);
  }

  private void handleError() {
    Label entry = new Label("entry");
    Label found = new Label("found");
    asm.place(error);
    asm.negate32(ERRNO, RESULT);
    asm.load32(X9, STEP, STEP_ERRNO_TABLE);
    asm.place(entry);
    asm.load32(X11, X9, ERRNO_ENTRY_ERRNO);
    asm.compare32(X11, ERRNO);
    asm.jump(Condition.EQUAL, found);
    asm.jumpIfZero32(X11, found);
    asm.add64(X9, X9, ERRNO_ENTRY_SIZE);
    asm.jump(entry);
    asm.place(found);
    asm.load32(X9, X9, ERRNO_ENTRY_TARGET);
    asm.jumpIfZero32(X9, fail);
    asm.move64(STEP, X9);
    asm.jump(step);
  }

  /** Reports the errno and the result of the current step, and ends. */
  private void report() {
    asm.place(fail);
    asm.load32(X9, STEP, STEP_INDEX);
    asm.storePair32(DATA, REPORT_STEP, X9, ERRNO);
    asm.store64(DATA, REPORT_RESULT, RESULT);
    asm.load64(X0, DATA, CELLS);
    asm.add64(X1, DATA, REPORT);
    asm.set32(X2, REPORT_SIZE);
    asm.set32(OPERATION, KernelCall.WRITE.aarch64());
    asm.systemCall();
    asm.set32(X0, KernelCall.EXIT_FAILED);
    asm.set32(OPERATION, KernelCall.EXIT_GROUP.aarch64());
    asm.systemCall();
  }
}
