package dev.belljar.cgroups.stats;

import java.util.Map;
import java.util.OptionalLong;

/**
 * What a group and those below it read from a block device and wrote to it.
 *
 * <p>Version 1 counts a direction only while it has a reason to, such as a throttle rule, or when
 * the device's scheduler is bfq: what it does not count is empty.
 *
 * @param bytesRead bytes
 * @param bytesWritten bytes
 * @param bytesDiscarded bytes
 * @param reads how many requests
 * @param writes how many requests
 * @param discards how many requests
 * @param counters all of the device's line of {@code io.stat}; empty on version 1
 */
public record IoStats(
    OptionalLong bytesRead,
    OptionalLong bytesWritten,
    OptionalLong bytesDiscarded,
    OptionalLong reads,
    OptionalLong writes,
    OptionalLong discards,
    Map<String, Long> counters) {
  /** Makes a reading. */
  public IoStats {
    counters = Maps.copy(counters);
  }
}
