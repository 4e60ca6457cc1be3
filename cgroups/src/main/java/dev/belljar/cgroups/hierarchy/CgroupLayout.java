package dev.belljar.cgroups.hierarchy;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import java.util.List;
import java.util.Optional;

/**
 * The hierarchies mounted on this machine, as the JVM sees them.
 *
 * @param hierarchies version 2 first, if it is there, then version 1 in the order of {@code
 *     /proc/self/cgroup}
 */
public record CgroupLayout(List<Hierarchy> hierarchies) {
  /** How a machine uses the two versions. */
  public enum Kind {
    /** No hierarchy is mounted. */
    NONE,
    /** Version 1 only. */
    V1,
    /** Version 2 only. */
    V2,
    /** Both; a subsystem is on either. */
    HYBRID
  }

  // Read once: mounts of cgroup hierarchies do not change in practice, and reading mountinfo takes
  // longer than making a group.
  private static volatile CgroupLayout current;

  /** Makes a layout. */
  public CgroupLayout {
    hierarchies = List.copyOf(hierarchies);
  }

  /**
   * Returns the layout of this machine, which is read once in the life of the JVM, and again after
   * a {@link MountedHierarchy} came or went.
   *
   * @return the layout
   * @throws LinuxException when {@code /proc} cannot be read
   */
  public static CgroupLayout current() {
    CgroupLayout known = current;
    if (known == null) {
      known = read();
      current = known;
    }
    return known;
  }

  /**
   * Reads the layout as it is now, for programs during whose life hierarchies are mounted or
   * unmounted.
   *
   * @return the layout
   * @throws LinuxException when {@code /proc} cannot be read
   */
  public static CgroupLayout read() {
    byte[] mounts = FileCalls.readFile(Syscall.AT_FDCWD, "/proc/self/mountinfo");
    byte[] groups = FileCalls.readFile(Syscall.AT_FDCWD, "/proc/self/cgroup");
    return LayoutParser.parse(mounts, groups, LayoutParser::readControllers);
  }

  /** Has the layout read anew when it is next asked for. */
  static void forget() {
    current = null;
  }

  /**
   * Tells how this machine uses the two versions.
   *
   * @return the kind
   */
  public Kind kind() {
    boolean v1 = hierarchies.stream().anyMatch(each -> each.version() == CgroupVersion.V1);
    boolean v2 = v2().isPresent();
    if (v1) {
      return v2 ? Kind.HYBRID : Kind.V1;
    }
    return v2 ? Kind.V2 : Kind.NONE;
  }

  /**
   * Returns the hierarchy of version 2.
   *
   * @return the hierarchy, empty when it is not mounted
   */
  public Optional<Hierarchy> v2() {
    return hierarchies.stream().filter(each -> each.version() == CgroupVersion.V2).findFirst();
  }

  /**
   * Finds the hierarchy that a subsystem sits on.
   *
   * @param subsystem the subsystem
   * @return the hierarchy, empty when no mounted one has it
   */
  public Optional<Hierarchy> with(Subsystem subsystem) {
    return hierarchies.stream().filter(each -> each.has(subsystem)).findFirst();
  }
}
