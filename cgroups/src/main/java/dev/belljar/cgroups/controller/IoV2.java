package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.linux.DeviceNumber;
import dev.belljar.linux.Finding;
import dev.belljar.linux.LinuxException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The io controller of version 2: limits, shares and counters of what a group reads from and writes
 * to disks. The root has only {@link #stat}, {@link #pressure} and {@link IoCost}.
 *
 * <p>With the memory controller enabled for the group too, what it writes through the page cache
 * counts as its own on file systems that support it (ext4, btrfs, xfs).
 *
 * @see BlkioV1
 * @see IoV2Bfq
 * @see IoCost
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#io">cgroup-v2, IO</a>
 */
public final class IoV2 {
  private static final String MAX = "io.max";
  private static final String WEIGHT = "io.weight";
  private static final String LATENCY = "io.latency";
  private static final String STAT = "io.stat";
  private static final String PRESSURE = "io.pressure";
  private static final String OPTION = "CONFIG_BLK_CGROUP_IOCOST";
  private static final int MAX_WEIGHT = 10_000;

  private final ControlFiles files;

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, with the io controller enabled
   * @throws IllegalArgumentException when it is of version 1
   */
  public IoV2(CgroupDirectory group) {
    this.files = ControlFiles.of(group, CgroupVersion.V2);
  }

  /**
   * Returns the limits.
   *
   * @return by disk; one without limits is absent
   * @throws UnsupportedOperationException without CONFIG_BLK_DEV_THROTTLING
   * @throws LinuxException when the kernel refuses
   */
  public Map<DeviceNumber, IoMax> max() {
    files.require(MAX, "CONFIG_BLK_DEV_THROTTLING");
    return parseMax(files.text(MAX));
  }

  static Map<DeviceNumber, IoMax> parseMax(String text) {
    Map<DeviceNumber, IoMax> disks = new LinkedHashMap<>();
    DeviceLines.parse(text).forEach((disk, keys) -> disks.put(disk, IoMax.of(keys)));
    return disks;
  }

  /**
   * Sets all limits on a disk.
   *
   * @param disk the disk; not a partition
   * @param max the limits; those that it does not have become unlimited
   * @return what the kernel made of it; 4294967295 operations or more are unlimited
   * @throws UnsupportedOperationException without CONFIG_BLK_DEV_THROTTLING
   * @throws LinuxException ENODEV when there is no such disk
   */
  public Written<IoMax> setMax(DeviceNumber disk, IoMax max) {
    files.require(MAX, "CONFIG_BLK_DEV_THROTTLING");
    return files.write(
        MAX,
        max,
        value -> disk + " " + value,
        text -> parseMax(text).getOrDefault(disk, IoMax.UNLIMITED));
  }

  /**
   * Returns the weights that the cost model ({@link IoCost}) goes by.
   *
   * @return the weights, by default and by disk; empty without CONFIG_BLK_CGROUP_IOCOST
   * @throws LinuxException when the kernel refuses
   */
  public Optional<DeviceWeights> weights() {
    return files.ifThere(WEIGHT, DeviceWeights::parse);
  }

  /**
   * Sets the weight on all disks that have none of their own.
   *
   * @param weight 1 to 10000; 100 in a new group
   * @return what the kernel made of it
   * @throws IllegalArgumentException when it is out of range
   * @throws UnsupportedOperationException without CONFIG_BLK_CGROUP_IOCOST, or when the cost model
   *     is enabled on no disk: the kernel would take it, and nothing would change
   * @throws LinuxException when the kernel refuses
   */
  public Written<Long> setWeight(int weight) {
    checkWeight(weight);
    weightWithoutEffect()
        .ifPresent(found -> {
          throw new UnsupportedOperationException(found.text());
        });
    return writeDefault(weight);
  }

  /**
   * Sets the weight on one disk.
   *
   * @param disk the disk; not a partition
   * @param weight 1 to 10000
   * @return what the kernel made of it
   * @throws IllegalArgumentException when it is out of range
   * @throws UnsupportedOperationException without CONFIG_BLK_CGROUP_IOCOST, or when the cost model
   *     is disabled on the disk: the kernel would take it, and nothing would change
   * @throws LinuxException EOPNOTSUPP when the cost model was never enabled on the disk; ENODEV
   *     when there is no such disk
   */
  public Written<Long> setWeight(DeviceNumber disk, int weight) {
    checkWeight(weight);
    files.require(WEIGHT, OPTION);
    weightWithoutEffect(files.group().hierarchy(), disk)
        .ifPresent(found -> {
          throw new UnsupportedOperationException(found.text());
        });
    return writeWeight(disk, weight);
  }

  /**
   * Takes the weight of a disk away, for the default to count.
   *
   * @param disk the disk
   * @return the default weight, and the one that now counts on the disk
   * @throws UnsupportedOperationException without CONFIG_BLK_CGROUP_IOCOST
   * @throws LinuxException as {@link #setWeight(DeviceNumber, int)}
   */
  public Written<Long> clearWeight(DeviceNumber disk) {
    files.require(WEIGHT, OPTION);
    files.group().write(WEIGHT, disk + " default");
    DeviceWeights now = DeviceWeights.parse(files.text(WEIGHT));
    return new Written<>(WEIGHT, (long) now.byDefault(), (long) now.of(disk));
  }

  private static void checkWeight(int weight) {
    if (weight < 1 || weight > MAX_WEIGHT) {
      throw new IllegalArgumentException("an io weight is 1 to 10000, not " + weight);
    }
  }

  /**
   * Tells whether {@code io.weight} would change nothing.
   *
   * @return why, or empty when it has an effect on some disk, or that cannot be seen from inside a
   *     cgroup namespace
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Finding> weightWithoutEffect() {
    if (!files.has(WEIGHT)) {
      return Optional.of(Finding.missing("io.weight needs CONFIG_BLK_CGROUP_IOCOST"));
    }
    return IoCost.isEnabledAnywhere(files.group().hierarchy())
        ? Optional.empty()
        : Optional.of(
            Finding.noEffect(
                "io.weight has no effect, since the cost model is enabled on no disk: write"
                    + " <major>:<minor> enable=1 to io.cost.qos in the root, or use"
                    + " io.bfq.weight"));
  }

  /**
   * Tells whether a weight on one disk would change nothing, since its cost model is disabled.
   *
   * @param hierarchy that of version 2
   * @param disk the disk
   * @return why; empty when it has an effect, when the kernel refuses it since the cost model was
   *     never enabled on the disk, or when that cannot be seen from inside a cgroup namespace
   * @throws LinuxException when the kernel refuses
   */
  public static Optional<Finding> weightWithoutEffect(Hierarchy hierarchy, DeviceNumber disk) {
    return IoCost.isDisabled(hierarchy, disk)
        ? Optional.of(
            Finding.noEffect(
                "io.weight has no effect on %1$s, whose cost model is disabled: write %1$s enable=1"
                        .formatted(disk)
                    + " to io.cost.qos in the root first"))
        : Optional.empty();
  }

  /**
   * Tells whether any disk heeds {@code io.weight}: the cost model is enabled for it.
   *
   * @param hierarchy that of version 2
   * @return whether one does; true too where the root, whose {@code io.cost.qos} says so, is not
   *     seen
   * @throws LinuxException when the kernel refuses
   */
  public static boolean isWeightHeeded(Hierarchy hierarchy) {
    return IoCost.isEnabledAnywhere(hierarchy);
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

  /**
   * Returns the times within which requests should be done; groups that can wait longer are slowed
   * down for those that miss theirs.
   *
   * @return by disk; empty where there are none, and without CONFIG_BLK_CGROUP_IOLATENCY
   * @throws LinuxException when the kernel refuses
   */
  public Map<DeviceNumber, Duration> latency() {
    return files.ifThere(LATENCY, IoV2::parseLatency).orElse(Map.of());
  }

  static Map<DeviceNumber, Duration> parseLatency(String text) {
    Map<DeviceNumber, Duration> disks = new LinkedHashMap<>();
    DeviceLines.parse(text)
        .forEach((disk, keys) -> disks.put(disk, Micros.parse(keys.getOrDefault("target", "0"))));
    return disks;
  }

  /**
   * Sets the time within which requests to a disk should be done.
   *
   * @param disk the disk; not a partition
   * @param target a whole number of microseconds; zero for no target
   * @return what the kernel made of it
   * @throws UnsupportedOperationException without CONFIG_BLK_CGROUP_IOLATENCY
   * @throws LinuxException ENODEV when there is no such disk
   */
  public Written<Duration> setLatency(DeviceNumber disk, Duration target) {
    files.require(LATENCY, "CONFIG_BLK_CGROUP_IOLATENCY");
    return files.write(
        LATENCY,
        target,
        value -> disk + " target=" + Micros.print(value),
        text -> parseLatency(text).getOrDefault(disk, Duration.ZERO));
  }

  /**
   * Returns what went to and from disks.
   *
   * @return by disk; one that was not used is absent
   * @throws LinuxException when the kernel refuses
   */
  public Map<DeviceNumber, IoStat> stat() {
    return IoStat.parse(files.text(STAT));
  }

  /**
   * Returns how long processes waited for disks.
   *
   * @return the shares; empty without CONFIG_PSI, and since Linux 6.1 when it is switched off
   *     ({@code psi=0} at boot)
   * @throws LinuxException EOPNOTSUPP before Linux 6.1 when it is switched off
   */
  public Optional<Pressure> pressure() {
    return files.ifThere(PRESSURE, Pressure::parse);
  }
}
