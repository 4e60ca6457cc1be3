package dev.belljar;

import dev.belljar.linux.BytePath;
import dev.belljar.rootfs.Overlay;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The container that an attack asks for, of whichever launcher. */
final class Wanted implements Deed {
  /**
   * A file or directory of the host to be seen inside.
   *
   * @param source where it is
   * @param target where it is seen
   * @param readOnly whether nothing below it may be written
   * @param base the attacker's directory that the source is in, and has to be in
   */
  record Bind(Path source, String target, boolean readOnly, Optional<Path> base) {}

  /** The sysctl that is set, which every NET namespace has, and its value. */
  static final String SYSCTL = "net.ipv4.ip_default_ttl";

  /** Where it is, below a /proc. */
  static final String SYSCTL_FILE = "sys/net/ipv4/ip_default_ttl";

  static final String SYSCTL_VALUE = "77";

  final Path root;
  final List<String> command;
  final List<Bind> binds = new ArrayList<>();
  final List<String> hidden = new ArrayList<>();
  Optional<Path> leak = Optional.empty();
  Optional<Path> launcher = Optional.empty();
  Optional<Path> hosts = Optional.empty();
  boolean sysctl;
  boolean terminal;
  Optional<String> user = Optional.empty();
  String folder = "/";
  boolean forgetsPropagation;
  boolean readOnly;
  boolean checksPaths;
  boolean hasCgroup = true;
  Optional<Overlay> cleanedUp = Optional.empty();

  private Wanted(Path root, List<String> command) {
    this.root = root;
    this.command = command;
  }

  /** A container of a shell. */
  static Wanted sh(Scene scene, String script) {
    return new Wanted(scene.root(), List.of("/bin/sh", "-c", script));
  }

  /** A container of any command. */
  static Wanted command(Scene scene, String... words) {
    return new Wanted(scene.root(), List.of(words));
  }

  Wanted bind(Path source, String target) {
    binds.add(new Bind(source, target, false, Optional.empty()));
    return this;
  }

  /** What a directory of the attacker's has of a name. */
  Wanted bindWithin(Path base, String source, String target) {
    binds.add(new Bind(Path.of(source), target, false, Optional.of(base)));
    return this;
  }

  /** With all that is mounted below it. */
  Wanted bindReadOnly(Path source, String target) {
    binds.add(new Bind(source, target, true, Optional.empty()));
    return this;
  }

  /** It is in a network, whose names are in a file in place of /etc/hosts. */
  Wanted hosts(Path file) {
    hosts = Optional.of(file);
    return this;
  }

  Wanted hide(String path) {
    hidden.add(path);
    return this;
  }

  /** The launching process has a directory open, and says nothing of close-on-exec. */
  Wanted leak(Path directory) {
    leak = Optional.of(directory);
    return this;
  }

  /** A program of the host is at work in the PID namespace: an init, or one that waits. */
  Wanted launcher(Path program) {
    launcher = Optional.of(program);
    return this;
  }

  /** A setting of its NET namespace is to be made. */
  Wanted sysctl() {
    sysctl = true;
    return this;
  }

  /** The command gets a terminal, which is /dev/console. */
  Wanted terminal() {
    terminal = true;
    return this;
  }

  /** The command runs as a user that the root has a name for. */
  Wanted user(String name) {
    user = Optional.of(name);
    return this;
  }

  Wanted folder(String path) {
    folder = path;
    return this;
  }

  /** The naive launcher does nothing about propagation. */
  Wanted forgettingPropagation() {
    forgetsPropagation = true;
    return this;
  }

  Wanted readOnly() {
    readOnly = true;
    return this;
  }

  /**
   * What the launcher made in the root is taken away afterwards; Belljar made it in a folder of
   * changes.
   */
  Wanted cleaningUp(Path folder) {
    cleanedUp = Optional.of(Overlay.of(root.toString()).upper(BytePath.of(folder)));
    return this;
  }

  /** The naive launcher looks where a path leads before it uses it. */
  Wanted checkingPaths() {
    checksPaths = true;
    return this;
  }

  Wanted withoutCgroupNamespace() {
    hasCgroup = false;
    return this;
  }

  @Override
  public String carelessly() {
    return NaiveLauncher.run(this);
  }

  @Override
  public String byBelljar(boolean rootless) {
    return BelljarLauncher.run(this, rootless);
  }
}
