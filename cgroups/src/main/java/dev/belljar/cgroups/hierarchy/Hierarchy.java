package dev.belljar.cgroups.hierarchy;

import dev.belljar.linux.BytePath;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A mounted tree of control groups, with the subsystems that sit on it.
 *
 * @param version its version
 * @param name the name of a version 1 hierarchy that was given one ({@code systemd} for {@code
 *     name=systemd}), empty otherwise
 * @param subsystems the subsystems on it that this library knows; none for a hierarchy that only
 *     groups. For version 2 those which the topmost visible group may use
 * @param mountPoint where it is mounted
 * @param own the path of the JVM's own group, below the mount point and including it; empty when
 *     the JVM's group is outside the part of the tree that is mounted
 */
public record Hierarchy(
    CgroupVersion version,
    String name,
    Set<Subsystem> subsystems,
    BytePath mountPoint,
    Optional<BytePath> own) {
  /**
   * Makes a description of a hierarchy.
   *
   * @throws IllegalArgumentException when the JVM's group is not below the mount point
   */
  public Hierarchy {
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(name, "name");
    subsystems = Set.copyOf(subsystems);
    if (own.isPresent() && !own.get().startsWith(mountPoint)) {
      throw new IllegalArgumentException(own.get() + " is not below " + mountPoint);
    }
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
    return text.append(" at ").append(mountPoint).toString();
  }
}
