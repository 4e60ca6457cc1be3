package dev.belljar.cgroups.controller;

import java.time.Duration;
import java.util.Objects;

/**
 * What a performance counter of a group says, over all processors.
 *
 * @param value what was counted
 * @param enabled the time in which the group ran
 * @param running the part of it in which the event was counted: less when the processor has fewer
 *     counters than are in use
 */
public record PerfCount(long value, Duration enabled, Duration running) {
  /** Makes a reading. */
  public PerfCount {
    Objects.requireNonNull(enabled, "enabled");
    Objects.requireNonNull(running, "running");
  }

  /**
   * Returns what would have been counted if it had been counted all the time.
   *
   * @return the value, or an estimate where the event was counted a part of the time only
   */
  public long scaled() {
    if (running.isZero() || running.compareTo(enabled) >= 0) {
      return value;
    }
    return Math.round((double) value * enabled.toNanos() / running.toNanos());
  }
}
