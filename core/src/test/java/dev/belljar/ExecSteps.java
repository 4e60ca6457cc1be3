package dev.belljar;

import dev.belljar.program.CommandVector;
import dev.belljar.program.TerminalSize;
import java.util.List;
import java.util.Optional;

/** The steps of an exec, which no plan shows. */
final class ExecSteps {
  private ExecSteps() {}

  /** Returns what an exec of a command into a container of a spec does. */
  static List<Plan.Step> of(ContainerSpec spec, String... command) {
    return of(spec, Optional.empty(), command);
  }

  /** The same for one that gets a terminal, if a size is given. */
  static List<Plan.Step> of(
      ContainerSpec spec, Optional<TerminalSize> terminal, String... command) {
    Blueprint blueprint = spec.blueprint();
    CommandVector vector = CommandVector.of(List.of(command), spec.environment);
    boolean byHandles = !blueprint.isolation.jvmMayAdministrate();
    return Plans.of(
            blueprint
                .execs
                .prepare(vector, spec.workingDirectory, spec.credentials, terminal, byHandles)
                .program()
                .program(),
            List.of())
        .steps();
  }
}
