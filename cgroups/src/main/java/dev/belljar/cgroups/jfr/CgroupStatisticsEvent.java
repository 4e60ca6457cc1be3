package dev.belljar.cgroups.jfr;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** The frequent numbers of a group; {@link #ABSENT} where the kernel does not count. */
@Name("belljar.CgroupStatistics")
@Label("Cgroup Statistics")
@Description("What a control group uses")
@Category({"Belljar", "Cgroup"})
@Period("1 s")
@StackTrace(false)
final class CgroupStatisticsEvent extends Event {
  /** Shown as N/A. */
  static final long ABSENT = Long.MIN_VALUE;

  @Label("Cgroup")
  String cgroup = "";

  @Label("CPU Time")
  @Description("Processor time used since the group was made")
  @Timespan(Timespan.NANOSECONDS)
  long cpuTime;

  @Label("Throttled Time")
  @Description("How long the group was held back by its quota, summed over processors")
  @Timespan(Timespan.NANOSECONDS)
  long throttledTime;

  @Label("Throttled Periods")
  @Description("In how many periods the group used up its quota")
  long throttledPeriods;

  @Label("Memory Usage")
  @Description("Memory used, page cache included")
  @DataAmount
  long memoryUsage;

  @Label("Page Cache")
  @DataAmount
  long pageCache;

  @Label("Major Page Faults")
  @Description("Page faults that had to wait for a device")
  long majorPageFaults;

  @Label("Processes and Threads")
  long pids;

  @Label("Bytes Read")
  @Description("Read from all block devices that are counted")
  @DataAmount
  long bytesRead;

  @Label("Bytes Written")
  @Description("Written to all block devices that are counted")
  @DataAmount
  long bytesWritten;
}
