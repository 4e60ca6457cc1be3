package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.bpf.BpfAssembler;
import dev.belljar.cgroups.bpf.BpfInstruction;
import java.util.List;

/** Runs device programs as the kernel's instruction set is described, without the kernel. */
final class BpfInterpreter {
  private static final int MOST_STEPS = 100_000;

  private BpfInterpreter() {}

  /** Runs a program on the words that register 1 points to, and returns register 0. */
  static long run(List<BpfInstruction> program, int... context) {
    long[] registers = new long[11];
    int at = 0;
    for (int step = 0; step < MOST_STEPS; step++) {
      BpfInstruction now = program.get(at++);
      int to = now.destination();
      boolean jumps = false;
      if (now.code() == BpfAssembler.LOAD_WORD) {
        if (now.source() != 1 || now.offset() % 4 != 0) {
          throw new AssertionError("reads outside its context: " + now);
        }
        registers[to] = Integer.toUnsignedLong(context[now.offset() / 4]);
      } else if (now.code() == BpfAssembler.MOVE) {
        registers[to] = now.immediate();
      } else if (now.code() == BpfAssembler.MOVE_REGISTER) {
        registers[to] = registers[now.source()];
      } else if (now.code() == BpfAssembler.AND) {
        registers[to] &= now.immediate();
      } else if (now.code() == BpfAssembler.SHIFT_RIGHT) {
        registers[to] >>>= now.immediate();
      } else if (now.code() == BpfAssembler.JUMP) {
        jumps = true;
      } else if (now.code() == BpfAssembler.JUMP_UNEQUAL) {
        jumps = registers[to] != now.immediate();
      } else if (now.code() == BpfAssembler.JUMP_ANY_BIT) {
        jumps = (registers[to] & now.immediate()) != 0;
      } else if (now.code() == BpfAssembler.EXIT) {
        return registers[0];
      } else {
        throw new AssertionError("unknown instruction " + now);
      }
      at += jumps ? now.offset() : 0;
    }
    throw new AssertionError("does not end");
  }
}
