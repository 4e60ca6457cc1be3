package dev.belljar;

import dev.belljar.linux.BytePath;
import java.nio.file.Path;

/**
 * Where a standard stream of a process leads; a pipe unless said otherwise, as with {@link
 * ProcessBuilder}.
 */
public sealed interface Stdio {
  /** A pipe to this JVM: {@link Process#getInputStream()} and its siblings. */
  record Pipe() implements Stdio {}

  /** The same as this JVM's. */
  record Inherit() implements Stdio {}

  /** Nowhere: the null device. */
  record Discard() implements Stdio {}

  /**
   * A file of the host.
   *
   * @param path where it is on the host
   * @param append whether output is added to the end; otherwise the file is emptied first
   */
  record File(BytePath path, boolean append) implements Stdio {}

  /**
   * A pipe to this JVM.
   *
   * @return the choice
   */
  static Stdio pipe() {
    return new Pipe();
  }

  /**
   * The same as this JVM's stream. A terminal that is inherited can be read and written by the
   * container, but not be made to type: the container has a session of its own.
   *
   * @return the choice
   */
  static Stdio inherit() {
    return new Inherit();
  }

  /**
   * Reads nothing, writes nowhere.
   *
   * @return the choice
   */
  static Stdio discard() {
    return new Discard();
  }

  /**
   * A file of the host: read for input; made if needed, and emptied, for output.
   *
   * @param path where it is on the host
   * @return the choice
   */
  static Stdio file(Path path) {
    return new File(BytePath.of(path.toAbsolutePath()), false);
  }

  /**
   * A file of the host whose end output is added to.
   *
   * @param path where it is on the host
   * @return the choice
   */
  static Stdio append(Path path) {
    return new File(BytePath.of(path.toAbsolutePath()), true);
  }
}
