package dev.belljar.cgroups.event;

import java.time.Duration;
import java.util.Locale;
import java.util.Objects;

/**
 * When waiting for a resource is to be told of: when it adds up to a threshold within a window.
 *
 * {@snippet :
 * // 150 ms within 1 s, during which at least one process waited for memory
 * new StallTrigger(Resource.MEMORY, Share.SOME, Duration.ofMillis(150), Duration.ofSeconds(1));
 * }
 *
 * <p>The kernel tells at most once in a window. The window of an ordinary user, and of any process
 * without CAP_SYS_RESOURCE, must be a multiple of 2 seconds, and Linux 6.4 or later is needed then.
 *
 * @param resource what is waited for
 * @param share who waits
 * @param threshold more than 0, at most the window; whole microseconds
 * @param window 500 ms to 10 s; whole microseconds
 * @see <a
 *     href="https://docs.kernel.org/accounting/psi.html#monitoring-for-pressure-thresholds">PSI,
 *     monitoring for pressure thresholds</a>
 */
public record StallTrigger(Resource resource, Share share, Duration threshold, Duration window) {
  private static final Duration SHORTEST = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofSeconds(10);
  private static final int NANOS_PER_MICRO = 1_000;

  /** What can be waited for. */
  public enum Resource {
    /** A processor. */
    CPU,
    /** Memory being reclaimed or read back. */
    MEMORY,
    /** Input and output of block devices. */
    IO;

    String file() {
      return name().toLowerCase(Locale.ROOT) + ".pressure";
    }
  }

  /** Who waits. */
  public enum Share {
    /** At least one process. */
    SOME,
    /** All processes that have something to do. */
    FULL;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Makes a trigger.
   *
   * @throws IllegalArgumentException when a time is out of its range
   */
  public StallTrigger {
    Objects.requireNonNull(resource, "resource");
    Objects.requireNonNull(share, "share");
    if (window.compareTo(SHORTEST) < 0 || window.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException("a window is 500 ms to 10 s, not " + window);
    }
    if (!threshold.isPositive() || threshold.compareTo(window) > 0) {
      throw new IllegalArgumentException(
          "a threshold is more than 0 and at most the window, not " + threshold);
    }
    if (threshold.toNanos() % NANOS_PER_MICRO != 0 || window.toNanos() % NANOS_PER_MICRO != 0) {
      throw new IllegalArgumentException("threshold and window are whole microseconds");
    }
  }

  /** Returns what is written to the kernel, such as {@code some 150000 1000000}. */
  @Override
  public String toString() {
    return "%s %d %d"
        .formatted(
            share.word(),
            threshold.toNanos() / NANOS_PER_MICRO,
            window.toNanos() / NANOS_PER_MICRO);
  }
}
