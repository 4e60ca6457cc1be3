package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.testing.Ending;
import dev.belljar.cgroups.testing.LoopDevice;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.Effort;
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

  /** How often it is tried: the machine may be busy elsewhere for a while. */
  private static final int TRIES = 6;

  /** How much one group reads for each byte that the other does, at the clearest of some tries. */
  double ratio(CgroupDirectory one, CgroupDirectory other) {
    Effort.assumeNotEmulated(); // the processor is what is scarce there, not the disk
    double best = 0;
    for (int i = 0; i < TRIES && best <= CLEARLY_MORE; i++) {
      best = Math.max(best, once(one, other));
    }
    return best;
  }

  private double once(CgroupDirectory one, CgroupDirectory other) {
    if (disk.isScheduledBy("bfq")) {
      disk.write("queue/iosched/low_latency", "0"); // which would favour whoever has just begun
      disk.write("queue/iosched/strict_guarantees", "1");
      disk.write("queue/iosched/max_budget", "64"); // short turns, so that shares show soon
      disk.write("queue/iosched/slice_idle", "100"); // a reader may take its time to come again
    }
    String reading = DirectIo.command(disk, false, 16 << 10, 1024);
    for (CgroupDirectory each : List.of(one, other, one, other, one, other)) {
      group.runIn(each, "while :; do " + reading + "; done");
    }
    long before = Math.min(read.applyAsLong(one), read.applyAsLong(other));
    Ending.await(
        "both read", () -> Math.min(read.applyAsLong(one), read.applyAsLong(other)) > before);
    long first = read.applyAsLong(one);
    long second = read.applyAsLong(other);
    Ending.await(
        "enough is read",
        () -> read.applyAsLong(one) - first + read.applyAsLong(other) - second > ENOUGH);
    double ratio = (double) (read.applyAsLong(one) - first) / (read.applyAsLong(other) - second);
    group.directory().kill();
    return ratio;
  }
}
