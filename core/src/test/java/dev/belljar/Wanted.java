package dev.belljar;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The container that an attack asks for, of whichever launcher. */
final class Wanted {
  /**
   * A file or directory of the host to be seen inside.
   *
   * @param source where it is
   * @param target where it is seen
   */
  record Bind(Path source, String target) {}

  final Path root;
  final List<String> command;
  final List<Bind> binds = new ArrayList<>();
  final List<String> hidden = new ArrayList<>();
  Optional<Path> leak = Optional.empty();
  Optional<Path> launcher = Optional.empty();
  Optional<String> domain = Optional.empty();
  String folder = "/";
  boolean forgetsPropagation;
  boolean readOnly;
  boolean hasCgroup = true;

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
    binds.add(new Bind(source, target));
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

  Wanted domain(String name) {
    domain = Optional.of(name);
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

  Wanted withoutCgroupNamespace() {
    hasCgroup = false;
    return this;
  }
}
