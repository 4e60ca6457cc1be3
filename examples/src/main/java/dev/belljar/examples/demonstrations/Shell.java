package dev.belljar.examples.demonstrations;

import dev.belljar.Container;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Asks by a shell script, in a container or on the host. */
final class Shell {
  private Shell() {}

  /** What the script prints inside. */
  static String inside(Container container, String script) throws IOException {
    return output(container.exec("sh", "-c", script));
  }

  /** What the script prints outside. */
  static String outside(String script) throws IOException {
    return output(new ProcessBuilder("sh", "-c", script).start());
  }

  /** What a command complains of inside; {@code done} when it does not. */
  static String complaint(Container container, String command) throws IOException {
    String complaint = inside(container, "(" + command + ") 2>&1 >/dev/null");
    return complaint.isEmpty() ? "done" : complaint;
  }

  /** Whether there is such a program on the host, whose files containers see. */
  static boolean has(String program) throws IOException {
    return !outside("command -v " + program).isEmpty();
  }

  private static String output(Process process) throws IOException {
    process.getOutputStream().close();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }
}
