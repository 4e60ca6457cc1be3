package dev.belljar.examples.demonstrations;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.JavaCommand;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The program in a JVM of its own, which waits at each moment until it is told to go on. */
final class HeldProgram implements AutoCloseable {
  private static final Pattern HELD = Pattern.compile("held at \"(.*)\" with ([\\d ]*): .*");
  private static final Pattern SHOWN =
      Pattern.compile("(\\w+) +(.*?) {2,}(?:inside|in one): (.*) {2}(?:outside|in another): (.*)");

  private final Process process;
  private final BufferedReader output;
  private final List<String> printed = new ArrayList<>();
  private boolean held;

  private HeldProgram(Process process) {
    this.process = process;
    this.output = process.inputReader(UTF_8);
  }

  /** Starts one of the demonstrations. */
  static HeldProgram start(String demonstration) throws IOException {
    Effort.assumeNotEmulated(); // there the tests of core show the same in one JVM
    List<String> command = JavaCommand.start();
    command.addAll(
        List.of(
            "--enable-native-access=ALL-UNNAMED",
            "-classpath",
            JavaCommand.classPath(),
            Demonstrations.class.getName(),
            "--hold",
            demonstration));
    return new HeldProgram(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  long pid() {
    return process.pid();
  }

  /**
   * Lets it go on to the next moment.
   *
   * @param name the name that the moment must have
   * @return what was printed since the last one, and the processes that are there now
   */
  Moment next(String name) throws IOException {
    goOn();
    List<String> lines = new ArrayList<>();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      printed.add(line);
      Matcher matcher = HELD.matcher(line);
      if (matcher.matches()) {
        held = true;
        assertThat(matcher.group(1)).as("%s", printed).isEqualTo(name);
        return new Moment(
            lines, Arrays.stream(matcher.group(2).split(" ")).map(Long::parseLong).toList());
      }
      lines.add(line);
    }
    throw new AssertionError("it ended, having said " + printed);
  }

  private void goOn() throws IOException {
    if (held) {
      process.outputWriter(UTF_8).append('\n').flush();
      held = false;
    }
  }

  /** Lets it end, which it must do well. */
  List<String> end() throws IOException, InterruptedException {
    goOn();
    List<String> lines = output.readAllLines();
    printed.addAll(lines);
    assertThat(process.waitFor()).as("%s", printed).isZero();
    return lines;
  }

  /** Lets it run to its end, in which it removes what it made, but not for ever. */
  @Override
  public void close() throws IOException {
    process.outputWriter(UTF_8).close();
    process.onExit().completeOnTimeout(process, 60, TimeUnit.SECONDS).join();
    process.destroyForcibly().onExit().join();
    output.close();
  }

  /**
   * What is seen at a moment.
   *
   * @param lines what was printed
   * @param pids processes as the host numbers them
   */
  record Moment(List<String> lines, List<Long> pids) {
    long pid() {
      return pids.getFirst();
    }

    Shown shown(String what) {
      return lines.stream()
          .map(SHOWN::matcher)
          .filter(matcher -> matcher.matches() && matcher.group(2).equals(what))
          .map(matcher -> new Shown(matcher.group(3), matcher.group(4)))
          .findFirst()
          .orElseThrow(() -> new AssertionError(what + " is not among " + lines));
    }

    /** What was said without a side. */
    Optional<String> said(String what) {
      Pattern pattern = Pattern.compile("\\w+ +" + Pattern.quote(what) + " {2,}(.*)");
      return lines.stream()
          .map(pattern::matcher)
          .filter(Matcher::matches)
          .map(matcher -> matcher.group(1))
          .findFirst();
    }
  }

  /**
   * One thing on both sides.
   *
   * @param inside in the container, or in the first one
   * @param outside on the host, or in the other container
   */
  record Shown(String inside, String outside) {}
}
