package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.testing.Ending;
import dev.belljar.cgroups.testing.LoopDevice;
import dev.belljar.cgroups.testing.TestGroup;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Two groups that read the same disk for as long as they may.
 *
 * @param group the group above both
 * @param disk a disk that BFQ schedules, or the cost model slows down
 * @param read tells what a group has read
 */
record DiskShares(TestGroup group, LoopDevice disk, ToLongFunction<CgroupDirectory> read) {
  /**
   * How much more the favoured must read. With weights of 10:1 it reads four to ten times as much
   * on a quiet machine, and as much without; processors that are busy elsewhere level it.
   */
  static final double CLEARLY_MORE = 1.3;

  /** How much both read. */
  static final long ENOUGH = 32 << 20;

  /** How much one group reads for each byte that the other does. */
  double ratio(CgroupDirectory one, CgroupDirectory other) {
    if (disk.isScheduledBy("bfq")) {
      disk.write("queue/iosched/low_latency", "0"); // which would favour whoever has just begun
      disk.write("queue/iosched/strict_guarantees", "1");
      disk.write("queue/iosched/max_budget", "64"); // short turns, so that shares show soon
    }
    long first = read.applyAsLong(one);
    long second = read.applyAsLong(other);
    String reading = DirectIo.command(disk, false, 16 << 10, 1024);
    for (CgroupDirectory each : List.of(one, other, one, other, one, other)) {
      group.runIn(each, "while :; do " + reading + "; done");
    }
    Ending.await(
        "enough is read",
        () -> read.applyAsLong(one) - first + read.applyAsLong(other) - second > ENOUGH);
    double ratio = (double) (read.applyAsLong(one) - first) / (read.applyAsLong(other) - second);
    group.directory().kill();
    return ratio;
  }
}
