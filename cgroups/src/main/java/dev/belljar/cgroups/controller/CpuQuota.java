package dev.belljar.cgroups.controller;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How much processor time a group gets in each period, all its processors together.
 *
 * <p>Half a processor is 50 ms in 100 ms, two processors are 200 ms in 100 ms. A group that has
 * used its quota waits for the next period.
 *
 * @param quota the time it gets, 1 ms to 8192 times the period, a whole number of microseconds
 * @param period the period, 1 ms to 1 s, a whole number of microseconds
 * @see <a href="https://docs.kernel.org/scheduler/sched-bwc.html">CFS bandwidth control</a>
 */
public record CpuQuota(Duration quota, Duration period) {
  /** The period of a new group: 100 ms. */
  public static final Duration DEFAULT_PERIOD = Duration.ofMillis(100);

  /** The fewest processors a quota in the default period can give: 0.01. */
  public static final double MIN_CPUS = 0.01;

  /** The most processors a quota can be asked for: 8192, as many as Linux can have. */
  public static final double MAX_CPUS = 8192;

  private static final Duration MIN = Duration.ofMillis(1);
  private static final Duration MAX = Duration.ofSeconds(8192);
  private static final Duration MAX_PERIOD = Duration.ofSeconds(1);
  private static final long NANOS = 1000;
  private static final double DEFAULT_PERIOD_MICROS = 100_000;

  /**
   * Makes a quota.
   *
   * @throws IllegalArgumentException when quota or period are out of their ranges; both are named
   */
  public CpuQuota {
    List<String> mistakes = mistakes(quota, period);
    if (!mistakes.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", mistakes));
    }
  }

  /**
   * Returns the quota that gives a number of processors, in the default period.
   *
   * @param cpus the number, 0.01 to 8192; parts of a microsecond are rounded
   * @return the quota
   * @throws IllegalArgumentException when the number is out of range
   */
  public static CpuQuota ofCpus(double cpus) {
    List<String> mistakes = mistakes(cpus);
    if (!mistakes.isEmpty()) {
      throw new IllegalArgumentException(mistakes.getFirst());
    }
    long micros = Math.round(cpus * DEFAULT_PERIOD_MICROS);
    return new CpuQuota(Duration.ofNanos(micros * NANOS), DEFAULT_PERIOD);
  }

  /**
   * Tells what is wrong with a number of processors.
   *
   * @param cpus the number
   * @return nothing when {@link #ofCpus} takes it
   */
  public static List<String> mistakes(double cpus) {
    return cpus >= MIN_CPUS && cpus <= MAX_CPUS
        ? List.of()
        : List.of("cpus must be 0.01 to 8192, not " + cpus);
  }

  /**
   * Tells what is wrong with a quota.
   *
   * @param quota the time
   * @param period the period
   * @return nothing when the constructor takes them
   */
  public static List<String> mistakes(Duration quota, Duration period) {
    List<String> mistakes = new ArrayList<>();
    if (!isBetween(quota, MIN, MAX)) {
      mistakes.add("cpu quota must be 1 ms to 8192 s, in whole microseconds, not " + quota);
    }
    if (!isBetween(period, MIN, MAX_PERIOD)) {
      mistakes.add("cpu period must be 1 ms to 1 s, in whole microseconds, not " + period);
    }
    if (mistakes.isEmpty() && cpus(quota, period) > MAX_CPUS) {
      mistakes.add("cpu quota must be at most 8192 times the period, not " + quota);
    }
    return mistakes;
  }

  private static boolean isBetween(Duration time, Duration min, Duration max) {
    return time.compareTo(min) >= 0 && time.compareTo(max) <= 0 && time.toNanos() % NANOS == 0;
  }

  /**
   * Returns how many processors the quota gives.
   *
   * @return the quota divided by the period
   */
  public double cpus() {
    return cpus(quota, period);
  }

  private static double cpus(Duration quota, Duration period) {
    return (double) quota.toNanos() / period.toNanos();
  }

  /**
   * Returns the quota as the kernel's files have it.
   *
   * @return microseconds
   */
  public long quotaMicros() {
    return quota.toNanos() / NANOS;
  }

  /**
   * Returns the period as the kernel's files have it.
   *
   * @return microseconds
   */
  public long periodMicros() {
    return period.toNanos() / NANOS;
  }
}
