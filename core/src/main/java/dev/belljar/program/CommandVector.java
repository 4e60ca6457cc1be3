package dev.belljar.program;

import dev.belljar.linux.launch.ExecVector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A command as the runner gets it: the paths it may be found at, the shell, then its arguments.
 *
 * @param candidates absolute paths, or the command itself when it has a slash
 * @param arguments the command and its arguments
 * @param environment names and values
 */
public record CommandVector(
    List<String> candidates, List<String> arguments, Map<String, String> environment) {
  private static final String SHELL = "/bin/sh";
  private static final String DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

  /** Copies the collections. */
  public CommandVector {
    candidates = List.copyOf(candidates);
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
  }

  /**
   * Works out where a command may be found: with a slash only there, else in each entry of PATH.
   *
   * @param command the command and its arguments, not empty
   * @param environment the container's own environment
   * @return the vector
   */
  public static CommandVector of(List<String> command, Map<String, String> environment) {
    String name = command.getFirst();
    List<String> candidates = new ArrayList<>();
    if (name.indexOf('/') >= 0) {
      candidates.add(name);
    } else {
      for (String entry : environment.getOrDefault("PATH", DEFAULT_PATH).split(":", -1)) {
        candidates.add(entry.isEmpty() ? "./" + name : entry + "/" + name); // empty: here
      }
    }
    return new CommandVector(candidates, command, environment);
  }

  /** Returns the command's name. */
  public String name() {
    return arguments.getFirst();
  }

  /** Copies it to native memory. */
  public ExecVector toNative() {
    List<String> all = new ArrayList<>(candidates);
    all.add(SHELL);
    all.addAll(arguments);
    List<String> variables = new ArrayList<>();
    environment.forEach((name, value) -> variables.add(name + "=" + value));
    return ExecVector.of(all, variables);
  }
}
