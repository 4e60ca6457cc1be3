package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.cgroups.tree.FlatKeyed;
import dev.belljar.linux.LinuxException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The cpu subsystem of a group of version 1: its share of processor time, its quota, and what
 * real-time tasks in it may use.
 *
 * @see <a
 *     href="https://docs.kernel.org/scheduler/sched-design-CFS.html#group-scheduler-extensions-to-cfs">
 *     CFS group scheduling</a>
 * @see <a href="https://docs.kernel.org/scheduler/sched-bwc.html">CFS bandwidth control</a>
 * @see <a href="https://docs.kernel.org/scheduler/sched-rt-group.html">Real-time group
 *     scheduling</a>
 * @see CpuV2
 */
public final class CpuV1 {
  private static final String SHARES = "cpu.shares";
  private static final String PERIOD = "cpu.cfs_period_us";
  private static final String QUOTA = "cpu.cfs_quota_us";
  private static final String BURST = "cpu.cfs_burst_us";
  private static final String RT_PERIOD = "cpu.rt_period_us";
  private static final String RT_RUNTIME = "cpu.rt_runtime_us";
  private static final String IDLE = "cpu.idle";
  private static final String STAT = "cpu.stat";
  private static final String STAT_LOCAL = "cpu.stat.local";

  private static final String NONE = "-1";
  private static final String RT_OPTION = "CONFIG_RT_GROUP_SCHED";

  private final ControlFiles files;

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, in the hierarchy of the cpu subsystem
   * @throws IllegalArgumentException when it is of version 2
   */
  public CpuV1(CgroupDirectory group) {
    this.files = ControlFiles.of(group, CgroupVersion.V1);
  }

  /**
   * Returns its shares beside its siblings, when there is not enough processor time for all.
   *
   * @return 2 to 262144, 1024 for a new group; 3 while the group is {@linkplain #idle idle}
   * @throws LinuxException when the kernel refuses
   */
  public long shares() {
    return files.number(SHARES);
  }

  /**
   * Sets its shares beside its siblings.
   *
   * @param shares 2 to 262144; the kernel makes the nearest of these from any other number
   * @return what the kernel made of it
   * @throws LinuxException EINVAL while the group is idle, and for the root
   */
  public Written<Long> setShares(long shares) {
    return files.writeNumber(SHARES, shares);
  }

  /**
   * Returns the period of its quota.
   *
   * @return 1 ms to 1 s, 100 ms for a new group
   * @throws LinuxException when the kernel refuses
   */
  public Duration period() {
    return Micros.parse(files.text(PERIOD));
  }

  /**
   * Sets the period of its quota.
   *
   * @param period 1 ms to 1 s, a whole number of microseconds
   * @return what the kernel made of it
   * @throws LinuxException EINVAL when it is out of range, or quota and period together would give
   *     the group more than the group above has, or less than one below
   */
  public Written<Duration> setPeriod(Duration period) {
    return files.writeMicros(PERIOD, period);
  }

  /**
   * Returns how much processor time it may use in each period.
   *
   * @return the time, all its processors together
   * @throws LinuxException when the kernel refuses
   */
  public TimeLimit quota() {
    return TimeLimit.parse(files.text(QUOTA));
  }

  /**
   * Sets how much processor time it may use in each period.
   *
   * @param quota 1 ms or more, or unlimited
   * @return what the kernel made of it
   * @throws LinuxException EINVAL when it is too short, below the burst, gives the group more than
   *     the group above has, or less than one below
   */
  public Written<TimeLimit> setQuota(TimeLimit quota) {
    return writeLimit(QUOTA, quota);
  }

  private Written<TimeLimit> writeLimit(String file, TimeLimit limit) {
    return files.write(file, limit, value -> value.print(NONE), TimeLimit::parse);
  }

