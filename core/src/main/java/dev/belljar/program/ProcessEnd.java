package dev.belljar.program;

import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.Report;

/**
 * The last steps of every command's process, in the order the kernel forces: setresuid clears the
 * death signal, so that comes after it; READY is said when only the exec can still fail.
 */
final class ProcessEnd {
  private ProcessEnd() {}

  static void add(ContainerProgram.Draft draft, ProcessSettings process) {
    ProgramBuilder program = draft.steps;
    IdentitySteps.become(program, process);
    process.workingDirectory().accept(program);
    ProcessSteps.endWithJvm(program, draft.input(Input.Single.JVM));
    if (process.noNewPrivileges()) {
      IdentitySteps.noNewPrivileges(program);
    }
    Report.addReady(program);
    process
        .command()
        .ifPresent(command -> CommandSteps.add(program, command.name(), command.candidates()));
  }
}
