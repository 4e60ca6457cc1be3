package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.linux.DeviceNumber;
import dev.belljar.linux.Finding;
import dev.belljar.linux.LinuxException;
import java.util.Map;
import java.util.Optional;

/**
 * The files of the BFQ scheduler in the blkio controller of version 1. They are absent until BFQ is
 * loaded, and weights mean nothing on disks of another scheduler.
 *
 * @see BlkioV1
 * @see <a href="https://docs.kernel.org/block/bfq-iosched.html">BFQ</a>
 */
public final class BlkioV1Bfq {
  private static final String WEIGHT = "blkio.bfq.weight";
  private static final String WEIGHT_DEVICE = "blkio.bfq.weight_device";
  private static final String SERVICE_BYTES = "blkio.bfq.io_service_bytes";
  private static final String SERVICED = "blkio.bfq.io_serviced";
  private static final String RECURSIVE = "_recursive";

  private final ControlFiles files;

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, in the hierarchy of the blkio controller; the root has no weights
   * @throws IllegalArgumentException when it is of version 2
   * @throws UnsupportedOperationException when BFQ is not loaded, or was built without
   *     CONFIG_BFQ_GROUP_IOSCHED
   */
  public BlkioV1Bfq(CgroupDirectory group) {
    this.files = ControlFiles.of(group, CgroupVersion.V1);
    files.require(SERVICE_BYTES, BfqWeight.NEEDS);
  }

  /**
   * Returns the weights.
   *
   * @return the weights, by default and by disk
   * @throws LinuxException when the kernel refuses
   */
  public DeviceWeights weights() {
    return DeviceWeights.parse(files.text(WEIGHT_DEVICE));
  }

  /**
   * Sets the weight on all disks that have none of their own.
   *
   * @param weight 1 to 1000; 100 in a new group
   * @return what the kernel made of it
   * @throws IllegalArgumentException when it is out of range
   * @throws UnsupportedOperationException when no disk is scheduled by BFQ: the kernel would take
   *     it, and nothing would change
   * @throws LinuxException when the kernel refuses
   */
  public Written<Long> setWeight(int weight) {
    BfqWeight.check(weight);
    BfqWeight.requireAnywhere(WEIGHT);
    return files.writeNumber(WEIGHT, weight);
  }

  /**
   * Sets the weight on one disk.
   *
   * @param disk the disk; not a partition
   * @param weight 1 to 1000
   * @return what the kernel made of it
   * @throws IllegalArgumentException when it is out of range
   * @throws UnsupportedOperationException when the disk is not scheduled by BFQ
   * @throws LinuxException ENODEV when there is no such disk
   */
  public Written<Long> setWeight(DeviceNumber disk, int weight) {
    BfqWeight.check(weight);
    BfqWeight.require(WEIGHT_DEVICE, disk);
    return files.write(
        WEIGHT_DEVICE,
        (long) weight,
        value -> disk + " " + value,
        text -> (long) DeviceWeights.parse(text).of(disk));
  }

  /**
   * Takes the weight of a disk away, for the default to count.
   *
   * @param disk the disk
   * @throws UnsupportedOperationException when the disk is not scheduled by BFQ
   * @throws LinuxException ENODEV when there is no such disk
   */
  public void clearWeight(DeviceNumber disk) {
    BfqWeight.require(WEIGHT_DEVICE, disk);
    files.group().write(WEIGHT_DEVICE, disk + " default");
  }

  /**
   * Tells whether weights would change nothing.
   *
   * @return why, or empty when BFQ schedules a disk
   */
  public static Optional<Finding> withoutEffect() {
    return BfqWeight.finding(WEIGHT);
  }

  /**
   * Tells whether a weight for one disk would do nothing, because BFQ does not schedule it.
   *
   * @param disk the disk
   * @return the finding; empty when a weight has an effect
   * @throws LinuxException when {@code /sys} cannot be read
   */
  public static Optional<Finding> withoutEffect(DeviceNumber disk) {
    return BfqWeight.finding(WEIGHT_DEVICE, disk);
  }

  /**
   * Returns the bytes that went to and from disks that BFQ schedules.
   *
   * @return by disk; one on which nothing was counted is absent
   * @throws LinuxException when the kernel refuses
   */
  public Map<DeviceNumber, IoCounters> serviceBytes() {
    return IoCounters.parse(files.text(SERVICE_BYTES));
  }

  /**
   * Returns the bytes that went to and from disks that BFQ schedules, in the groups below too.
   *
   * @return as {@link #serviceBytes}
   * @throws LinuxException when the kernel refuses
   */
  public Map<DeviceNumber, IoCounters> serviceBytesRecursive() {
    return IoCounters.parse(files.text(SERVICE_BYTES + RECURSIVE));
  }

  /**
   * Returns the operations on disks that BFQ schedules.
   *
   * @return as {@link #serviceBytes}
   * @throws LinuxException when the kernel refuses
   */
  public Map<DeviceNumber, IoCounters> serviced() {
    return IoCounters.parse(files.text(SERVICED));
  }

  /**
   * Returns the operations on disks that BFQ schedules, in the groups below too.
   *
   * @return as {@link #serviceBytes}
   * @throws LinuxException when the kernel refuses
   */
  public Map<DeviceNumber, IoCounters> servicedRecursive() {
    return IoCounters.parse(files.text(SERVICED + RECURSIVE));
  }
}
