package dev.belljar.cgroups.stats;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Processor time of a group and those below it.
 *
 * @param total all of it; empty when neither cpuacct nor version 2 counts it
 * @param user outside the kernel
 * @param system in the kernel
 * @param perCpu by processor, from 0 on; empty on version 2, which does not count it so
 * @param throttling how a quota held the group back; empty without the cpu controller
 * @param burst how a burst helped; empty before Linux 5.16
 * @param counters all of {@code cpu.stat} as the kernel has it: nanoseconds on version 1,
 *     microseconds where the key says {@code _usec}
 */
public record CpuStats(
    Optional<Duration> total,
    Optional<Duration> user,
    Optional<Duration> system,
    List<Duration> perCpu,
    Optional<Throttling> throttling,
    Optional<Burst> burst,
    Map<String, Long> counters) {
  /** Makes a reading. */
  public CpuStats {
    perCpu = List.copyOf(perCpu);
    counters = Maps.copy(counters);
  }

  /**
   * How a quota held a group back.
   *
   * @param periods in how many periods it had a quota and ran
   * @param throttled in how many of them it used up its quota
   * @param time how long it was held back, summed over processors
   */
  public record Throttling(long periods, long throttled, Duration time) {}

  /**
   * How a burst helped a group.
   *
   * @param bursts in how many periods it used more than its quota
   * @param time how much more
   */
  public record Burst(long bursts, Duration time) {}
}
