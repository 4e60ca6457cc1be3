package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.ClockTicks;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The cpuacct subsystem of a group of version 1: the processor time that it and the groups below it
 * have used. Version 2 has it in {@code cpu.stat}; see {@link CpuV2#times}.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/cpuacct.html">cgroup-v1/cpuacct</a>
 */
public final class Cpuacct {
  private static final String USAGE = "cpuacct.usage";
  private static final String USAGE_USER = "cpuacct.usage_user";
  private static final String USAGE_SYS = "cpuacct.usage_sys";
  private static final String USAGE_PERCPU = "cpuacct.usage_percpu";
  private static final String USAGE_PERCPU_USER = "cpuacct.usage_percpu_user";
  private static final String USAGE_PERCPU_SYS = "cpuacct.usage_percpu_sys";
  private static final String USAGE_ALL = "cpuacct.usage_all";
  private static final String STAT = "cpuacct.stat";

  private final ControlFiles files;

  /**
   * Time in user mode and in the kernel.
   *
   * @param user in user mode
   * @param system in the kernel
   */
  public record Split(Duration user, Duration system) {}

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, in the hierarchy of the cpuacct subsystem
   * @throws UnsupportedOperationException when it is of version 2
   */
  public Cpuacct(CgroupDirectory group) {
    this.files =
        ControlFiles.onV1Only(
            group, Subsystem.CPUACCT, "cpu.stat of every group has it, see CpuV2.times()");
  }

  /**
   * Returns all processor time used.
   *
   * @return the time, to the nanosecond
   * @throws LinuxException when the kernel refuses
   */
  public Duration usage() {
    return nanos(files.text(USAGE));
  }

  /**
   * Sets all counters of the group back to zero; those of other groups stay.
   *
   * @throws UnsupportedOperationException in the root of the hierarchy, whose counters are those of
   *     the machine: the kernel would take it, and nothing would change
   * @throws LinuxException when the kernel refuses
   */
  public void reset() {
    if (files.group().isV1Root()) {
      throw new UnsupportedOperationException(
          "cpuacct.usage of the root counts for the whole machine, and cannot be set back");
    }
    files.group().write(USAGE, "0");
  }

  /**
   * Returns the time used in user mode.
   *
   * @return the time, to the nanosecond, as sampled by the timer tick
   * @throws LinuxException when the kernel refuses
   */
  public Duration usageUser() {
    return nanos(files.text(USAGE_USER));
  }

  /**
   * Returns the time used in the kernel.
   *
   * @return the time, to the nanosecond, as sampled by the timer tick
   * @throws LinuxException when the kernel refuses
   */
  public Duration usageSystem() {
    return nanos(files.text(USAGE_SYS));
  }

  /**
   * Returns the time used on each processor.
   *
   * @return one time for each possible processor, in order of its number
   * @throws LinuxException when the kernel refuses
   */
  public List<Duration> usagePerCpu() {
    return perCpu(files.text(USAGE_PERCPU));
  }

  /**
   * Returns the time used in user mode on each processor.
   *
   * @return one time for each possible processor, in order of its number
   * @throws LinuxException when the kernel refuses
   */
  public List<Duration> usagePerCpuUser() {
    return perCpu(files.text(USAGE_PERCPU_USER));
  }

  /**
   * Returns the time used in the kernel on each processor.
   *
   * @return one time for each possible processor, in order of its number
   * @throws LinuxException when the kernel refuses
   */
  public List<Duration> usagePerCpuSystem() {
    return perCpu(files.text(USAGE_PERCPU_SYS));
  }

  /**
   * Returns the time used on each processor, by mode.
   *
   * @return one entry for each possible processor, in order of its number
   * @throws LinuxException when the kernel refuses
   */
  public List<Split> usageAll() {
    return parseAll(files.text(USAGE_ALL));
  }

  /**
   * Returns the time used by mode, as the system call times(2) would count it.
   *
   * @return times in whole ticks of {@code USER_HZ}, which the system is asked for: 10 ms as a rule
   * @throws LinuxException when the kernel refuses
   */
  public Split stat() {
    return parseStat(files.flatKeyed(STAT), ClockTicks.perSecond());
  }

  static Split parseStat(Map<String, Long> stat, long ticksPerSecond) {
    return new Split(
        ticks(stat.get("user"), ticksPerSecond), ticks(stat.get("system"), ticksPerSecond));
  }

  private static Duration ticks(long ticks, long perSecond) {
    return Duration.ofSeconds(ticks).dividedBy(perSecond);
  }

  static List<Duration> perCpu(String text) {
    return Arrays.stream(text.strip().split(" ", -1)).map(Cpuacct::nanos).toList();
  }

  /** A header {@code cpu user system}, then a line for each processor. */
  static List<Split> parseAll(String text) {
    return text.lines()
        .skip(1)
        .map(line -> line.split(" ", -1))
        .map(words -> new Split(nanos(words[1]), nanos(words[2])))
        .toList();
  }

  private static Duration nanos(String text) {
    return Duration.ofNanos(Long.parseLong(text.strip()));
  }
}
