package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.linux.BytePath;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The groups of a hierarchy below which the JVM might make its own, nearest first. */
final class Bases {
  private Bases() {}

  /** On version 1 the JVM's own group; on version 2 also those above it. */
  static List<BytePath> possible(Hierarchy hierarchy) {
    List<BytePath> bases = new ArrayList<>();
    Optional<BytePath> at = hierarchy.own();
    while (at.isPresent() && at.get().startsWith(hierarchy.mountPoint())) {
      bases.add(at.get());
      if (hierarchy.version() == CgroupVersion.V1) {
        break;
      }
      at = at.get().parent();
    }
    return bases;
  }
}
