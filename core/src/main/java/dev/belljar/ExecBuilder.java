package dev.belljar;

import dev.belljar.namespaces.NamespaceType;
import dev.belljar.program.Credentials;
import dev.belljar.program.TerminalSize;
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
  private boolean homeSaid;
  final Map<String, String> environment;
  List<String> command = List.of();
  Optional<String> workingDirectory;
  Credentials credentials;
  Optional<String> userName = Optional.empty();
  Optional<TerminalSize> terminal = Optional.empty();
  boolean streamsSaid;
  Stdio stdin = Stdio.pipe();
  Stdio stdout = Stdio.pipe();
  Stdio stderr = Stdio.pipe();

  ExecBuilder(ContainerSpec spec, RunningContainer container) {
    this.container = container;
    environment = new LinkedHashMap<>(spec.environment);
    workingDirectory = spec.workingDirectory;
    credentials = spec.credentials;
    homeSaid = spec.homeSaid;
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
    homeSaid |= name.equals("HOME");
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
    userName = Optional.empty();
    return this;
  }

  /**
   * Sets who the command runs as, as the container names them: {@code name} or {@code name:group},
   * either of which may be an id too; see {@link ContainerBuilder#user(String)}. HOME is the user's
   * directory, unless it was said what it is.
   *
   * <p>They are looked up at each start in {@code /etc/passwd} and {@code /etc/group} of the
   * container's root as it is then, with all that is mounted in it. So it is the container who says
   * which of its users that is: processes in it that may change these files can make it any. Links
   * lead nowhere outside of it, and a file that is no regular one, or has more than 1 MiB, is not
   * read.
   *
   * @param name who
   * @return this builder
   */
  public ExecBuilder user(String name) {
    userName = Optional.of(name);
    return this;
  }

  /**
   * Gives the command a terminal of 80 columns and 24 rows; see {@link #terminal(int, int)}.
   *
   * @return this builder
   */
  public ExecBuilder terminal() {
    return terminal(TerminalSize.USUAL.columns(), TerminalSize.USUAL.rows());
  }

  /**
   * Gives the command a terminal of its own, as {@link ContainerBuilder#terminal(int, int)} does,
   * which is not the container's {@code /dev/console}. It is one of what is mounted at the
   * container's {@code /dev/pts}: the start fails where that is no file system of terminals, or
   * something is mounted over its {@code ptmx}. When the command ends, or the container does, the
   * terminal is hung up, which ends what still runs on it.
   *
   * <p>It excludes {@link #stdin}, {@link #stdout} and {@link #stderr}, and needs a MOUNT namespace
   * that is not this JVM's.
   *
   * @param columns characters in a line, 1 to 65,535
   * @param rows lines, 1 to 65,535; see {@link ContainerProcess#resize}
   * @return this builder
   * @see <a href="https://man7.org/linux/man-pages/man7/pty.7.html">pty(7)</a>
   */
  public ExecBuilder terminal(int columns, int rows) {
    terminal = Optional.of(new TerminalSize(columns, rows));
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
    streamsSaid = true;
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
    streamsSaid = true;
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
    streamsSaid = true;
    return this;
  }

  /**
   * Puts the command into the container and waits until it is being executed.
   *
   * @return its process
   * @throws IllegalArgumentException listing every mistake; or when the container has nobody of the
   *     {@linkplain #user(String) name}
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

  /** Tells whether the container's files are its own, and with them its {@code /dev/pts}. */
  boolean ownsMount() {
    return container.blueprint().isolation.owns(NamespaceType.MOUNT);
  }

  /** The environment of a command with a user as found. */
  Map<String, String> environment(Optional<NamedUser> user) {
    Map<String, String> all = new LinkedHashMap<>(environment);
    if (!homeSaid) {
      user.ifPresent(named -> all.put("HOME", named.homeOrUsual()));
    }
    if (terminal.isPresent()) {
      all.putIfAbsent("TERM", "xterm");
    }
    return all;
  }
}
