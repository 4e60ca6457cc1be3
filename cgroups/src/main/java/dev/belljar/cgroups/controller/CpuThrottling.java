package dev.belljar.cgroups.controller;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a CPU quota did to a group.
 *
 * @param periods how many periods began in which the group had something to run; counted only while
 *     there is a quota
 * @param throttledPeriods in how many of them it used up its quota
 * @param throttledTime how long it waited, the sum over its processors
 * @param bursts in how many periods it used more than its quota, from what it had saved; empty
 *     before Linux 5.16
 * @param burstTime how much more it used, the sum over its processors; empty before Linux 5.16
 * @see <a href="https://docs.kernel.org/scheduler/sched-bwc.html">CFS bandwidth control</a>
 */
public record CpuThrottling(
    long periods,
    long throttledPeriods,
    Duration throttledTime,
    OptionalLong bursts,
    Optional<Duration> burstTime) {
  /** Makes a reading. */
  public CpuThrottling {
    Objects.requireNonNull(throttledTime, "throttledTime");
    Objects.requireNonNull(bursts, "bursts");
    Objects.requireNonNull(burstTime, "burstTime");
  }

  /** Reads {@code cpu.stat} of version 1, whose times are nanoseconds. */
  static CpuThrottling v1(Map<String, Long> stat) {
    return new CpuThrottling(
        stat.get("nr_periods"),
        stat.get("nr_throttled"),
        Duration.ofNanos(stat.get("throttled_time")),
        bursts(stat),
        Optional.ofNullable(stat.get("burst_time")).map(Duration::ofNanos));
  }

  /** Reads that of version 2, which has these only where the controller is enabled. */
  static Optional<CpuThrottling> v2(Map<String, Long> stat) {
    if (!stat.containsKey("nr_periods")) {
      return Optional.empty();
    }
    return Optional.of(
        new CpuThrottling(
            stat.get("nr_periods"),
            stat.get("nr_throttled"),
            Micros.of(stat.get("throttled_usec")),
            bursts(stat),
            Optional.ofNullable(stat.get("burst_usec")).map(Micros::of)));
  }

  private static OptionalLong bursts(Map<String, Long> stat) {
    Long bursts = stat.get("nr_bursts");
    return bursts == null ? OptionalLong.empty() : OptionalLong.of(bursts);
  }
}
