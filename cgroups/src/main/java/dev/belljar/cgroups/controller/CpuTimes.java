package dev.belljar.cgroups.controller;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The processor time a group has used, as {@code cpu.stat} of version 2 has it on every group,
 * whether or not the controller is enabled for it.
 *
 * @param total all of it
 * @param user that in user mode
 * @param system that in the kernel
 * @param nice the part of user that was used with a nice value above 0; empty on kernels that do
 *     not print it (seen on 6.12, not on 6.1)
 * @param forcedIdle the time in which core scheduling kept the other hardware threads of a core
 *     idle for it; empty on kernels without it ({@code CONFIG_SCHED_CORE})
 */
public record CpuTimes(
    Duration total,
    Duration user,
    Duration system,
    Optional<Duration> nice,
    Optional<Duration> forcedIdle) {
  /** Makes a reading. */
  public CpuTimes {
    Objects.requireNonNull(total, "total");
    Objects.requireNonNull(user, "user");
    Objects.requireNonNull(system, "system");
    Objects.requireNonNull(nice, "nice");
    Objects.requireNonNull(forcedIdle, "forcedIdle");
  }

  static CpuTimes of(Map<String, Long> stat) {
    return new CpuTimes(
        micros(stat, "usage_usec").orElseThrow(),
        micros(stat, "user_usec").orElseThrow(),
        micros(stat, "system_usec").orElseThrow(),
        micros(stat, "nice_usec"),
        micros(stat, "core_sched.force_idle_usec"));
  }

  private static Optional<Duration> micros(Map<String, Long> stat, String key) {
    return Optional.ofNullable(stat.get(key)).map(Micros::of);
  }
}
