package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.cgroups.tree.FlatKeyed;
import dev.belljar.linux.LinuxException;
import java.util.Map;
import java.util.Optional;

/**
 * The dmem controller of a group (Linux 6.14, {@code CONFIG_CGROUP_DMEM}): memory of devices, such
 * as that of graphics cards. Its files are the same in both versions, and empty where no driver has
 * registered a region.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#dmem">cgroup-v2, DMEM</a>
 */
public final class Dmem {
  private static final String CAPACITY = "dmem.capacity";
  private static final String MAX = "dmem.max";
  private static final String MIN = "dmem.min";
  private static final String LOW = "dmem.low";
  private static final String CURRENT = "dmem.current";

  private final ControlFiles files;

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, in the hierarchy of the dmem controller
   */
  public Dmem(CgroupDirectory group) {
    this.files = new ControlFiles(group);
  }

  /**
   * Returns how much the devices have.
   *
   * @return bytes by region; without a value on groups other than the root
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Map<String, Long>> capacity() {
    return files.ifThere(CAPACITY, FlatKeyed::parse);
  }

  /**
   * Returns how much the group and those below it may use.
   *
   * @return bytes by region, such as {@code drm/0000:03:00.0/vram0}
   * @throws LinuxException when the kernel refuses; the root has none
   */
  public Map<String, Limit> max() {
    return files.limits(MAX);
  }

  /**
   * Sets how much of a region the group and those below it may use.
   *
   * @param region its name
   * @param max bytes
   * @return what the kernel made of it
   * @throws LinuxException EINVAL when there is no such region
   */
  public Written<Limit> setMax(String region, Limit max) {
    return files.writeLimit(MAX, region, max);
  }

  /**
   * Returns how much is never taken away from the group.
   *
   * @return bytes by region
   * @throws LinuxException when the kernel refuses
   */
  public Map<String, Limit> min() {
    return files.limits(MIN);
  }

  /**
   * Sets how much of a region is never taken away from the group.
   *
   * @param region its name
   * @param min bytes; unlimited for all it uses
   * @return what the kernel made of it
   * @throws LinuxException EINVAL when there is no such region
   */
  public Written<Limit> setMin(String region, Limit min) {
    return files.writeLimit(MIN, region, min);
  }

  /**
   * Returns how much is taken away from the group only when there is no other way.
   *
   * @return bytes by region
   * @throws LinuxException when the kernel refuses
   */
  public Map<String, Limit> low() {
    return files.limits(LOW);
  }

  /**
   * Sets how much of a region is taken away from the group only when there is no other way.
   *
   * @param region its name
   * @param low bytes; unlimited for all it uses
   * @return what the kernel made of it
   * @throws LinuxException EINVAL when there is no such region
   */
  public Written<Limit> setLow(String region, Limit low) {
    return files.writeLimit(LOW, region, low);
  }

  /**
   * Returns how much the group and those below it use.
   *
   * @return bytes by region
   * @throws LinuxException when the kernel refuses
   */
  public Map<String, Long> current() {
    return files.flatKeyed(CURRENT);
  }
}
