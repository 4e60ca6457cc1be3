package dev.belljar.linux.launch;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;

/** Turns a reported failure of a step into an exception that explains it. */
final class StepFailure {
  private StepFailure() {}

  static LinuxException of(LaunchProgram program, Report report) {
    if (report.step() < 0 || report.step() >= program.steps().size()) {
      return new LinuxException(
          Uapi.EPROTO(), "read(...)", "the process reported step " + report.step(), "");
    }
    Step step = program.steps().get(report.step());
    String doing = step.name().isEmpty() ? "step " + report.step() : step.name();
    if (report.errno() == 0) {
      String wanted = step.demand().kind() == Demand.Kind.AT_LEAST ? "at least " : "";
      doing += ": the result was " + report.result() + ", not " + wanted + step.demand().value();
    }
    return new LinuxException(
        report.errno(), program.call(report.step()), doing, remedy(step, report));
  }

  private static String remedy(Step step, Report report) {
    String known = step.remedy(report.errno());
    if (!known.isEmpty()) {
      return known;
    }
    long made = Uapi.CLONE_NEWUSER() & step.namespaces();
    return step.operation() instanceof Operation.Call(var number) && number == SyscallNumber.CLONE3
        ? CloneFailure.remedy(report.errno(), made, false)
        : "";
  }
}
