package dev.belljar.cgroups.hierarchy;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import java.util.Objects;

/**
 * What was asked of a group and refused by the kernel.
 *
 * @param group the group
 * @param file the control file that was written; {@code mkdir} for a group made in the group,
 *     {@code rmdir} for the removal of the group itself
 * @param value what was written; the name of the group for {@code mkdir} and {@code rmdir}
 * @param errno the error
 */
public record RefusedWrite(CgroupDirectory group, String file, String value, Errno errno) {
  /** Makes a description. */
  public RefusedWrite {
    Objects.requireNonNull(group, "group");
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(value, "value");
    Objects.requireNonNull(errno, "errno");
  }

  /**
   * Tells whether the group is the root of a version 1 hierarchy, and not only that of a cgroup
   * namespace, which is a group like others.
   */
  boolean isOfV1Root() {
    return group.isV1Root();
  }

  /**
   * Reads another control file of the group, to tell one cause from another.
   *
   * @param other the file's name
   * @return its contents without white space at the ends; empty when it is absent or cannot be read
   */
  public String read(String other) {
    try {
      return group.read(other).strip();
    } catch (LinuxException unreadable) {
      return "";
    }
  }
}
