package dev.belljar.examples.demonstrations;

import dev.belljar.Container;
import dev.belljar.namespaces.NamespaceType;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Prints what is seen, a line for each thing, and waits where it was told to. */
final class Presentation {
  private static final int CAP_SYS_ADMIN = 21;
  private static final String CAPABILITIES = "CapEff:\t";

  private final PrintStream out;
  private final InputStream lines;
  private final boolean holds;
  private final boolean root;

  /**
   * Begins.
   *
   * @param out where to print
   * @param lines where a line comes from at each moment
   * @param holds whether to wait for them
   */
  Presentation(PrintStream out, InputStream lines, boolean holds) throws IOException {
    this.out = out;
    this.lines = lines;
    this.holds = holds;
    this.root =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith(CAPABILITIES))
            .map(line -> new BigInteger(line.substring(CAPABILITIES.length()), 16))
            .anyMatch(capabilities -> capabilities.testBit(CAP_SYS_ADMIN));
  }

  /** Whether this JVM may do what an ordinary user may not. */
  boolean isRoot() {
    return root;
  }

  /** Shows a thing as it is inside and outside now. */
  void show(NamespaceType kind, String what, String inside, String outside) {
    line(kind, what, "inside: " + oneLine(inside) + "  outside: " + oneLine(outside));
  }

  /** Shows a thing as it is in two containers now. */
  void showTwo(NamespaceType kind, String what, String one, String other) {
    line(kind, what, "in one: " + oneLine(one) + "  in another: " + oneLine(other));
  }

  /** Says a thing that is the same wherever it is looked at. */
  void say(NamespaceType kind, String what, String text) {
    line(kind, what, oneLine(text));
  }

  private void line(NamespaceType kind, String what, String text) {
    out.printf("%-6s %-40s  %s%n", kind, what, text);
  }

  private static String oneLine(String text) {
    String line = text.strip().lines().collect(Collectors.joining("; ")).replaceAll("\\s+", " ");
    return line.isEmpty() ? "none" : line;
  }

  /** Waits at a moment with a name, while these containers are there. */
  void hold(String moment, Container... containers) throws IOException {
    hold(moment, Arrays.stream(containers).mapToLong(Container::pid).toArray());
  }

  /** Waits at a moment with a name, while these processes are there. */
  void hold(String moment, long... processes) throws IOException {
    if (!holds) {
      return;
    }
    String numbers =
        Arrays.stream(processes).mapToObj(Long::toString).collect(Collectors.joining(" "));
    out.println("held at \"" + moment + "\" with " + numbers + ": a line lets it go on");
    int read = lines.read();
    while (read >= 0 && read != '\n') {
      read = lines.read();
    }
  }
}
