package dev.belljar.program;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.LaunchProgram;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.Report;
import dev.belljar.linux.syscall.SyscallNumber;
import java.util.function.Consumer;

/** A process that mounts something, and waits until somebody else holds its mount namespace. */
public final class PrepareProgram {
  private PrepareProgram() {}

  /**
   * Returns the program. Its one input is a pipe at whose end it ends; the JVM's end, too, is the
   * end of that.
   *
   * @param mounts adds the steps that mount
   */
  public static LaunchProgram of(Consumer<ProgramBuilder> mounts) {
    ProgramBuilder program = new ProgramBuilder();
    Argument go = program.input("go");
    program
        .call(SyscallNumber.CLOSE_RANGE, literal(0), literal(2), literal(0))
        .named("let go of the streams of the JVM");
    mounts.accept(program);
    Report.addReady(program);
    program.call(SyscallNumber.CLOSE, program.report()).named("let the JVM go on");
    program
        .call(SyscallNumber.READ, go, program.memory(new byte[8]).address(), literal(1))
        .named("wait until the mounts are held")
        .ignoreAll();
    program.exit(0);
    return program.build();
  }
}
