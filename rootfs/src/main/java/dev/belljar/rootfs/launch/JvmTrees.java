package dev.belljar.rootfs.launch;

import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.Operation;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import java.util.function.IntFunction;

/**
 * Detached trees of mounts that the JVM makes and hands over, in the order in which a program asks
 * for them; see {@link RootfsSources}.
 */
final class JvmTrees {
  private final ProgramBuilder program;
  private final IntFunction<Argument> inputs;
  private int used;

  JvmTrees(ProgramBuilder program, IntFunction<Argument> inputs) {
    this.program = program;
    this.inputs = inputs;
  }

  /** The next tree, as a variable of the program. */
  Variable next(String what) {
    Variable tree = program.variable("tree of the JVM", -1);
    program
        .control(Operation.Control.ADD, inputs.apply(used++), ProgramBuilder.literal(0))
        .into(tree)
        .named(what);
    return tree;
  }
}
