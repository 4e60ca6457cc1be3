package dev.belljar.cgroups.hierarchy;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.LinuxException;
import java.util.Optional;

/**
 * The files that every group of version 1 has, whatever the subsystem, less those that list its
 * members.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/cgroups.html">cgroup-v1/cgroups</a>
 */
public final class CoreFilesV1 {
  private static final String NOTIFY = "notify_on_release";
  private static final String AGENT = "release_agent";
  private static final String CLONE = "cgroup.clone_children";
  private static final String SANE = "cgroup.sane_behavior";

  private final CgroupDirectory group;

  /**
   * Makes a view of a group's files.
   *
   * @param group a group of version 1
   * @throws IllegalArgumentException when it is of version 2
   */
  public CoreFilesV1(CgroupDirectory group) {
    if (group.version() != CgroupVersion.V1) {
      throw new IllegalArgumentException(group + " is a group of version 2");
    }
    this.group = group;
  }

  /**
   * Tells whether the release agent is run when the last process has left the group and the last
   * group below it is gone.
   *
   * @return what is set; a new group has the setting of the one above it
   * @throws LinuxException when the kernel refuses
   */
  public boolean isNotifyOnRelease() {
    return flag(NOTIFY);
  }

  /**
   * Sets whether the release agent is run when the group becomes empty.
   *
   * @param notify whether it is
   * @throws LinuxException when the kernel refuses
   */
  public void setNotifyOnRelease(boolean notify) {
    group.write(NOTIFY, notify ? "1" : "0");
  }

  /**
   * Returns the program that is run when a group of the hierarchy that asks for it becomes empty.
   *
   * <p>The kernel runs it as root in the machine's first namespaces, with the path of the group
   * below the hierarchy's root as its argument.
   *
   * @return the program's path; empty when there is none
   * @throws LinuxException ENOENT when the group is not the root of its hierarchy
   */
  public Optional<BytePath> releaseAgent() {
    String path = group.read(AGENT);
    return path.isEmpty() ? Optional.empty() : Optional.of(BytePath.of(path));
  }

  /**
   * Sets the program that is run when a group of the hierarchy that asks for it becomes empty.
   *
   * @param program its path in the machine's first mount namespace; empty for none
   * @throws LinuxException ENOENT when the group is not the root of its hierarchy; EPERM when the
   *     caller lacks CAP_SYS_ADMIN in the first user namespace
   */
  public void setReleaseAgent(Optional<BytePath> program) {
    group.write(AGENT, program.map(BytePath::toString).orElse("\n"));
  }

  /**
   * Tells whether new groups below start with this group's settings; only cpuset heeds it.
   *
   * @return what is set; a new group has the setting of the one above it
   * @throws LinuxException when the kernel refuses
   */
  public boolean isCloneChildren() {
    return flag(CLONE);
  }

  /**
   * Sets whether new groups below start with this group's settings; only cpuset heeds it.
   *
   * @param clone whether they do
   * @throws LinuxException when the kernel refuses
   */
  public void setCloneChildren(boolean clone) {
    group.write(CLONE, clone ? "1" : "0");
  }

  /**
   * Tells whether the hierarchy behaves as version 2 does; always false since Linux 4.5.
   *
   * @return what {@code cgroup.sane_behavior} of the root says
   * @throws LinuxException ENOENT when the group is not the root of its hierarchy
   */
  public boolean isSaneBehavior() {
    return flag(SANE);
  }

  private boolean flag(String file) {
    return group.read(file).equals("1");
  }
}
