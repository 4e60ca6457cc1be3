package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.linux.LinuxException;

/**
 * The freezer subsystem of a group of version 1: readings of what stops it.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/freezer-subsystem.html">
 *     cgroup-v1/freezer-subsystem</a>
 * @see FreezerV2
 */
public final class FreezerV1 {
  private static final String STATE = "freezer.state";
  private static final String SELF_FREEZING = "freezer.self_freezing";
  private static final String PARENT_FREEZING = "freezer.parent_freezing";

  private final ControlFiles files;

  /** Whether a group runs. */
  public enum State {
    /** Its tasks run. */
    THAWED,
    /** Some have stopped, and not yet all. */
    FREEZING,
    /** All have stopped. */
    FROZEN
  }

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, in the hierarchy of the freezer subsystem; never the root
   * @throws IllegalArgumentException when it is of version 2
   */
  public FreezerV1(CgroupDirectory group) {
    this.files = ControlFiles.of(group, CgroupVersion.V1);
  }

  /**
   * Returns whether it runs; a group that is freezing may never get to be frozen while something in
   * it cannot be stopped, and is looked at anew by each reading.
   *
   * @return the state, of the groups below it too
   * @throws LinuxException when the kernel refuses
   */
  public State state() {
    return State.valueOf(files.text(STATE));
  }

  /**
   * Tells whether the group itself was told to freeze.
   *
   * @return true from the write of FROZEN until that of THAWED
   * @throws LinuxException when the kernel refuses
   */
  public boolean selfFreezing() {
    return files.flag(SELF_FREEZING);
  }

  /**
   * Tells whether a group above it was told to freeze.
   *
   * @return true when one was: thawing this group then does nothing
   * @throws LinuxException when the kernel refuses
   */
  public boolean parentFreezing() {
    return files.flag(PARENT_FREEZING);
  }
}
