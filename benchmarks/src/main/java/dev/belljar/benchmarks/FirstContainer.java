package dev.belljar.benchmarks;

import dev.belljar.Container;
import java.nio.file.Path;

/** A JVM that starts one container, waits for it and ends: {@code FirstContainer ROOT}. */
public final class FirstContainer {
  private FirstContainer() {}

  /** Starts a container with the given root directory. */
  public static void main(String[] arguments) throws InterruptedException {
    try (Container container =
        Scenario.LIMITED.builder(Path.of(arguments[0])).command(Workbench.TRUE).start()) {
      if (container.waitFor() != 0) {
        throw new IllegalStateException("status " + container.exitStatus());
      }
    }
  }
}
