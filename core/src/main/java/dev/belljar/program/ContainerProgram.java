package dev.belljar.program;

import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.LaunchProgram;
import dev.belljar.linux.launch.ProgramBuilder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A program of a container, and which descriptors it wants in which order.
 *
 * @param program the program
 * @param inputs what its inputs are, less the report channel
 */
public record ContainerProgram(LaunchProgram program, List<Input> inputs) {
  /** Copies the list. */
  public ContainerProgram {
    inputs = List.copyOf(inputs);
  }

  /** A program in the making, with its inputs. */
  static final class Draft {
    final ProgramBuilder steps = new ProgramBuilder();
    private final List<Input> inputs = new ArrayList<>();
    private final Map<Input, Argument> arguments = new HashMap<>();

    /** Declares an input at its first use. */
    Argument input(Input input) {
      return arguments.computeIfAbsent(
          input,
          wanted -> {
            inputs.add(wanted);
            return steps.input(wanted.label());
          });
    }

    ContainerProgram finish() {
      return new ContainerProgram(steps.build(), inputs);
    }
  }
}
