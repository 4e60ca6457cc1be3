package dev.belljar.cgroups.stats;

/**
 * What a {@link CgroupSampler} read last of one group: made once, filled by each sample.
 *
 * <p>What the group or the kernel does not have is {@link #ABSENT}, never 0. Not safe for use by
 * several threads at once.
 */
public final class CgroupSnapshot {
  /** Stands for a number that is not there: -1. */
  public static final long ABSENT = -1;

  private static final long NANOS_PER_MICRO = 1_000;

  private final Counters cpuStat = new Counters();
  private final Counters memoryStat = new Counters();
  private final DeviceCounters io = new DeviceCounters();
  private long takenAt;
  private long cpuacctUsage = ABSENT;
  private long memoryUsage = ABSENT;
  private long pids = ABSENT;

  /** Makes an empty snapshot: nothing is there. */
  public CgroupSnapshot() {}

  void begin(long now) {
    takenAt = now;
    cpuacctUsage = ABSENT;
    memoryUsage = ABSENT;
    pids = ABSENT;
    cpuStat.clear();
    memoryStat.clear();
    io.clear();
  }

  void cpuacctUsage(long nanos) {
    cpuacctUsage = nanos;
  }

  void memoryUsage(long bytes) {
    memoryUsage = bytes;
  }

  void pids(long count) {
    pids = count;
  }

  /**
   * Returns when the sample was begun.
   *
   * @return nanoseconds, to be compared with {@link System#nanoTime} only; 0 before the first
   */
  public long takenAt() {
    return takenAt;
  }

  /**
   * Returns the processor time used: {@code cpuacct.usage}, or {@code usage_usec} of version 2.
   *
   * @return nanoseconds
   */
  public long cpuUsage() {
    return cpuacctUsage == ABSENT ? micros("usage_usec") : cpuacctUsage;
  }

  /**
   * Returns the processor time used outside the kernel: {@code user_usec} of version 2.
   *
   * @return nanoseconds; absent where {@link #cpuStat} is of version 1
   */
  public long cpuUser() {
    return micros("user_usec");
  }

  /**
   * Returns the processor time used in the kernel: {@code system_usec} of version 2.
   *
   * @return nanoseconds; absent where {@link #cpuStat} is of version 1
   */
  public long cpuSystem() {
    return micros("system_usec");
  }

  /**
   * Returns in how many periods the group had a quota and ran.
   *
   * @return the number
   */
  public long cpuPeriods() {
    return cpuStat.get("nr_periods");
  }

  /**
   * Returns in how many periods the group used up its quota.
   *
   * @return the number
   */
  public long cpuThrottledPeriods() {
    return cpuStat.get("nr_throttled");
  }

  /**
   * Returns how long the group was held back by its quota, summed over processors.
   *
   * @return nanoseconds
   */
  public long cpuThrottledTime() {
    long nanos = cpuStat.get("throttled_time");
    return nanos == ABSENT ? micros("throttled_usec") : nanos;
  }

  private long micros(String key) {
    long micros = cpuStat.get(key);
    return micros == ABSENT ? ABSENT : micros * NANOS_PER_MICRO;
  }

  /**
   * Returns all of {@code cpu.stat}, in the kernel's units: nanoseconds on version 1, microseconds
   * where the key says {@code _usec}.
   *
   * @return filled by each sample
   */
  public Counters cpuStat() {
    return cpuStat;
  }

  /**
   * Returns how much memory the group and those below it use, page cache included.
   *
   * @return bytes
   */
  public long memoryUsage() {
    return memoryUsage;
  }

  /**
   * Returns all of {@code memory.stat}.
   *
   * @return filled by each sample
   */
  public Counters memoryStat() {
    return memoryStat;
  }

  /**
   * Returns how many processes and threads the group and those below it have.
   *
   * @return the number
   */
  public long pids() {
    return pids;
  }

  /**
   * Returns what was read and written of each block device; on version 1 by the group itself, not
   * by those below it.
   *
   * @return filled by each sample
   */
  public DeviceCounters io() {
    return io;
  }

  /** Returns the main numbers. */
  @Override
  public String toString() {
    return "cpu %d ns, memory %d B, %d pids, io %s".formatted(cpuUsage(), memoryUsage, pids, io);
  }
}
