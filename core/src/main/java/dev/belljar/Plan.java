package dev.belljar;

import java.util.List;

/**
 * What happens in the child process between its clone and the first instruction of its command, and
 * what a person should know about it.
 *
 * <p>{@link ContainerSpec#plan()} tells it beforehand and touches nothing, {@link Container#plan()}
 * tells what ran.
 *
 * @param steps the steps, in their order
 * @param warnings pitfalls, and what is left out on this host; a sentence each
 */
public record Plan(List<Step> steps, List<String> warnings) {
  /** Copies the lists. */
  public Plan {
    steps = List.copyOf(steps);
    warnings = List.copyOf(warnings);
  }

  /**
   * One step.
   *
   * @param call the system call as strace would print it, or what the launcher does itself
   * @param purpose what it is for; empty where the call says it
   */
  public record Step(String call, String purpose) {}

  /** Prints the steps, numbered, and the warnings. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      text.append("%3d  %s".formatted(i, step.call()));
      if (!step.purpose().isEmpty()) {
        text.append("  # ").append(step.purpose());
      }
      text.append('\n');
    }
    warnings.forEach(warning -> text.append("warning: ").append(warning).append('\n'));
    return text.toString();
  }
}
