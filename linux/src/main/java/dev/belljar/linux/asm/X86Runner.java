package dev.belljar.linux.asm;

import static dev.belljar.linux.asm.ImageLayout.*;
import static dev.belljar.linux.asm.X86Register.*;

import dev.belljar.linux.asm.X86Assembler.Condition;

/**
 * The runner for x86-64, as {@link MachineCode} describes it.
 *
 * <pre>
 * RBP      the data segment, for good
 * RBX      the current step; the kernel preserves it
 * RDI RSI RDX R10 R8 R9   its operands, where a system call wants them
 * RAX      operation, then result
 * RCX      scratch: cell mask, result address, errno table
 * RDX      the errno, from the error on
 * </pre>
 */
final class X86Runner {
  private static final X86Register DATA = RBP;
  private static final X86Register STEP = RBX;
  private static final X86Register[] OPERANDS = {RDI, RSI, RDX, R10, R8, R9};

  private final X86Assembler asm = new X86Assembler();
  private final Label step = new Label("step");
  private final Label ready = new Label("ready");
  private final Label check = new Label("check");
  private final Label store = new Label("store");
  private final Label next = new Label("next");
  private final Label control = new Label("control");
  private final Label error = new Label("error");
  private final Label demand = new Label("demand");
  private final Label fail = new Label("fail");

  private X86Runner() {}

  static byte[] emit() {
    X86Runner runner = new X86Runner();
    runner.enter();
    runner.executeStep();
    runner.executeControl();
    runner.meetDemand();
    runner.handleError();
    runner.report();
    return runner.asm.toBytes();
  }

  /** The stack holds argc, argv[0], ..., 0, envp[0], ...; the direction flag is clear. */
  private void enter() {
    asm.set32(DATA, DATA_ADDRESS);
    asm.load64(RCX, RSP, 0);
    asm.address64(RAX, RSP, 16);
    asm.store64(DATA, ARGV, RAX);
    asm.address64(RAX, RSP, RCX, 8, 16);
    asm.store64(DATA, ENVP, RAX);

    Label decoded = new Label("decoded");
    asm.load32(RCX, DATA, INPUT_COUNT);
    asm.test32(RCX, RCX);
    asm.jump(Condition.EQUAL, decoded);
    asm.load64(RSI, RSP, 8);
    asm.address64(RDI, DATA, CELLS);
    Label descriptor = new Label("descriptor");
    asm.place(descriptor);
    asm.loadString32();
    joinSevens();
    asm.storeString64();
    asm.countDown(descriptor);

    asm.place(decoded);
    asm.load64(STEP, DATA, FIRST_STEP);
  }

  /** EAX = the 28 bits that stand in its four bytes, seven in each; uses EDX. */
  private void joinSevens() {
    asm.and32(RAX, 0x7f7f7f7f);
    asm.load32(RDX, RSI, -4); // the same once more
    asm.and32(RDX, 0x7f007f00);
    asm.subtract32(RAX, RDX);
    asm.shiftRight32(RDX, 1);
    asm.or32(RAX, RDX); // now two times fourteen
    asm.zeroExtend16(RDX, RAX);
    asm.subtract32(RAX, RDX);
    asm.shiftRight32(RAX, 2);
    asm.or32(RAX, RDX);
  }

  private void executeStep() {
    asm.place(step);
    asm.load8(RCX, STEP, STEP_CELL_MASK);
    for (int i = 0; i < OPERAND_COUNT; i++) {
      asm.load64(OPERANDS[i], STEP, STEP_OPERANDS + 8 * i);
    }
    asm.test32(RCX, RCX);
    asm.jump(Condition.EQUAL, ready);
    for (X86Register operand : OPERANDS) {
      Label literal = new Label("literal");
      asm.shiftRight32(RCX, 1);
      asm.jump(Condition.ABOVE_OR_EQUAL, literal); // no carry: the bit was 0
      asm.load64(operand, operand, 0);
      asm.place(literal);
    }
    asm.place(ready);
    asm.load32(RAX, STEP, STEP_OPERATION);
    asm.test32(RAX, RAX);
    asm.jump(Condition.NEGATIVE, control);
    asm.systemCall();
    asm.place(check);
    asm.compare64(RAX, KernelCall.LOWEST_ERROR);
    asm.jumpFar(Condition.ABOVE_OR_EQUAL, error);
    asm.place(store);
    asm.load64(RCX, STEP, STEP_RESULT);
    asm.store64(RCX, 0, RAX);
    asm.compare8(STEP, STEP_DEMAND, DEMAND_NONE);
    asm.jump(Condition.NOT_EQUAL, demand);
    asm.place(next);
    asm.add64(STEP, STEP_SIZE);
    asm.jump(step);
  }

