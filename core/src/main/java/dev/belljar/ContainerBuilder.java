package dev.belljar;

import dev.belljar.program.Credentials;
import dev.belljar.program.TerminalSize;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Collects what a container is to be; of calls that say the same thing, the last one holds.
 *
 * <p>Nothing is checked or touched before {@link #build()} or {@link #start()}, and then every
 * mistake is told at once. A builder can be started many times. It is not safe for use by several
 * threads at once; the {@link ContainerSpec} it builds is.
 *
 * {@snippet :
 * Container.builder()
 *     .command("sh", "-c", "id; ps ax; exit 7")
 *     .memory(64 << 20)
 *     .start()
 *     .waitFor(); // 7
 * }
 */
public final class ContainerBuilder extends NamespaceSettings<ContainerBuilder> {
  List<String> command = List.of();
  boolean commandSaid;
  final Map<String, String> environment = new LinkedHashMap<>();
  Optional<String> cgroupParent = Optional.empty();
  Credentials credentials = Credentials.ROOT;
  Optional<String> userName = Optional.empty();
  Stdio stdin = Stdio.pipe();
  Stdio stdout = Stdio.pipe();
  Stdio stderr = Stdio.pipe();
  boolean streamsSaid;
  Optional<TerminalSize> terminal = Optional.empty();
  boolean init;
  Optional<Duration> timeout = Optional.empty();
  boolean accounting;
  boolean lenient;
  boolean privileged;
  boolean prepare = true;

  ContainerBuilder() {}

  @Override
  ContainerBuilder self() {
    return this;
  }

  /**
   * Sets what runs in the container. It is looked up inside, in the container's PATH unless its
   * name has a slash. Without a command the container holds only the built-in init, for {@link
   * Container#exec}.
   *
   * @param words the command and its arguments
   * @return this builder
   */
  public ContainerBuilder command(String... words) {
    return command(List.of(words));
  }

  /**
   * Sets what runs in the container; see {@link #command(String...)}.
   *
   * @param words the command and its arguments
   * @return this builder
   */
  public ContainerBuilder command(List<String> words) {
    command = List.copyOf(words);
    commandSaid = true;
    return this;
  }

  /**
   * Sets an environment variable. The environment begins with PATH and HOME only: nothing of this
   * JVM's environment goes into the container.
   *
   * @param name its name, without {@code =}
   * @param value its value
   * @return this builder
   */
  public ContainerBuilder environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  /**
   * Sets environment variables; see {@link #environment(String, String)}.
   *
   * @param variables names and values
   * @return this builder
   */
  public ContainerBuilder environment(Map<String, String> variables) {
    environment.putAll(variables);
    return this;
  }

  /**
   * Sets the control group below which the container's is made, instead of this JVM's own.
   *
   * @param path a path from the root of each hierarchy, such as {@code /machine}
   * @return this builder
   */
  public ContainerBuilder cgroupParent(String path) {
    cgroupParent = Optional.of(path);
    return this;
  }

  /**
   * Makes the container's control group in every hierarchy that counts or controls something, so
   * that all its statistics can be read and it can be paused; by default it is only where a limit
   * needs it, which makes starts faster.
   *
   * @return this builder
   */
  public ContainerBuilder accounting() {
    accounting = true;
    return this;
  }

  /**
   * Sets who the command runs as; root of the container by default. A user other than root has no
   * capabilities.
   *
   * @param uid the user id inside the container
   * @param gid the group id inside the container
   * @param groups supplementary group ids
   * @return this builder
   */
  public ContainerBuilder user(long uid, long gid, long... groups) {
    credentials = new Credentials(uid, gid, Arrays.stream(groups).boxed().toList());
    userName = Optional.empty();
    return this;
  }

  /**
   * Sets who the command runs as, as the container's root names them: {@code name} or {@code
   * name:group}, either of which may be an id too. Without a group, the user's own and
   * supplementary ones are taken; an id that the root has no user for gets group 0. HOME is the
   * user's directory.
   *
   * <p>They are looked up once, by {@link #build()}, in {@code /etc/passwd} and {@code /etc/group}
   * of {@code Rootfs.host()} or a directory, without regard to what is mounted in it. Links lead
   * nowhere outside of it. It is an {@link IllegalArgumentException} when there is nobody of the
   * name, or when such a file is no regular one or has more than 1 MiB; and for other roots, which
   * are only made at the start.
   *
   * @param name who
   * @return this builder
   */
  public ContainerBuilder user(String name) {
    userName = Optional.of(name);
    return this;
  }

  /**
   * Sets where the command's input comes from; a pipe by default.
   *
   * @param source the source
   * @return this builder
   */
  public ContainerBuilder stdin(Stdio source) {
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
  public ContainerBuilder stdout(Stdio target) {
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
  public ContainerBuilder stderr(Stdio target) {
    stderr = target;
    streamsSaid = true;
    return this;
  }

  /**
   * Gives the command a terminal of 80 columns and 24 rows; see {@link #terminal(int, int)}.
   *
   * @return this builder
   */
  public ContainerBuilder terminal() {
    return terminal(TerminalSize.USUAL.columns(), TerminalSize.USUAL.rows());
  }

  /**
   * Gives the command a terminal: one of the container's own {@code /dev/pts}, which is its {@code
   * /dev/console}, its three standard streams, and what controls its session, so that the byte 3
   * (Ctrl-C) written to it interrupts what runs in the foreground. {@link Process#getInputStream()}
   * reads what it shows, errors included, {@link Process#getOutputStream()} types. Closing that
   * ends nothing; the byte 4 at the beginning of a line is the end of the input. The environment
   * begins with TERM=xterm.
   *
   * <p>It excludes {@link #stdin}, {@link #stdout} and {@link #stderr}, and needs a command and an
   * own MOUNT namespace.
   *
   * @param columns characters in a line, 1 to 65,535
   * @param rows lines, 1 to 65,535; see {@link ContainerProcess#resize}
   * @return this builder
   * @see <a href="https://man7.org/linux/man-pages/man7/pty.7.html">pty(7)</a>
   */
  public ContainerBuilder terminal(int columns, int rows) {
    terminal = Optional.of(new TerminalSize(columns, rows));
    return this;
  }

  /**
   * Puts the built-in init before the command, as process 1: it reaps orphans and passes signals
   * on, and the command is an ordinary process, for which signals have their usual effect.
   *
   * @param wanted true for an init; a container without a command has one in any case
   * @return this builder
   */
  public ContainerBuilder init(boolean wanted) {
    init = wanted;
    return this;
  }

  /**
   * Kills the container when it has run for so long; see {@link ExitStatus#timedOut()}.
   *
   * @param limit the time, counted from the start
   * @return this builder
   */
  public ContainerBuilder timeout(Duration limit) {
    timeout = Optional.of(limit);
    return this;
  }

  /**
   * Says whether starts of one {@link ContainerSpec} may be prepared, so that later ones are
   * faster; by default they may. What is prepared is let go when it is not used for some seconds.
   *
   * <p>From the second start on the empty control groups of the next container are made while the
   * one before runs, unless its limits take something from others even so, as those for real-time
   * tasks do. They can be seen in the host's hierarchies.
   *
   * <p>From the third start on what the starts have in common of their mounts is kept, where root
   * starts containers in {@code Rootfs.host()} or a directory, with no mounts of their own but
   * binds, which are taken anew at each start, and new file systems such as tmpfs; not where the
   * container is privileged, has a USER or TIME of its own, or is put into a network. It is also
   * let go when the mounts of this JVM change, which is looked for at each start and every few
   * seconds, and when the directory is replaced, which is looked for at each start. Until then a
   * file system in it that is unmounted elsewhere stays in use.
   *
   * @param may whether anything may be prepared
   * @return this builder
   */
  public ContainerBuilder prepare(boolean may) {
    prepare = may;
    return this;
  }

  /**
   * Starts the container even where this host cannot give all that was asked for; what is missing
   * is then a warning of the plan instead of an exception.
   *
   * @return this builder
   */
  public ContainerBuilder lenient() {
    lenient = true;
    return this;
  }

  /**
   * Gives the command every capability of this JVM's user, leaves {@code /proc} and {@code /sys}
   * open, and lets exec give privileges: root inside is root outside.
   *
   * <p>In a USER namespace of its own the command cannot take apart what was mounted for it:
   * read-only and hidden paths hold. Without one they do not.
   *
   * @return this builder
   */
  public ContainerBuilder privileged() {
    privileged = true;
    return this;
  }

  /**
   * Checks everything that was said.
   *
   * @return the immutable description
   * @throws IllegalArgumentException listing every mistake
   */
  public ContainerSpec build() {
    return new ContainerSpec(this);
  }

  /**
   * Starts a container and waits until its command is being executed.
   *
   * @return the running container, to be closed
   * @throws IllegalArgumentException listing every mistake, before anything was touched
   * @throws UnsupportedOperationException listing everything that this host cannot do, before
   *     anything was touched
   * @throws ContainerException when a call fails; nothing is left behind
   */
  public Container start() {
    return build().start();
  }
}
