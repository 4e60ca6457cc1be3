package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.linux.DeviceNumber;
import dev.belljar.linux.Finding;
import dev.belljar.linux.LinuxException;
import java.util.Map;

/**
 * The blkio controller of version 1: limits and counters of what a group reads from and writes to
 * disks.
 *
 * <p>Only what goes to the disk on behalf of the process is seen: reads and direct writes. What it
 * writes to the page cache is written later by the kernel, for the root group, and escapes every
 * limit; version 2 with its memory controller does not have this gap. A limit does not bind the
 * groups below.
 *
 * @see BlkioV1Bfq
 * @see IoV2
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/blkio-controller.html">cgroup-v1/
 *     blkio-controller</a>
 */
public final class BlkioV1 {
  private static final String SERVICE_BYTES = "blkio.throttle.io_service_bytes";
  private static final String SERVICED = "blkio.throttle.io_serviced";
  private static final String RECURSIVE = "_recursive";
  private static final String RESET = "blkio.reset_stats";
  private static final String WEIGHT = "blkio.weight";
  private static final String WEIGHT_DEVICE = "blkio.weight_device";
  private static final String CFQ = "Linux before 5.0, whose CFQ scheduler it was for; use BFQ's";

  private final ControlFiles files;

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, in the hierarchy of the blkio controller
   * @throws IllegalArgumentException when it is of version 2
   */
  public BlkioV1(CgroupDirectory group) {
    this.files = ControlFiles.of(group, CgroupVersion.V1);
  }

  /**
   * Tells what surprises about these limits.
   *
   * @return that buffered writes escape them
   */
  public static Finding bufferedWritesEscape() {
    return Finding.pitfall(
        "on cgroup version 1 a limit on writing to a disk holds for direct writes (O_DIRECT) only:"
            + " what goes through the page cache is written later by the kernel, unlimited");
  }

  /**
   * Returns the limits of one sort.
   *
   * @param throttle what is limited
   * @return bytes or operations in a second, by disk
   * @throws UnsupportedOperationException without CONFIG_BLK_DEV_THROTTLING
   * @throws LinuxException when the kernel refuses
   */
  public Map<DeviceNumber, Long> throttle(IoThrottle throttle) {
    require(throttle.v1File());
    return DeviceLines.parseNumbers(files.text(throttle.v1File()));
  }

  /**
   * Limits what the group reads from or writes to a disk in each second.
   *
   * @param throttle what is limited
   * @param disk the disk; not a partition
   * @param limit bytes or operations in a second, 1 or more, or unlimited
   * @return what the kernel made of it: 4294967295 operations or more are unlimited
   * @throws IllegalArgumentException when the limit is 0, which the kernel takes for none
   * @throws UnsupportedOperationException without CONFIG_BLK_DEV_THROTTLING
   * @throws LinuxException ENODEV when there is no such disk
   */
  public Written<Limit> setThrottle(IoThrottle throttle, DeviceNumber disk, Limit limit) {
    require(throttle.v1File());
    return files.write(
        throttle.v1File(),
        limit,
        value -> disk + " " + throttle.v1Value(value),
        text -> {
          Long now = DeviceLines.parseNumbers(text).get(disk);
          return now == null ? Limit.UNLIMITED : Limit.of(now);
        });
  }

  private void require(String file) {
    files.require(file, "CONFIG_BLK_DEV_THROTTLING");
  }

  /**
   * Returns the bytes that went to and from disks.
   *
   * @return by disk; a disk on which nothing was counted is absent: the kernel counts only where
   *     throttling is in use, which is while the group has a limit on the disk (6.1) or once any
   *     group has had one (6.18), and reads 0 otherwise
   * @throws UnsupportedOperationException without CONFIG_BLK_DEV_THROTTLING
   * @throws LinuxException when the kernel refuses
   */
  public Map<DeviceNumber, IoCounters> serviceBytes() {
    return counters(SERVICE_BYTES);
  }

  /**
   * Returns the bytes that went to and from disks, in the groups below too.
   *
   * @return as {@link #serviceBytes}
   * @throws UnsupportedOperationException without CONFIG_BLK_DEV_THROTTLING
   * @throws LinuxException when the kernel refuses
   */
  public Map<DeviceNumber, IoCounters> serviceBytesRecursive() {
    return counters(SERVICE_BYTES + RECURSIVE);
  }

  /**
   * Returns the operations on disks.
   *
   * @return as {@link #serviceBytes}
   * @throws UnsupportedOperationException without CONFIG_BLK_DEV_THROTTLING
   * @throws LinuxException when the kernel refuses
   */
  public Map<DeviceNumber, IoCounters> serviced() {
    return counters(SERVICED);
  }

  /**
   * Returns the operations on disks, in the groups below too.
   *
   * @return as {@link #serviceBytes}
   * @throws UnsupportedOperationException without CONFIG_BLK_DEV_THROTTLING
   * @throws LinuxException when the kernel refuses
   */
  public Map<DeviceNumber, IoCounters> servicedRecursive() {
    return counters(SERVICED + RECURSIVE);
  }

  private Map<DeviceNumber, IoCounters> counters(String file) {
    require(file);
    return IoCounters.parse(files.text(file));
  }

  /**
   * Sets the times that BFQ measures for debugging to 0. Nothing else is reset, so elsewhere the
   * kernel takes the write and nothing changes.
   *
   * @throws UnsupportedOperationException without CONFIG_BFQ_CGROUP_DEBUG
   * @throws LinuxException when the kernel refuses
   */
  public void resetStats() {
    files.require("blkio.bfq.io_service_time", "CONFIG_BFQ_CGROUP_DEBUG");
    files.group().write(RESET, "1");
  }

  /**
   * Sets the weight of the CFQ scheduler, which is gone.
   *
   * @param weight 10 to 1000
   * @return what the kernel made of it
   * @throws UnsupportedOperationException since Linux 5.0; {@link BlkioV1Bfq} has the weight of
   *     today's scheduler
   */
  public Written<Long> setWeight(int weight) {
    files.require(WEIGHT, CFQ);
    return files.writeNumber(WEIGHT, weight);
  }

  /**
   * Sets the weight of the CFQ scheduler on one disk.
   *
   * @param disk the disk; not a partition
   * @param weight 10 to 1000
   * @return what the kernel made of it
   * @throws UnsupportedOperationException since Linux 5.0; {@link BlkioV1Bfq} has the weight of
   *     today's scheduler
   * @throws LinuxException ENODEV when there is no such disk
   */
  public Written<Long> setWeight(DeviceNumber disk, int weight) {
    files.require(WEIGHT_DEVICE, CFQ);
    return files.write(
        WEIGHT_DEVICE,
        (long) weight,
        value -> disk + " " + value,
        text -> DeviceLines.parseNumbers(text).getOrDefault(disk, 0L));
  }
}
