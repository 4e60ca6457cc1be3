package dev.belljar;

import dev.belljar.program.Credentials;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Collects what a command put into a running container is to be; what is not said is as for the
 * container's own command.
 */
public final class ExecBuilder {
  private final RunningContainer container;
  final Map<String, String> environment;
  List<String> command = List.of();
  Optional<String> workingDirectory;
  Credentials credentials;
  Stdio stdin = Stdio.pipe();
  Stdio stdout = Stdio.pipe();
  Stdio stderr = Stdio.pipe();

  ExecBuilder(ContainerSpec spec, RunningContainer container) {
    this.container = container;
    environment = new LinkedHashMap<>(spec.environment);
    workingDirectory = spec.workingDirectory;
    credentials = spec.credentials;
  }

  /**
   * Sets the command; see {@link ContainerBuilder#command(String...)}.
   *
   * @param words the command and its arguments
   * @return this builder
   */
  public ExecBuilder command(String... words) {
    command = List.of(words);
    return this;
  }

  /**
   * Sets the command; see {@link ContainerBuilder#command(String...)}.
   *
   * @param words the command and its arguments
   * @return this builder
   */
  public ExecBuilder command(List<String> words) {
    command = List.copyOf(words);
    return this;
  }

  /**
   * Sets an environment variable, beside those of the container.
   *
   * @param name its name, without {@code =}
   * @param value its value
   * @return this builder
   */
  public ExecBuilder environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /**
   * Sets the directory the command starts in.
   *
   * @param path an absolute path inside the container
   * @return this builder
   */
  public ExecBuilder workingDirectory(String path) {
    workingDirectory = Optional.of(path);
    return this;
  }

  /**
   * Sets who the command runs as; see {@link ContainerBuilder#user}.
   *
   * @param uid the user id inside the container
   * @param gid the group id inside the container
   * @param groups supplementary group ids
   * @return this builder
   */
  public ExecBuilder user(long uid, long gid, long... groups) {
    credentials = new Credentials(uid, gid, Arrays.stream(groups).boxed().toList());
    return this;
  }

  /**
   * Sets where the command's input comes from; a pipe by default.
   *
   * @param source the source
   * @return this builder
   */
  public ExecBuilder stdin(Stdio source) {
    stdin = source;
    return this;
  }

  /**
   * Sets where the command's output goes; a pipe by default.
   *
   * @param target the target
   * @return this builder
   */
  public ExecBuilder stdout(Stdio target) {
    stdout = target;
    return this;
  }

  /**
   * Sets where the command's errors go; a pipe by default.
   *
   * @param target the target
   * @return this builder
   */
  public ExecBuilder stderr(Stdio target) {
    stderr = target;
    return this;
  }

  /**
   * Puts the command into the container and waits until it is being executed.
   *
   * @return its process
   * @throws IllegalArgumentException listing every mistake
   * @throws IllegalStateException when the container has ended
   * @throws ContainerException when a call fails; nothing is left behind
   */
  public ContainerProcess start() {
    List<String> mistakes = Mistakes.of(this);
    if (!mistakes.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", mistakes));
    }
    return ExecStarter.start(this, container);
  }
}
