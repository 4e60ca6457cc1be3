package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.linux.LinuxException;

/**
 * A counter of bytes of version 1 and its limit: memory, memory and swap, kernel memory, huge pages
 * of one size. Each has the same four files.
 *
 * @see MemoryV1
 * @see HugetlbV1
 */
public final class CounterV1 {
  private static final String LIMIT = ".limit_in_bytes";
  private static final String USAGE = ".usage_in_bytes";
  private static final String MAX_USAGE = ".max_usage_in_bytes";
  private static final String FAILURES = ".failcnt";

  private final ControlFiles files;
  private final String prefix;
  private final long page;
  private final String ignored;

  CounterV1(ControlFiles files, String prefix, long page) {
    this(files, prefix, page, "");
  }

  /** A counter whose limit the kernel takes and ignores, with the reason. */
  CounterV1(ControlFiles files, String prefix, long page, String ignored) {
    this.files = files;
    this.prefix = prefix;
    this.page = page;
    this.ignored = ignored;
  }

  /**
   * Returns the limit.
   *
   * @return bytes, or unlimited
   * @throws LinuxException when the kernel refuses
   */
  public Limit limit() {
    return V1Limit.parse(files.text(prefix + LIMIT), page);
  }

  /**
   * Sets the limit.
   *
   * @param limit bytes, rounded down to whole pages by the kernel, or unlimited
   * @return what the kernel made of it
   * @throws UnsupportedOperationException when the kernel takes the value and ignores it
   * @throws IllegalStateException when memory is lowered and the calling JVM is in the group or
   *     below it
   * @throws LinuxException EBUSY when more is used and cannot be freed; EINVAL when it is the
   *     memory limit and above the one of memory and swap, or the latter and below the former, or
   *     the group is the root
   */
  public Written<Limit> setLimit(Limit limit) {
    String file = prefix + LIMIT;
    if (!ignored.isEmpty()) {
      throw new UnsupportedOperationException(file + " has no effect: " + ignored);
    }
    LoweredMemory.check(files, file, limit(), limit);
    return files.write(file, limit, V1Limit::print, text -> V1Limit.parse(text, page));
  }

  /**
   * Returns how much is used, in the groups below too.
   *
   * @return bytes; the kernel counts in batches, so it may be off by some pages a processor
   * @throws LinuxException when the kernel refuses
   */
  public long usage() {
    return files.number(prefix + USAGE);
  }

  /**
   * Returns the most that was used since the group was made, or {@link #resetMaxUsage}.
   *
   * @return bytes
   * @throws LinuxException when the kernel refuses
   */
  public long maxUsage() {
    return files.number(prefix + MAX_USAGE);
  }

  /**
   * Forgets the most that was used: it becomes what is used now.
   *
   * @throws LinuxException when the kernel refuses
   */
  public void resetMaxUsage() {
    files.group().write(prefix + MAX_USAGE, "0");
  }

  /**
   * Returns how often the limit was hit since the group was made, or {@link #resetFailures}.
   *
   * @return a number; that of memory and swap stays 0 on Linux 6.18
   * @throws LinuxException when the kernel refuses
   */
  public long failures() {
    return files.number(prefix + FAILURES);
  }

  /**
   * Sets the number of failures to 0.
   *
   * @throws LinuxException when the kernel refuses
   */
  public void resetFailures() {
    files.group().write(prefix + FAILURES, "0");
  }
}
