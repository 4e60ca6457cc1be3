package dev.belljar.benchmarks;

import java.util.Arrays;

/** Durations, in nanoseconds. */
final class Samples {
  private long[] nanos = new long[16];
  private int count;

  void add(long duration) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * count);
    }
    nanos[count++] = duration;
  }

  /**
   * Returns the shortest duration that a part of all does not exceed.
   *
   * @param part 0 for the least, 0.5 for the median, up to 1
   */
  long percentile(double part) {
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    return sorted[(int) Math.min(count - 1L, (long) (part * count))];
  }
}
