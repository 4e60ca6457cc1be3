package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.CpuQuota;
import dev.belljar.cgroups.controller.CpuShares;
import dev.belljar.cgroups.hierarchy.Subsystem;
import java.time.Duration;

/**
 * The part of {@link ResourcesBuilder} that is about processors: how much of their time a group
 * gets, and which of them, with the memory near them, it may use.
 */
public abstract sealed class CpuResources permits ResourcesBuilder {
  final CollectedLimits limits = new CollectedLimits();

  CpuResources() {}

  abstract ResourcesBuilder self();

  private <T> ResourcesBuilder set(ResourceKey<T> key, T value) {
    limits.set(key, value);
    return self();
  }

  /**
   * Sets how much processor time the group gets beside its siblings when there is not enough.
   *
   * <p>Needs {@link Subsystem#CPU}. On version 2 the weight of {@link CpuShares#toWeight} is set,
   * which keeps the default but not the ratio of two shares: 512 and 1024 become 59 and 100.
   *
   * @param shares 2 to 262144; a new group has 1024
   * @return this
   */
  public ResourcesBuilder cpuShares(long shares) {
    return cpuShares(shares, CpuShares.Conversion.CURVE);
  }

  /**
   * Sets how much processor time the group gets beside its siblings; see {@link #cpuShares(long)}.
   * No conversion keeps the ratio of two shares.
   *
   * @param shares 2 to 262144; a new group has 1024
   * @param conversion how they become a weight on version 2
   * @return this
   */
  public ResourcesBuilder cpuShares(long shares, CpuShares.Conversion conversion) {
    return set(ResourceKeys.CPU_WEIGHT, new CpuWeight.Shares(shares, conversion));
  }

  /**
   * Sets how much processor time the group gets beside its siblings, in the words of version 2; the
   * same limit as {@link #cpuShares(long)}.
   *
   * <p>Needs {@link Subsystem#CPU}. On version 1 the shares of {@link CpuShares#ofWeight} are set.
   *
   * @param weight 1 to 10000; a new group has 100
   * @return this
   */
  public ResourcesBuilder cpuWeight(long weight) {
    return set(ResourceKeys.CPU_WEIGHT, new CpuWeight.Weight(weight));
  }

  /**
   * Limits processor time to a number of processors; see {@link CpuQuota#ofCpus}.
   *
   * <p>Needs {@link Subsystem#CPU}. Sets the same limit as {@link #cpuQuota}.
   *
   * @param cpus 0.01 to 8192, for example 1.5
   * @return this
   */
  public ResourcesBuilder cpus(double cpus) {
    return set(ResourceKeys.CPU_TIME, new CpuTime.Cpus(cpus));
  }

  /**
   * Limits processor time to a quota in each period.
   *
   * <p>Needs {@link Subsystem#CPU}. Sets the same limit as {@link #cpus}.
   *
   * @param quota 1 ms to 8192 times the period, in whole microseconds
   * @param period 1 ms to 1 s, in whole microseconds
   * @return this
   */
  public ResourcesBuilder cpuQuota(Duration quota, Duration period) {
    return set(ResourceKeys.CPU_TIME, new CpuTime.Quota(quota, period));
  }

  /**
   * Takes the limit of processor time away again, in an update.
   *
   * @return this
   */
  public ResourcesBuilder cpuUnlimited() {
    return set(ResourceKeys.CPU_TIME, new CpuTime.Unlimited());
  }

  /**
   * Sets how much of its quota a group that was idle may save up, and use at once later.
   *
   * <p>Needs {@link Subsystem#CPU}, and Linux 5.14.
   *
   * @param time at most the quota, in whole microseconds; a new group has none
   * @return this
   */
  public ResourcesBuilder cpuBurst(Duration time) {
    return set(ResourceKeys.CPU_BURST, time);
  }

  /**
   * Sets how much time real-time tasks (SCHED_FIFO, SCHED_RR) get in each period; without any, no
   * such task can join the group.
   *
   * <p>Needs {@link Subsystem#CPU} on version 1, and a kernel with {@code CONFIG_RT_GROUP_SCHED};
   * the groups above must have as much to give.
   *
   * @param runtime the time, at most the period, in whole microseconds; a new group has none
   * @param period 1 microsecond to 4294 seconds, in whole microseconds
   * @return this
   */
  public ResourcesBuilder cpuRealtime(Duration runtime, Duration period) {
    return set(ResourceKeys.CPU_REALTIME, new CpuRealtime(runtime, period));
  }

  /**
   * Lets the group have only processor time that no other wants, as SCHED_IDLE does.
   *
   * <p>Needs {@link Subsystem#CPU}, and Linux 5.15. An idle group has no share of its own: this and
   * {@link #cpuShares(long)} exclude each other.
   *
   * @param idle whether it is idle
   * @return this
   */
  public ResourcesBuilder cpuIdle(boolean idle) {
    return set(ResourceKeys.CPU_IDLE, idle);
  }

  /**
   * Sets which processors may be used.
   *
   * <p>Needs {@link Subsystem#CPUSET}.
   *
   * @param cpus a list such as {@code 0-3,8}
   * @return this
   */
  public ResourcesBuilder cpusetCpus(String cpus) {
    return set(ResourceKeys.CPUSET_CPUS, cpus);
  }

  /**
   * Sets which memory nodes may be used.
   *
   * <p>Needs {@link Subsystem#CPUSET}.
   *
   * @param nodes a list such as {@code 0,2}
   * @return this
   */
  public ResourcesBuilder cpusetMems(String nodes) {
    return set(ResourceKeys.CPUSET_MEMS, nodes);
  }
}
