package dev.belljar;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.belljar.linux.testing.JavaCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * A JVM of its own that uses the library, for what cannot be tried in the test's: how it was
 * started, and how it ends.
 */
final class ChildJvm implements AutoCloseable {
  private final Process process;

  private ChildJvm(Process process) {
    this.process = process;
  }

  /**
   * Starts one.
   *
   * @param before a command that executes the rest of its arguments; may be empty
   * @param options of the JVM
   * @param main the class to run
   * @param arguments of its main method
   */
  static ChildJvm start(
      List<String> before, List<String> options, Class<?> main, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(before);
    command.addAll(JavaCommand.start());
    command.add("-Xmx64m");
    command.addAll(options);
    command.addAll(List.of("-classpath", JavaCommand.classPath(), main.getName()));
    command.addAll(List.of(arguments));
    return new ChildJvm(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  /**
   * Returns a command that executes the rest of its arguments by a script in a mount namespace of
   * its own, whose mounts are private.
   *
   * @param script what to do there; it ends with {@code "$@"}
   * @param name what {@code $0} is in it
   */
  static List<String> inOwnMounts(String script, String name) {
    return List.of("unshare", "--mount", "--propagation", "private", "sh", "-c", script, name);
  }

  /** Runs one to its end and returns what it printed. */
  static String run(List<String> before, List<String> options, Class<?> main, String... arguments)
      throws IOException {
    try (ChildJvm jvm = start(before, options, main, arguments)) {
      jvm.process.getOutputStream().close();
      try (InputStream output = jvm.process.getInputStream()) {
        return new String(output.readAllBytes(), UTF_8).strip();
      }
    }
  }

  /** Runs one that may make native calls. */
  static String run(List<String> before, Class<?> main, String... arguments) throws IOException {
    return run(before, List.of("--enable-native-access=ALL-UNNAMED"), main, arguments);
  }

  /** Its handle, for its children. */
  ProcessHandle handle() {
    return process.toHandle();
  }

  BufferedReader output() {
    return process.inputReader();
  }

  /** Stops it, so that nothing in it goes on. */
  void stop() throws IOException {
    try {
      new ProcessBuilder("kill", "-STOP", Long.toString(process.pid())).start().waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends it as the kernel does when memory is short. */
  void kill() {
    process.destroyForcibly();
    process.onExit().join();
  }

  @Override
  public void close() {
    kill();
  }
}
