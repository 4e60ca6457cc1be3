package dev.belljar.cgroups;

import dev.belljar.cgroups.ControlWrite.FileValue;
import dev.belljar.cgroups.controller.CpuQuota;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;
import java.time.Duration;
import java.util.Optional;

/**
 * The limits of the cpu controller as writes.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu">cgroup-v2, CPU</a>
 * @see <a href="https://docs.kernel.org/scheduler/sched-bwc.html">v1: CFS bandwidth control</a>
 */
final class CpuWrites {
  static final String V1_SHARES = "cpu.shares";
  static final String V1_QUOTA = "cpu.cfs_quota_us";
  static final String V1_PERIOD = "cpu.cfs_period_us";
  static final String V1_BURST = "cpu.cfs_burst_us";
  static final String RT_RUNTIME = "cpu.rt_runtime_us";
  static final String RT_PERIOD = "cpu.rt_period_us";
  static final String V2_WEIGHT = "cpu.weight";
  static final String V2_MAX = "cpu.max";
  static final String V2_BURST = "cpu.max.burst";
  static final String IDLE = "cpu.idle";

  private CpuWrites() {}

  static void add(Translation to, Resources resources, CgroupVersion version) {
    boolean v1 = version == CgroupVersion.V1;
    boolean idle = resources.get(ResourceKeys.CPU_IDLE).orElse(false);
    if (!idle) {
      addIdle(to, resources);
    }
    resources
        .get(ResourceKeys.CPU_WEIGHT)
        .ifPresent(weight ->
            to.write(
                v1
                    ? write("cpuShares " + weight.text(), V1_SHARES, weight.shares())
                    : write("cpuShares " + weight.text(), V2_WEIGHT, weight.weight())));
    resources.get(ResourceKeys.CPU_TIME).ifPresent(time -> addQuota(to, time, v1));
    resources
        .cpuBurst()
        .ifPresent(burst ->
            to.write(
                write("cpuBurst " + burst, v1 ? V1_BURST : V2_BURST, micros(burst))
                    .needing("Linux 5.14 and CONFIG_CFS_BANDWIDTH")));
    resources.get(ResourceKeys.CPU_REALTIME).ifPresent(realtime -> addRealtime(to, realtime, v1));
    if (idle) {
      addIdle(to, resources);
    }
  }

  /** What is lost by making a group idle: its share, which is that of a new group afterwards. */
  static Optional<FileValue> lost(GroupDirectory group, FileValue chosen) {
    if (!chosen.file().equals(IDLE) || chosen.value().equals("0") || group.read(IDLE).equals("1")) {
      return Optional.empty();
    }
    String share = group.version() == CgroupVersion.V1 ? V1_SHARES : V2_WEIGHT;
    return Optional.of(new FileValue(share, group.read(share)));
  }

  private static void addIdle(Translation to, Resources resources) {
    resources
        .get(ResourceKeys.CPU_IDLE)
        .ifPresent(
            idle -> to.write(write("cpuIdle " + idle, IDLE, idle ? 1 : 0).needing("Linux 5.15")));
  }

  private static void addQuota(Translation to, CpuTime time, boolean v1) {
    String limit = "cpus " + time.text();
    Optional<CpuQuota> quota = time.quota();
    if (!v1) {
      to.write(
          ControlWrite.exact(
                  limit,
                  Subsystem.CPU,
                  V2_MAX,
                  quota.map(each -> each.quotaMicros() + " " + each.periodMicros()).orElse("max"))
              .showing(Contents.QUOTA));
      return;
    }
    quota
        .filter(each -> !to.isFresh() || !each.period().equals(CpuQuota.DEFAULT_PERIOD))
        .ifPresent(each -> to.write(write(limit, V1_PERIOD, each.periodMicros())));
    to.write(write(limit, V1_QUOTA, quota.map(CpuQuota::quotaMicros).orElse(-1L)));
  }

  private static void addRealtime(Translation to, CpuRealtime realtime, boolean v1) {
    if (!v1) {
      to.cannot(
          ResourceKeys.CPU_REALTIME,
          realtime,
          "cgroup v2 has no limits for real-time tasks; they run in the root group only");
      return;
    }
    String needs = "CONFIG_RT_GROUP_SCHED";
    String limit = "cpuRealtime " + realtime;
    // Of a new group, without runtime, any period is in order.
    to.write(write(limit, RT_PERIOD, micros(realtime.period())).needing(needs));
    to.write(write(limit, RT_RUNTIME, micros(realtime.runtime())).needing(needs));
  }

  private static ControlWrite write(String limit, String file, long value) {
    return ControlWrite.exact(limit, Subsystem.CPU, file, value);
  }

  private static long micros(Duration time) {
    return time.toNanos() / 1000;
  }
}