  /** The low byte of EAX says which; one comparison tells two apart. */
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
    asm.address64(RCX, RDI, RSI, 1, 0);
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
    asm.move64(RAX, RDI);
    asm.negate64(RAX);
    asm.jump(check);

    asm.place(jumpEqual);
    asm.compare64(RDI, RSI);
    asm.jump(Condition.EQUAL, jumpTaken);
    asm.jump(next);
    asm.place(jumpNotEqual);
    asm.compare64(RDI, RSI);
    asm.jump(Condition.NOT_EQUAL, jumpTaken);
    asm.jump(next);
    asm.place(jumpLess);
    asm.compare64(RDI, RSI);
    asm.jump(Condition.LESS, jumpTaken);
    asm.jump(next);
    asm.place(jumpTaken);
    asm.move64(STEP, RDX);
    asm.jumpFar(step);

    asm.place(load64);
    asm.load64(RAX, RCX, 0);
    asm.jump(store);
    asm.place(load32);
    asm.load32(RAX, RCX, 0);
    asm.jump(store);
    asm.place(store64);
    asm.store64(RCX, 0, RDX);
    asm.jump(stored);
    asm.place(store32);
    asm.store32(RCX, 0, RDX);
    asm.place(stored);
    asm.xor32(RAX, RAX);
    asm.jump(store);
    asm.place(add);
    asm.move64(RAX, RCX);
    asm.jump(store);
  }

  private void compareWith(ControlOperation operation) {
    asm.compareAl(operation.code() & 0xff);
  }

  private void meetDemand() {
    Label unmet = new Label("unmet");
    asm.place(demand);
    asm.compare64(RAX, STEP, STEP_DEMANDED);
    asm.jumpFar(Condition.EQUAL, next);
    asm.jump(Condition.LESS, unmet);
    asm.compare8(STEP, STEP_DEMAND, DEMAND_AT_LEAST);
    asm.jumpFar(Condition.EQUAL, next);
    asm.place(unmet);
    asm.xor32(RDX, RDX);
    asm.jump(fail);
  }

  private void handleError() {
    Label entry = new Label("entry");
    Label found = new Label("found");
    asm.place(error);
    asm.move64(RDX, RAX);
    asm.negate32(RDX);
    asm.load32(RCX, STEP, STEP_ERRNO_TABLE);
    asm.place(entry);
    asm.load32(RSI, RCX, ERRNO_ENTRY_ERRNO);
    asm.compare32(RSI, RDX);
    asm.jump(Condition.EQUAL, found);
    asm.test32(RSI, RSI);
    asm.jump(Condition.EQUAL, found);
    asm.add64(RCX, ERRNO_ENTRY_SIZE);
    asm.jump(entry);
    asm.place(found);
    asm.load32(RCX, RCX, ERRNO_ENTRY_TARGET);
    asm.test32(RCX, RCX);
    asm.jump(Condition.EQUAL, fail);
    asm.move64(STEP, RCX);
    asm.jumpFar(step);
  }

  /** Reports errno RDX and result RAX of the current step, and ends. */
  private void report() {
    asm.place(fail);
    asm.load32(RCX, STEP, STEP_INDEX);
    asm.store32(DATA, REPORT_STEP, RCX);
    asm.store32(DATA, REPORT_ERRNO, RDX);
    asm.store64(DATA, REPORT_RESULT, RAX);
    asm.load64(RDI, DATA, CELLS);
    asm.address64(RSI, DATA, REPORT);
    asm.set32(RDX, REPORT_SIZE);
    asm.set32(RAX, KernelCall.WRITE.x86());
    asm.systemCall();
    asm.set32(RDI, KernelCall.EXIT_FAILED);
    asm.set32(RAX, KernelCall.EXIT_GROUP.x86());
    asm.systemCall();
  }
}
