package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.linux.LinuxException;

/**
 * The freezer of a group of version 2, which needs no controller: readings of what stops it.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#core-interface-files">cgroup-v2,
 *     Core Interface Files</a>
 * @see FreezerV1
 */
public final class FreezerV2 {
  private static final String FREEZE = "cgroup.freeze";
  private static final String EVENTS = "cgroup.events";

  private final ControlFiles files;

  /**
   * Makes a view of a group's files.
   *
   * @param group a group of version 2; never the root
   * @throws IllegalArgumentException when it is of version 1
   */
  public FreezerV2(CgroupDirectory group) {
    this.files = ControlFiles.of(group, CgroupVersion.V2);
  }

  /**
   * Tells whether the group itself was told to freeze.
   *
   * @return true from the write of 1 until that of 0, whatever was told to those above it
   * @throws LinuxException when the kernel refuses
   */
  public boolean selfFreezing() {
    return files.flag(FREEZE);
  }

  /**
   * Tells whether all its processes, and those of the groups below it, have stopped, because it or
   * a group above it was told to freeze.
   *
   * @return true some time after that was told, and false some time after it was told to thaw
   * @throws LinuxException when the kernel refuses
   */
  public boolean frozen() {
    return files.flatKeyed(EVENTS).getOrDefault("frozen", 0L) != 0;
  }
}
