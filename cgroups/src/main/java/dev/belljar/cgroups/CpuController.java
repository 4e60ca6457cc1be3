package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.CpuQuota;
import dev.belljar.cgroups.controller.CpuShares;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.tree.Words;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * The files of the cpu controller.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu">cgroup-v2, CPU</a>
 * @see <a href="https://docs.kernel.org/scheduler/sched-bwc.html">v1: CFS bandwidth control</a>
 */
final class CpuController {
  private static final String V1_SHARES = "cpu.shares";
  private static final String V1_QUOTA = "cpu.cfs_quota_us";
  private static final String V1_PERIOD = "cpu.cfs_period_us";
  private static final String V2_WEIGHT = "cpu.weight";
  private static final String V2_MAX = "cpu.max";

  private CpuController() {}

  static long shares(GroupDirectory group) {
    return group.version() == CgroupVersion.V1
        ? group.readNumber(V1_SHARES)
        : CpuShares.ofWeight(group.readNumber(V2_WEIGHT));
  }

  static long weight(GroupDirectory group) {
    return group.version() == CgroupVersion.V1
        ? CpuShares.toWeight(group.readNumber(V1_SHARES))
        : group.readNumber(V2_WEIGHT);
  }

  static Optional<CpuQuota> quota(GroupDirectory group) {
    if (group.version() == CgroupVersion.V2) {
      return parseMax(group.read(V2_MAX));
    }
    String quota = group.read(V1_QUOTA);
    return quota.equals("-1") ? Optional.empty() : parseMax(quota + " " + group.read(V1_PERIOD));
  }

  /** Parses {@code cpu.max}: {@code max 100000}, or quota and period in microseconds. */
  static Optional<CpuQuota> parseMax(String text) {
    List<String> words = Words.of(text);
    if (words.size() != 2) {
      throw new IllegalArgumentException("not a value of cpu.max: " + text);
    }
    return words.getFirst().equals("max")
        ? Optional.empty()
        : Optional.of(new CpuQuota(micros(words.getFirst()), micros(words.getLast())));
  }

  private static Duration micros(String text) {
    return Duration.of(Long.parseLong(text), ChronoUnit.MICROS);
  }
}
