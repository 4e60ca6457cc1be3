package dev.belljar.namespaces.net;

/**
 * How much a container may receive and send.
 *
 * @param ingress what it may receive, in bytes per second; 1000 or more
 * @param egress what it may send, in bytes per second; 1000 or more
 */
public record Rate(long ingress, long egress) {
  private static final long LOWEST = 1000;

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException when a rate is too low to be kept
   */
  public Rate {
    if (ingress < LOWEST || egress < LOWEST) {
      throw new IllegalArgumentException(
          "a rate is 1000 bytes per second or more, not %d and %d".formatted(ingress, egress));
    }
  }
}
