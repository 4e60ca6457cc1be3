package dev.belljar.cgroups.controller;

import dev.belljar.linux.call.PerfCalls;

/**
 * What can be counted of a group.
 *
 * @see PerfCounters
 * @see <a
 *     href="https://man7.org/linux/man-pages/man2/perf_event_open.2.html">perf_event_open(2)</a>
 */
public enum PerfEvent {
  /** Processor time, in nanoseconds. */
  TASK_CLOCK(PerfCalls.TYPE_SOFTWARE, 1),
  /** Page faults. */
  PAGE_FAULTS(PerfCalls.TYPE_SOFTWARE, 2),
  /** Switches to another task. */
  CONTEXT_SWITCHES(PerfCalls.TYPE_SOFTWARE, 3),
  /** Moves of a task to another processor. */
  CPU_MIGRATIONS(PerfCalls.TYPE_SOFTWARE, 4),
  /** Page faults that needed no reading from a disk. */
  MINOR_FAULTS(PerfCalls.TYPE_SOFTWARE, 5),
  /** Page faults that needed reading from a disk. */
  MAJOR_FAULTS(PerfCalls.TYPE_SOFTWARE, 6),
  /** Processor cycles; few virtual machines have this and the following. */
  CPU_CYCLES(PerfCalls.TYPE_HARDWARE, 0),
  /** Instructions that were completed. */
  INSTRUCTIONS(PerfCalls.TYPE_HARDWARE, 1),
  /** Accesses of the cache, as a rule of its last level. */
  CACHE_REFERENCES(PerfCalls.TYPE_HARDWARE, 2),
  /** Such accesses that missed. */
  CACHE_MISSES(PerfCalls.TYPE_HARDWARE, 3),
  /** Branch instructions that were completed. */
  BRANCH_INSTRUCTIONS(PerfCalls.TYPE_HARDWARE, 4),
  /** Branches that were predicted wrongly. */
  BRANCH_MISSES(PerfCalls.TYPE_HARDWARE, 5);

  private final int type;
  private final long config;

  PerfEvent(int type, long config) {
    this.type = type;
    this.config = config;
  }

  int type() {
    return type;
  }

  long config() {
    return config;
  }

  /**
   * Tells whether it is counted by the processor, not by the kernel.
   *
   * @return true when it needs a counter of the hardware
   */
  public boolean isHardware() {
    return type == PerfCalls.TYPE_HARDWARE;
  }
}
