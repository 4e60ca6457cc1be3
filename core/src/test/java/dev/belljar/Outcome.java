package dev.belljar;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/**
 * What a process of a container printed, and how it ended.
 *
 * @param out its output, without white space at the ends
 * @param err its errors, without white space at the ends
 * @param status how it ended
 */
record Outcome(String out, String err, ExitStatus status) {
  /** Waits for a process whose streams are pipes. */
  static Outcome of(ContainerProcess process) {
    CompletableFuture<String> err = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> err.complete(text(process.getErrorStream())));
    String out = text(process.getInputStream());
    try {
      return new Outcome(out, err.join(), process.awaitStatus());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Starts a container, and closes it when its command has ended. */
  static Outcome of(ContainerBuilder builder) {
    try (Container container = builder.start()) {
      return of(container.process());
    }
  }

  /** Returns what it printed, having checked that it succeeded. */
  String output() {
    if (!status.isSuccess()) { // no library: JVMs of tests that do not see any come here too
      throw new AssertionError(toString());
    }
    return out;
  }

  private static String text(InputStream stream) {
    try (stream) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
