package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.linux.DeviceNumber;
import dev.belljar.linux.Finding;
import dev.belljar.linux.LinuxException;
import java.util.Optional;

/**
 * The weights of the BFQ scheduler in the io controller of version 2. They are absent until BFQ is
 * loaded, and mean nothing on disks of another scheduler.
 *
 * @see BlkioV1Bfq
 * @see IoV2
 * @see <a href="https://docs.kernel.org/block/bfq-iosched.html">BFQ</a>
 */
public final class IoV2Bfq {
  private static final String WEIGHT = "io.bfq.weight";

  private final ControlFiles files;

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, with the io controller enabled; the root has no weights
   * @throws IllegalArgumentException when it is of version 1
   * @throws UnsupportedOperationException when BFQ is not loaded, or was built without
   *     CONFIG_BFQ_GROUP_IOSCHED
   */
  public IoV2Bfq(CgroupDirectory group) {
    this.files = ControlFiles.of(group, CgroupVersion.V2);
    files.require(WEIGHT, BfqWeight.NEEDS);
  }

  /**
   * Returns the weights that the BFQ scheduler goes by.
   *
   * @return the weights, by default and by disk
   * @throws LinuxException when the kernel refuses
   */
  public DeviceWeights weights() {
    return DeviceWeights.parse(files.text(WEIGHT));
  }

  /**
   * Sets the weight of BFQ on all disks that have none of their own.
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
    return writeDefault(weight);
  }

  /**
   * Sets the weight of BFQ on one disk.
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
    BfqWeight.require(WEIGHT, disk);
    return writeWeight(disk, weight);
  }

  /**
   * Takes BFQ's weight of a disk away, for the default to count.
   *
   * @param disk the disk
   * @throws LinuxException ENODEV when there is no such disk
   */
  public void clearWeight(DeviceNumber disk) {
    BfqWeight.require(WEIGHT, disk);
    files.group().write(WEIGHT, disk + " default");
  }

  /**
   * Tells whether {@code io.bfq.weight} would change nothing.
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
    return BfqWeight.finding(WEIGHT, disk);
  }

  private Written<Long> writeDefault(int weight) {
    return files.write(
        WEIGHT,
        (long) weight,
        value -> "default " + value,
        text -> (long) DeviceWeights.parse(text).byDefault());
  }

  private Written<Long> writeWeight(DeviceNumber disk, int weight) {
    return files.write(
        WEIGHT,
        (long) weight,
        value -> disk + " " + value,
        text -> (long) DeviceWeights.parse(text).of(disk));
  }
}
