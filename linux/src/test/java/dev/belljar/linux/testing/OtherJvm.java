package dev.belljar.linux.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * Another JVM with the classes of the tests, for what one cannot see of itself: how it starts,
 * where it sits, how it dies. It answers lines with lines.
 */
public final class OtherJvm implements AutoCloseable {
  /** A script that becomes the JVM at once. */
  public static final String PLAIN = "exec \"$@\"";

  /** A script that becomes the JVM in a mount namespace whose mounts are all private. */
  public static final String AMONG_PRIVATE_MOUNTS =
      "exec unshare --mount --propagation private \"$@\"";

  /** In one whose mounts are all shared, in peer groups of their own: nothing comes out. */
  public static final String AMONG_SHARED_MOUNTS =
      "exec unshare --mount --propagation private sh -c 'mount --make-rshared / && exec \"$@\"' sh"
          + " \"$@\"";

  private static final String END = "end of the answer";
  private static final String FAILED = "failed ";
  private static final Duration DEADLINE = Duration.ofMinutes(3);

  private final Process process;
  private final BufferedReader output;
  private final BufferedWriter input;

  private OtherJvm(Process process) {
    this.process = process;
    this.output = process.inputReader(UTF_8);
    this.input = process.outputWriter(UTF_8);
  }

  /**
   * Starts a JVM.
   *
   * @param script a shell script that executes its arguments in the end, such as {@link #PLAIN}
   * @param main a class whose main method calls {@link #serve}
   * @return the running JVM
   */
  public static OtherJvm start(String script, Class<?> main) {
    return start(script, List.of(), main);
  }

  /**
   * Starts a JVM.
   *
   * @param script a shell script that executes its arguments in the end, such as {@link #PLAIN}
   * @param options more options of the JVM
   * @param main a class whose main method calls {@link #serve}
   * @return the running JVM
   */
  public static OtherJvm start(String script, List<String> options, Class<?> main) {
    List<String> command = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    command.addAll(JavaCommand.start());
    command.addAll(
        List.of("--enable-native-access=ALL-UNNAMED", "--illegal-native-access=deny", "-Xmx128m"));
    command.addAll(options);
    command.addAll(List.of("-classpath", JavaCommand.classPath(), main.getName()));
    try {
      return new OtherJvm(new ProcessBuilder(command).redirectErrorStream(true).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Answers questions until there are no more; called by the other JVM's main method. It ends by
   * itself when nobody ended it for three minutes.
   *
   * @param answers what to say to a question, whose words are given; what it throws is said, too
   */
  public static void serve(Function<List<String>, List<String>> answers) {
    serve(DEADLINE, answers);
  }

  /**
   * Answers questions that take longer.
   *
   * @param longest after which it ends by itself
   * @param answers what to say to a question, whose words are given; what it throws is said, too
   */
  public static void serve(Duration longest, Function<List<String>, List<String>> answers) {
    Thread.ofPlatform().daemon().start(() -> endAfter(longest));
    BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    questions
        .lines()
        .forEach(question -> {
          try {
            answers.apply(Arrays.asList(question.split(" "))).forEach(System.out::println);
          } catch (RuntimeException e) {
            System.out.println(FAILED + e.toString().replace('\n', ' '));
          }
          System.out.println(END);
        });
  }

  private static void endAfter(Duration longest) {
    try {
      Thread.sleep(longest);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    Runtime.getRuntime().halt(1);
  }

  /**
   * Returns the process id of the JVM, or of what the script left before it.
   *
   * @return the id
   */
  public long pid() {
    return process.pid();
  }

  /**
   * Asks, and waits for the answer.
   *
   * @param question words with spaces between them
   * @return the lines of the answer
   * @throws AssertionError when the question failed there
   */
  public List<String> ask(String question) {
    tell(question);
    return answer();
  }

  /**
   * Asks what must fail.
   *
   * @param question words with spaces between them
   * @return the exception's class and message
   */
  public String failureOf(String question) {
    tell(question);
    List<String> lines = lines();
    if (lines.isEmpty() || !lines.getLast().startsWith(FAILED)) {
      throw new AssertionError(question + " did not fail but said " + lines);
    }
    return lines.getLast().substring(FAILED.length());
  }

  /**
   * Asks without waiting for the answer.
   *
   * @param question words with spaces between them
   */
  public void tell(String question) {
    try {
      input.write(question);
      input.newLine();
      input.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Waits for the answer to what was told.
   *
   * @return its lines
   * @throws AssertionError when the question failed there
   */
  public List<String> answer() {
    List<String> lines = lines();
    if (!lines.isEmpty() && lines.getLast().startsWith(FAILED)) {
      throw new AssertionError("the other JVM " + lines.getLast());
    }
    return lines;
  }

  private List<String> lines() {
    List<String> lines = new ArrayList<>();
    try {
      for (String line = output.readLine(); !END.equals(line); line = output.readLine()) {
        if (line == null) {
          throw new AssertionError("the other JVM ended, having said " + lines);
        }
        lines.add(line);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }

  /** Lets it end by itself, and waits for that. */
  public void end() {
    try {
      input.close();
      process.waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Kills it with SIGKILL and waits for its end. */
  public void kill() {
    close();
  }

  /** Kills it; nothing when it has ended. */
  @Override
  public void close() {
    process.destroyForcibly();
    try {
      process.waitFor();
      output.close();
      input.close();
    } catch (IOException closed) {
      // what it was told last did not reach it
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
