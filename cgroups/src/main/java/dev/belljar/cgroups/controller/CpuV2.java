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
 * The cpu controller of a group of version 2: its share of processor time and its quota.
 *
 * <p>{@link #times} and the pressure are there on every group; the rest needs the controller to be
 * enabled for it, and is not on the root.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu">cgroup-v2, CPU</a>
 * @see CpuV1
 */
public final class CpuV2 {
  private static final String WEIGHT = "cpu.weight";
  private static final String WEIGHT_NICE = "cpu.weight.nice";
  private static final String MAX = "cpu.max";
  private static final String MAX_BURST = "cpu.max.burst";
  private static final String IDLE = "cpu.idle";
  private static final String UCLAMP_MIN = "cpu.uclamp.min";
  private static final String UCLAMP_MAX = "cpu.uclamp.max";
  private static final String STAT = "cpu.stat";
  private static final String STAT_LOCAL = "cpu.stat.local";
  private static final String PRESSURE = "cpu.pressure";
  private static final String IRQ_PRESSURE = "irq.pressure";

  private static final String UCLAMP_OPTION = "CONFIG_UCLAMP_TASK_GROUP (Linux 5.4)";

  private final ControlFiles files;

  /**
   * Makes a view of a group's files.
   *
   * @param group a group of version 2
   * @throws IllegalArgumentException when it is of version 1
   */
  public CpuV2(CgroupDirectory group) {
    this.files = ControlFiles.of(group, CgroupVersion.V2);
  }

  /**
   * Returns its weight beside its siblings, when there is not enough processor time for all.
   *
   * @return 1 to 10000, 100 for a new group; while the group is {@linkplain #idle idle} 1, or 0 on
   *     older kernels (seen on 6.1)
   * @throws LinuxException when the kernel refuses
   */
  public long weight() {
    return files.number(WEIGHT);
  }

  /**
   * Sets its weight beside its siblings.
   *
   * @param weight 1 to 10000
   * @return what the kernel made of it
   * @throws LinuxException ERANGE when it is out of range, EINVAL while the group is idle
   */
  public Written<Long> setWeight(long weight) {
    return files.writeNumber(WEIGHT, weight);
  }

  /**
   * Returns the nice value that stands for its weight, the nearest there is.
   *
   * @return -20 (the most time) to 19
   * @throws LinuxException when the kernel refuses
   */
  public int weightNice() {
    return (int) files.number(WEIGHT_NICE);
  }

  /**
   * Sets its weight to that of a process with a nice value.
   *
   * @param nice -20 (the most time) to 19
   * @return what the kernel made of it
   * @throws LinuxException ERANGE when it is out of range, EINVAL while the group is idle
   */
  public Written<Integer> setWeightNice(int nice) {
    return files.write(WEIGHT_NICE, nice, String::valueOf, text -> Integer.valueOf(text.strip()));
  }

  /**
   * Returns its quota.
   *
   * @return quota and period
   * @throws LinuxException when the kernel refuses
   */
  public CpuMax max() {
    return CpuMax.parse(files.text(MAX));
  }

  /**
   * Sets its quota. A group never gets more than those above it; a larger quota is taken, and has
   * no effect.
   *
   * @param max the quota, at least 1 ms or unlimited, and the period, 1 ms to 1 s
   * @return what the kernel made of it
   * @throws LinuxException EINVAL when it is out of range, or below the burst
   */
  public Written<CpuMax> setMax(CpuMax max) {
    return files.write(MAX, max, CpuMax::toString, CpuMax::parse);
  }

  /**
   * Returns how much of its unused quota it may save for later periods.
   *
   * @return the time, 0 for a new group; empty before Linux 5.14
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Duration> maxBurst() {
    return files.ifThere(MAX_BURST, Micros::parse);
  }

  /**
   * Sets how much of its unused quota it may save for later periods.
   *
   * @param burst a whole number of microseconds, at most the quota
   * @return what the kernel made of it
   * @throws LinuxException EINVAL when it is above the quota
   * @throws UnsupportedOperationException before Linux 5.14
   */
  public Written<Duration> setMaxBurst(Duration burst) {
    files.require(MAX_BURST, "Linux 5.14");
    return files.writeMicros(MAX_BURST, burst);
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
   * default weight.
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
   * Returns the least utilization that the scheduler assumes of its tasks.
   *
   * @return the bound; empty on kernels without {@code CONFIG_UCLAMP_TASK_GROUP}
   * @throws LinuxException when the kernel refuses
   */
  public Optional<UtilizationClamp> uclampMin() {
    return files.ifThere(UCLAMP_MIN, UtilizationClamp::parse);
  }

  /**
   * Sets the least utilization that the scheduler assumes of its tasks.
   *
   * @param min the bound
   * @return what the kernel made of it
   * @throws LinuxException when the kernel refuses
   * @throws UnsupportedOperationException on kernels without {@code CONFIG_UCLAMP_TASK_GROUP}
   */
  public Written<UtilizationClamp> setUclampMin(UtilizationClamp min) {
    return writeClamp(UCLAMP_MIN, min);
  }

  /**
   * Returns the most utilization that the scheduler assumes of its tasks.
   *
   * @return the bound; empty on kernels without {@code CONFIG_UCLAMP_TASK_GROUP}
   * @throws LinuxException when the kernel refuses
   */
  public Optional<UtilizationClamp> uclampMax() {
    return files.ifThere(UCLAMP_MAX, UtilizationClamp::parse);
  }

  /**
   * Sets the most utilization that the scheduler assumes of its tasks.
   *
   * @param max the bound
   * @return what the kernel made of it
   * @throws LinuxException when the kernel refuses
   * @throws UnsupportedOperationException on kernels without {@code CONFIG_UCLAMP_TASK_GROUP}
   */
  public Written<UtilizationClamp> setUclampMax(UtilizationClamp max) {
    return writeClamp(UCLAMP_MAX, max);
  }

  private Written<UtilizationClamp> writeClamp(String file, UtilizationClamp clamp) {
    files.require(file, UCLAMP_OPTION);
    return files.write(file, clamp, UtilizationClamp::toString, UtilizationClamp::parse);
  }

  /**
   * Returns the processor time it has used, with the groups below it.
   *
   * @return the times
   * @throws LinuxException when the kernel refuses
   */
  public CpuTimes times() {
    return CpuTimes.of(stat());
  }

  /**
   * Returns what its quota did to it and to those below it.
   *
   * @return the counters; empty where the controller is not enabled
   * @throws LinuxException when the kernel refuses
   */
  public Optional<CpuThrottling> throttling() {
    return CpuThrottling.v2(stat());
  }

  /**
   * Returns all of {@code cpu.stat}, with keys that this library does not know.
   *
   * @return values by key, in the kernel's order
   * @throws LinuxException when the kernel refuses
   */
  public Map<String, Long> stat() {
    return files.flatKeyed(STAT);
  }

  /**
   * Returns how long its own tasks waited because of its quota or one above it.
   *
   * @return the sum over its processors; empty before Linux 6.6 and where the controller is not
   *     enabled
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Duration> throttledHere() {
    return files
        .ifThere(STAT_LOCAL, FlatKeyed::parse)
        .map(stat -> stat.get("throttled_usec"))
        .map(Micros::of);
  }

  /**
   * Returns how much its tasks waited for a processor.
   *
   * @return the shares; empty without CONFIG_PSI, and since Linux 6.1 when it is switched off
   *     ({@code psi=0} at boot)
   * @throws LinuxException EOPNOTSUPP before Linux 6.1 when it is switched off
   */
  public Optional<Pressure> pressure() {
    return files.ifThere(PRESSURE, Pressure::parse);
  }

  /**
   * Returns how much of its tasks' time went to interrupts.
   *
   * @return the shares; empty before Linux 6.1, without CONFIG_PSI or CONFIG_IRQ_TIME_ACCOUNTING,
   *     and when pressure is switched off ({@code psi=0} at boot)
   * @throws LinuxException EOPNOTSUPP since Linux 6.14 while the kernel does not count the time of
   *     interrupts, such as with {@code tsc=noirqtime} at boot
   */
  public Optional<Pressure> irqPressure() {
    return files.ifThere(IRQ_PRESSURE, Pressure::parse);
  }
}
