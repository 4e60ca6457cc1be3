package dev.belljar.benchmarks;

import dev.belljar.Container;
import dev.belljar.ContainerBuilder;
import dev.belljar.ContainerSpec;
import dev.belljar.Stdio;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * A JVM of its own that starts containers when it is asked to, like the C program, so that JVMs can
 * be compared with each other: {@code JavaPeer ROOT [SCENARIO] [prepared|exec]}.
 */
public final class JavaPeer {
  /** Says that mounts and groups are made ahead. */
  static final String PREPARED = "prepared";

  /** Says that commands are put into one container. */
  static final String EXEC = "exec";

  private static final int WARM_UP = 500;

  private JavaPeer() {}

  /** Serves requests until its standard input ends. */
  public static void main(String[] arguments) throws IOException {
    List<String> words = List.of(arguments);
    Scenario scenario =
        Arrays.stream(Scenario.values())
            .filter(each -> words.contains(each.key()))
            .findFirst()
            .orElse(Scenario.LIMITED);
    ContainerBuilder builder = scenario.builder(Path.of(arguments[0]));
    if (words.contains(EXEC)) {
      try (Container container = builder.start()) {
        serve(() -> execIn(container));
      }
    } else {
      ContainerSpec spec =
          builder.command(Workbench.TRUE).prepare(words.contains(PREPARED)).build();
      serve(() -> start(spec));
    }
  }

  private static void serve(Callable<Integer> work) throws IOException {
    for (int i = 0; i < WARM_UP; i++) {
      run(work);
    }
    InputStream requests = System.in;
    PrintStream answers = System.out;
    while (requests.read() >= 0) {
      long begin = System.nanoTime();
      run(work);
      long took = System.nanoTime() - begin;
      byte[] answer =
          ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(took).array();
      answers.write(answer, 0, answer.length);
      answers.flush();
    }
  }

  private static void run(Callable<Integer> work) {
    try {
      int status = work.call();
      if (status != 0) {
        throw new IllegalStateException("status " + status);
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** A start, to the exit of the command. */
  static int start(ContainerSpec spec) throws InterruptedException {
    try (Container container = spec.start()) {
      return container.waitFor();
    }
  }

  /** A command in a running container. */
  static int execIn(Container container) throws InterruptedException {
    return container
        .exec()
        .command(Workbench.TRUE)
        .stdin(Stdio.discard())
        .stdout(Stdio.discard())
        .stderr(Stdio.discard())
        .start()
        .waitFor();
  }
}
