package dev.belljar.linux.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.linux.uapi.clone_args;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Steps that fork a sibling, report it and end; the steps that follow are the sibling's. */
final class ForkSteps {
  private ForkSteps() {}

  /**
   * Adds the steps.
   *
   * @param namespaces what the forked process gets new
   * @param beforeReport adds what the forking process does between clone and report
   */
  static void add(ProgramBuilder program, long namespaces, Runnable beforeReport) {
    ProgramBuilder.Variable pid = program.variable("pid");
    ProgramBuilder.Label forked = program.label();
    Argument arguments = program.memory(cloneArguments(namespaces)).address();
    program
        .call(SyscallNumber.CLONE3, arguments, literal(clone_args.sizeof()))
        .into(pid)
        .named("fork");
    program.jumpIfEqual(pid.value(), literal(0), forked);
    beforeReport.run();
    Report.addProcess(program, pid.value());
    program.exit(0);
    program.place(forked);
  }

  private static byte[] cloneArguments(long namespaces) {
    MemorySegment arguments = MemorySegment.ofArray(new long[(int) clone_args.sizeof() / 8]);
    clone_args.flags(arguments, Uapi.CLONE_PARENT() | namespaces);
    return arguments.toArray(ValueLayout.JAVA_BYTE);
  }
}