  /**
   * Returns how much of its unused quota it may save for later periods.
   *
   * @return the time, 0 for a new group; empty before Linux 5.14
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Duration> burst() {
    return files.ifThere(BURST, Micros::parse);
  }

  /**
   * Sets how much of its unused quota it may save for later periods.
   *
   * @param burst a whole number of microseconds, at most the quota
   * @return what the kernel made of it
   * @throws LinuxException EINVAL when it is above the quota
   * @throws UnsupportedOperationException before Linux 5.14
   */
  public Written<Duration> setBurst(Duration burst) {
    files.require(BURST, "Linux 5.14");
    return files.writeMicros(BURST, burst);
  }

  /**
   * Returns the period of what real-time tasks may use.
   *
   * @return the period, 1 s for a new group; empty on kernels without {@code CONFIG_RT_GROUP_SCHED}
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Duration> rtPeriod() {
    return files.ifThere(RT_PERIOD, Micros::parse);
  }

  /**
   * Sets the period of what real-time tasks may use.
   *
   * @param period a whole number of microseconds
   * @return what the kernel made of it
   * @throws LinuxException EINVAL when runtime and period together would give the group more than
   *     the group above has left
   * @throws UnsupportedOperationException on kernels without {@code CONFIG_RT_GROUP_SCHED}
   */
  public Written<Duration> setRtPeriod(Duration period) {
    files.require(RT_PERIOD, RT_OPTION);
    return files.writeMicros(RT_PERIOD, period);
  }

  /**
   * Returns how long real-time tasks may run in each period, on each processor.
   *
   * @return the time, 0 for a new group, which then can hold no real-time task; empty on kernels
   *     without {@code CONFIG_RT_GROUP_SCHED}
   * @throws LinuxException when the kernel refuses
   */
  public Optional<TimeLimit> rtRuntime() {
    return files.ifThere(RT_RUNTIME, TimeLimit::parse);
  }

  /**
   * Sets how long real-time tasks may run in each period, on each processor.
   *
   * @param runtime the time, at most the period and at most what the group above has left
   * @return what the kernel made of it
   * @throws LinuxException EINVAL when it is more, EBUSY when it is 0 and the group holds a
   *     real-time task
   * @throws UnsupportedOperationException on kernels without {@code CONFIG_RT_GROUP_SCHED}
   */
  public Written<TimeLimit> setRtRuntime(TimeLimit runtime) {
    files.require(RT_RUNTIME, RT_OPTION);
    return writeLimit(RT_RUNTIME, runtime);
  }

  /**
   * Tells whether it runs only when no other group wants to (as SCHED_IDLE does for a process).
   *
   * @return true when it does; empty before Linux 5.15
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Boolean> idle() {
    return files.ifThere(IDLE, text -> !text.strip().equals("0"));
  }

  /**
   * Sets whether it runs only when no other group wants to. Setting it to false gives it the
   * default shares.
   *
   * @param idle true for the least weight there is
   * @return what the kernel made of it
   * @throws LinuxException when the kernel refuses
   * @throws UnsupportedOperationException before Linux 5.15
   */
  public Written<Boolean> setIdle(boolean idle) {
    files.require(IDLE, "Linux 5.15");
    return files.writeFlag(IDLE, idle);
  }

  /**
   * Returns what its quota did to it.
   *
   * @return the counters
   * @throws LinuxException when the kernel refuses
   */
  public CpuThrottling throttling() {
    return CpuThrottling.v1(stat());
  }

  /**
   * Returns all of {@code cpu.stat}, with keys that this library does not know.
   *
   * @return values by key, in the kernel's order; times in nanoseconds
   * @throws LinuxException when the kernel refuses
   */
  public Map<String, Long> stat() {
    return files.flatKeyed(STAT);
  }

  /**
   * Returns how long its own tasks waited because of its quota or one above it.
   *
   * @return the sum over its processors; empty before Linux 6.6
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Duration> throttledHere() {
    return files
        .ifThere(STAT_LOCAL, FlatKeyed::parse)
        .map(stat -> stat.get("throttled_time"))
        .map(Duration::ofNanos);
  }
}
