package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.linux.DeviceNumber;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The cost model by which {@code io.weight} shares disks, set in the root of version 2 for the
 * whole machine.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#io">cgroup-v2, IO</a>
 */
public final class IoCost {
  private static final String QOS = "io.cost.qos";
  private static final String MODEL = "io.cost.model";
  private static final String OPTION = "CONFIG_BLK_CGROUP_IOCOST, and is in the root only";

  private final ControlFiles files;

  /**
   * The quality of service on a disk: requests are held back when fewer than the given share of
   * them is done within the given time.
   *
   * @param enabled whether the cost model is used, and with it {@code io.weight}
   * @param byUser true for what is set here, false for what the kernel thinks of such disks
   * @param readPercent how many reads should be done within their time, 0 to 100; 0 for no target
   * @param readLatency that time, in whole microseconds
   * @param writePercent how many writes should be done within their time, 0 to 100
   * @param writeLatency that time, in whole microseconds
   * @param min the least that the disk's speed is scaled to, in percent
   * @param max the most that the disk's speed is scaled to, in percent
   */
  public record Qos(
      boolean enabled,
      boolean byUser,
      double readPercent,
      Duration readLatency,
      double writePercent,
      Duration writeLatency,
      double min,
      double max) {
    static Qos of(Map<String, String> keys) {
      return new Qos(
          value(keys, "enable").equals("1"),
          isByUser(keys),
          Double.parseDouble(value(keys, "rpct")),
          Micros.parse(value(keys, "rlat")),
          Double.parseDouble(value(keys, "wpct")),
          Micros.parse(value(keys, "wlat")),
          Double.parseDouble(value(keys, "min")),
          Double.parseDouble(value(keys, "max")));
    }

    /** Returns the line as the kernel prints it, without the device. */
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "enable=%d ctrl=%s rpct=%.2f rlat=%s wpct=%.2f wlat=%s min=%.2f max=%.2f",
          enabled ? 1 : 0,
          control(byUser),
          readPercent,
          Micros.print(readLatency),
          writePercent,
          Micros.print(writeLatency),
          min,
          max);
    }
  }

  /**
   * What a disk can do: bytes, and sequential and random operations of 4 KiB, in a second.
   *
   * @param byUser true for what is set here, false for what the kernel thinks of such disks
   * @param readBytes bytes read
   * @param sequentialReads reads one after the other
   * @param randomReads reads here and there
   * @param writtenBytes bytes written
   * @param sequentialWrites writes one after the other
   * @param randomWrites writes here and there
   */
  public record Model(
      boolean byUser,
      long readBytes,
      long sequentialReads,
      long randomReads,
      long writtenBytes,
      long sequentialWrites,
      long randomWrites) {
    static Model of(Map<String, String> keys) {
      return new Model(
          isByUser(keys),
          Long.parseLong(value(keys, "rbps")),
          Long.parseLong(value(keys, "rseqiops")),
          Long.parseLong(value(keys, "rrandiops")),
          Long.parseLong(value(keys, "wbps")),
          Long.parseLong(value(keys, "wseqiops")),
          Long.parseLong(value(keys, "wrandiops")));
    }

    /** Returns the line as the kernel prints it, without the device. */
    @Override
    public String toString() {
      return "ctrl=%s model=linear rbps=%d rseqiops=%d rrandiops=%d wbps=%d wseqiops=%d wrandiops=%d"
          .formatted(
              control(byUser),
              readBytes,
              sequentialReads,
              randomReads,
              writtenBytes,
              sequentialWrites,
              randomWrites);
    }
  }

  /**
   * Makes a view of the root's files.
   *
   * @param root the root of the version 2 hierarchy
   * @throws IllegalArgumentException when it is of version 1
   * @throws UnsupportedOperationException when they are absent: without CONFIG_BLK_CGROUP_IOCOST,
   *     or in a group that is not the machine's root
   */
  public IoCost(CgroupDirectory root) {
    this.files = ControlFiles.of(root, CgroupVersion.V2);
    files.require(QOS, OPTION);
  }

  private static String value(Map<String, String> keys, String key) {
    String value = keys.get(key);
    if (value == null) {
      throw new IllegalArgumentException("no " + key + " in " + keys);
    }
    return value;
  }

  private static boolean isByUser(Map<String, String> keys) {
    return value(keys, "ctrl").equals("user");
  }

  private static String control(boolean byUser) {
    return byUser ? "user" : "auto";
  }

  /** Tells whether weights have an effect on some disk; true too where that cannot be seen. */
  static boolean isEnabledAnywhere(Hierarchy hierarchy) {
    try (CgroupDirectory root = CgroupDirectory.open(hierarchy, hierarchy.mountPoint())) {
      return !root.has(QOS) || parseQos(root.read(QOS)).values().stream().anyMatch(Qos::enabled);
    }
  }

  /** Tells whether the cost model of a disk was enabled and is no longer; false when not seen. */
  static boolean isDisabled(Hierarchy hierarchy, DeviceNumber disk) {
    try (CgroupDirectory root = CgroupDirectory.open(hierarchy, hierarchy.mountPoint())) {
      Qos qos = root.has(QOS) ? parseQos(root.read(QOS)).get(disk) : null;
      return qos != null && !qos.enabled;
    }
  }

  static Map<DeviceNumber, Qos> parseQos(String text) {
    Map<DeviceNumber, Qos> disks = new LinkedHashMap<>();
    DeviceLines.parse(text).forEach((disk, keys) -> disks.put(disk, Qos.of(keys)));
    return disks;
  }

  static Map<DeviceNumber, Model> parseModel(String text) {
    Map<DeviceNumber, Model> disks = new LinkedHashMap<>();
    DeviceLines.parse(text).forEach((disk, keys) -> disks.put(disk, Model.of(keys)));
    return disks;
  }

  /**
   * Returns the quality of service on each disk for which one was ever set.
   *
   * @return by disk
   * @throws LinuxException when the kernel refuses
   */
  public Map<DeviceNumber, Qos> qos() {
    return parseQos(files.text(QOS));
  }

  /**
   * Enables or disables the cost model on a disk, with the kernel's own parameters.
   *
   * @param disk the disk; not a partition
   * @param enabled true to have weights count
   * @return what the kernel made of it
   * @throws LinuxException ENODEV when there is no such disk
   */
  public Written<Boolean> setEnabled(DeviceNumber disk, boolean enabled) {
    return files.write(
        QOS,
        enabled,
        on -> disk + " enable=" + (on ? 1 : 0),
        text -> {
          Qos now = parseQos(text).get(disk);
          return now != null && now.enabled;
        });
  }

  /**
   * Sets the quality of service on a disk.
   *
   * @param disk the disk; not a partition
   * @param qos the quality, {@code byUser}
   * @return what the kernel made of it
   * @throws LinuxException EINVAL when a number is out of range; ENODEV when there is no such disk
   */
  public Written<Qos> setQos(DeviceNumber disk, Qos qos) {
    return files.write(QOS, qos, value -> disk + " " + value, text -> find(parseQos(text), disk));
  }

  /**
   * Returns what each disk for which the model was ever used can do.
   *
   * @return by disk
   * @throws LinuxException when the kernel refuses
   */
  public Map<DeviceNumber, Model> model() {
    return parseModel(files.text(MODEL));
  }

  /**
   * Sets what a disk can do.
   *
   * @param disk the disk; not a partition
   * @param model the numbers, {@code byUser}
   * @return what the kernel made of it
   * @throws LinuxException EINVAL when a number is out of range; ENODEV when there is no such disk
   */
  public Written<Model> setModel(DeviceNumber disk, Model model) {
    return files.write(
        MODEL, model, value -> disk + " " + value, text -> find(parseModel(text), disk));
  }

  private static <T> T find(Map<DeviceNumber, T> disks, DeviceNumber disk) {
    T found = disks.get(disk);
    if (found == null) {
      throw new LinuxException(Errno.ENODEV.number(), "reading " + disk + " back");
    }
    return found;
  }
}
