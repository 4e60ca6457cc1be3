package dev.belljar.cgroups.hierarchy;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.LinuxException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A mounted tree of control groups, with the subsystems that sit on it.
 *
 * @param id its number in {@code /proc/cgroups} and {@code /proc/<pid>/cgroup}, which may be used
 *     again once it has ended; 0 for version 2
 * @param version its version
 * @param name the name of a version 1 hierarchy that was given one ({@code systemd} for {@code
 *     name=systemd}), empty otherwise
 * @param subsystems the subsystems on it that this library knows; none for a hierarchy that only
 *     groups. For version 2 those which the topmost visible group may use
 * @param mounts where it is mounted, and the part of the tree seen at each place, less mounts that
 *     others cover; the most useful first: one that shows the JVM's own group, is writable, and
 *     shows most
 * @param own the path of the JVM's own group, below the first mount point and including it; empty
 *     when the JVM's group is outside the part of the tree that is mounted
 */
public record Hierarchy(
    int id,
    CgroupVersion version,
    String name,
    Set<Subsystem> subsystems,
    List<HierarchyMount> mounts,
    Optional<BytePath> own) {
  /**
   * Makes a description of a hierarchy.
   *
   * @throws IllegalArgumentException when there is no mount, or the JVM's group is not below the
   *     first
   */
  public Hierarchy {
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(name, "name");
    subsystems = Set.copyOf(subsystems);
    mounts = List.copyOf(mounts);
    if (mounts.isEmpty()) {
      throw new IllegalArgumentException("a hierarchy that is not mounted");
    }
    BytePath first = mounts.getFirst().point();
    if (own.isPresent() && !own.get().startsWith(first)) {
      throw new IllegalArgumentException(own.get() + " is not below " + first);
    }
  }

  /**
   * Returns where it is mounted: the most useful place.
   *
   * @return the mount point of the first of {@link #mounts}
   */
  public BytePath mountPoint() {
    return mounts.getFirst().point();
  }

  /** The same with one of its mounts first. */
  Hierarchy seenAt(HierarchyMount mount) {
    List<HierarchyMount> reordered =
        Stream.concat(Stream.of(mount), mounts.stream().filter(each -> !each.equals(mount)))
            .toList();
    Optional<BytePath> group =
        Membership.of("self").stream()
            .filter(membership -> membership.id() == id)
            .findFirst()
            .flatMap(membership -> mount.find(membership.path()));
    return new Hierarchy(id, version, name, subsystems, reordered, group);
  }

  /**
   * Finds the group that a process is in.
   *
   * @param pid the process, in the JVM's PID namespace
   * @return the group's directory below the mount point; empty when it is outside the part of the
   *     tree that is seen there
   * @throws LinuxException when the kernel refuses: ENOENT or ESRCH when there is no such process
   */
  public Optional<BytePath> groupOf(long pid) {
    return Membership.of(Long.toString(pid)).stream()
        .filter(membership -> membership.id() == id)
        .findFirst()
        .flatMap(membership -> mounts.getFirst().find(membership.path()));
  }

  /**
   * Tells whether a subsystem sits on this hierarchy.
   *
   * @param subsystem the subsystem
   * @return true when it does
   */
  public boolean has(Subsystem subsystem) {
    return subsystems.contains(subsystem);
  }

  /**
   * Tells whether a new group starts without processors and memory nodes, so that no process may
   * join it before it is given some: on version 1 with the cpuset subsystem.
   *
   * @return true when it does
   */
  public boolean startsEmpty() {
    return version == CgroupVersion.V1 && has(Subsystem.CPUSET);
  }

  /** Describes it in a few words, such as {@code cgroup v1 memory at /sys/fs/cgroup/memory}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("cgroup ");
    text.append(version == CgroupVersion.V1 ? "v1" : "v2");
    if (version == CgroupVersion.V1) {
      List<String> names = subsystems.stream().sorted().map(Subsystem::v1Name).toList();
      text.append(' ').append(name.isEmpty() ? "" : "name=" + name);
      text.append(name.isEmpty() || names.isEmpty() ? "" : ",").append(String.join(",", names));
    }
    return text.append(" at ").append(mountPoint()).toString();
  }
}
