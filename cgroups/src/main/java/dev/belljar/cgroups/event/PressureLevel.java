package dev.belljar.cgroups.event;

import java.util.Locale;

/**
 * How much trouble the kernel has reclaiming memory, on version 1.
 *
 * @see <a
 *     href="https://docs.kernel.org/admin-guide/cgroup-v1/memory.html#memory-pressure">cgroup-v1/memory,
 *     memory pressure</a>
 */
public enum PressureLevel {
  /** Memory is being reclaimed. */
  LOW,
  /** It is hard: the system may be swapping, or dropping file caches in use. */
  MEDIUM,
  /** The group is about to be out of memory. */
  CRITICAL;

  /** Returns the kernel's name, such as {@code low}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
