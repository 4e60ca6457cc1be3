package dev.belljar.linux.call;

import dev.belljar.linux.Descriptor;

/**
 * The two ends of a pipe; see pipe(7).
 *
 * @param read the end that is read from
 * @param write the end that is written to
 */
public record Pipe(Descriptor read, Descriptor write) implements AutoCloseable {
  /** Closes both ends, or what is still open of them. */
  @Override
  public void close() {
    try (read;
        write) {
      // closed by the statement itself, the second even when the first fails
    }
  }
}
