package dev.belljar.benchmarks;

import dev.belljar.Container;
import dev.belljar.ContainerSpec;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;

/**
 * A JVM of its own that starts containers when it is asked to, like the C program, so that JVMs can
 * be compared with each other: {@code JavaPeer ROOT [prepared]}.
 */
public final class JavaPeer {
  /** Says that mounts and groups are made ahead. */
  static final String PREPARED = "prepared";

  private static final int WARM_UP = 500;

  private JavaPeer() {}

  /** Serves requests until its standard input ends. */
  public static void main(String[] arguments) throws IOException {
    ContainerSpec spec =
        Scenario.LIMITED
            .builder(Path.of(arguments[0]))
            .command(Workbench.TRUE)
            .prepare(List.of(arguments).contains(PREPARED))
            .build();
    for (int i = 0; i < WARM_UP; i++) {
      run(spec);
    }
    InputStream requests = System.in;
    PrintStream answers = System.out;
    while (requests.read() >= 0) {
      long begin = System.nanoTime();
      run(spec);
      long took = System.nanoTime() - begin;
      byte[] answer =
          ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(took).array();
      answers.write(answer, 0, answer.length);
      answers.flush();
    }
  }

  private static void run(ContainerSpec spec) {
    try (Container container = spec.start()) {
      if (container.waitFor() != 0) {
        throw new IllegalStateException("status " + container.exitStatus());
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
