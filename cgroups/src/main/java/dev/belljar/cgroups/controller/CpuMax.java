package dev.belljar.cgroups.controller;

import java.time.Duration;
import java.util.Optional;

/**
 * How much processor time a group may use in each period, as {@code cpu.max} has it: a quota that
 * may be unlimited, and a period that is there all the same.
 *
 * @param quota the time, all processors of the group together
 * @param period the period, a whole number of microseconds
 * @see CpuQuota
 */
public record CpuMax(TimeLimit quota, Duration period) {
  /** That of a new group: unlimited in 100 ms. */
  public static final CpuMax UNLIMITED = new CpuMax(TimeLimit.UNLIMITED, CpuQuota.DEFAULT_PERIOD);

  /**
   * Makes a bound.
   *
   * @throws IllegalArgumentException when the period is negative or not a whole number of
   *     microseconds; other ranges are the kernel's
   */
  public CpuMax {
    Micros.print(period);
  }

  /**
   * Returns the bound of a quota.
   *
   * @param quota quota and period
   * @return the bound
   */
  public static CpuMax of(CpuQuota quota) {
    return new CpuMax(TimeLimit.of(quota.quota()), quota.period());
  }

  /**
   * Returns the bound as a quota.
   *
   * @return the quota; empty when unlimited
   * @throws IllegalArgumentException when it is out of the ranges of {@link CpuQuota}
   */
  public Optional<CpuQuota> asQuota() {
    return quota.value().map(time -> new CpuQuota(time, period));
  }

  /**
   * Parses what the kernel prints.
   *
   * @param text such as {@code max 100000}
   * @return the bound
   * @throws IllegalArgumentException when it is not two words
   */
  public static CpuMax parse(String text) {
    String[] words = text.strip().split(" ", -1);
    if (words.length != 2) {
      throw new IllegalArgumentException("not a quota and a period: " + text);
    }
    return new CpuMax(TimeLimit.parse(words[0]), Micros.parse(words[1]));
  }

  /** Returns both as the kernel prints them. */
  @Override
  public String toString() {
    return quota.print("max") + " " + Micros.print(period);
  }
}
