package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.linux.LinuxException;
import java.util.Map;
import java.util.Optional;

/**
 * The rdma controller of a group: what it may hold of each RDMA device. Its files are the same in
 * both versions, and empty where the machine has no such device.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#rdma">cgroup-v2, RDMA</a>
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/rdma.html">cgroup-v1/rdma</a>
 */
public final class Rdma {
  private static final String MAX = "rdma.max";
  private static final String CURRENT = "rdma.current";
  private static final String PEAK = "rdma.peak";
  private static final String EVENTS = "rdma.events";
  private static final String EVENTS_LOCAL = "rdma.events.local";

  private final ControlFiles files;

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, in the hierarchy of the rdma controller; never the root
   */
  public Rdma(CgroupDirectory group) {
    this.files = new ControlFiles(group);
  }

  /**
   * Returns what the group and those below it may hold.
   *
   * @return bounds by device
   * @throws LinuxException when the kernel refuses
   */
  public Map<String, RdmaResources> max() {
    return RdmaResources.parse(files.text(MAX));
  }

  /**
   * Sets what the group and those below it may hold of a device.
   *
   * <p>Set it to {@link RdmaResources#UNLIMITED} before the group is removed, if the device may be
   * removed later: up to Linux 6.12 at least, the kernel then follows a pointer to the group that
   * was freed.
   *
   * @param device its name, such as {@code mlx5_0}
   * @param max the bounds
   * @return what the kernel made of it
   * @throws LinuxException ENODEV when there is no such device
   */
  public Written<RdmaResources> setMax(String device, RdmaResources max) {
    return files.write(
        MAX,
        max,
        value -> device + " " + value,
        text -> RdmaResources.parse(text).getOrDefault(device, RdmaResources.UNLIMITED));
  }

  /**
   * Returns what the group and those below it hold.
   *
   * @return numbers by device
   * @throws LinuxException when the kernel refuses
   */
  public Map<String, RdmaResources> current() {
    return RdmaResources.parse(files.text(CURRENT));
  }

  /**
   * Returns the most they have held.
   *
   * @return numbers by device; without a value before Linux 7.2
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Map<String, RdmaResources>> peak() {
    return files.ifThere(PEAK, RdmaResources::parse);
  }

  /**
   * Returns how often processes of the group or of those below it were refused resources.
   *
   * @return counts by device; without a value before Linux 7.2
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Map<String, RdmaEvents>> events() {
    return files.ifThere(EVENTS, RdmaEvents::parse);
  }

  /**
   * Returns how often processes were refused resources, of this group alone.
   *
   * @return counts by device; without a value before Linux 7.2
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Map<String, RdmaEvents>> eventsHere() {
    return files.ifThere(EVENTS_LOCAL, RdmaEvents::parse);
  }
}
