package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.linux.BytePath;
import java.util.Set;

/**
 * A place where groups of this JVM may be made: below a group that is there already.
 *
 * @param hierarchy the hierarchy
 * @param base the group below which the JVM's parent group is made, as an absolute path
 * @param controllers the version 2 controllers that its groups need; none on version 1
 */
record Seat(Hierarchy hierarchy, BytePath base, Set<Subsystem> controllers) {
  Seat {
    controllers = Set.copyOf(controllers);
  }

  /** Tells whether groups here have the files of a subsystem. */
  boolean has(Subsystem subsystem) {
    return hierarchy.version() == CgroupVersion.V1
        ? hierarchy.has(subsystem)
        : controllers.contains(subsystem);
  }
}
