package dev.belljar;

import dev.belljar.cgroups.CgroupPlacement;
import dev.belljar.cgroups.CgroupRequest;
import dev.belljar.cgroups.CgroupVersion;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Finding;
import dev.belljar.namespaces.NamespaceType;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds where the control groups of a container go. */
final class Placements {
  private Placements() {}

  static CgroupPlacement find(ContainerSpec spec, Isolation isolation) {
    Optional<BytePath> parent = spec.cgroupParent.map(Placements::relative);
    // Without an own PID namespace the group is what finds the processes that are to be killed.
    boolean killable = !isolation.created().contains(NamespaceType.PID);
    CgroupPlacement placement =
        CgroupPlacement.find(new CgroupRequest(spec.resources, parent, killable, spec.lenient));
    if (!placement.missing().isEmpty() && !spec.lenient) {
      throw new UnsupportedOperationException(
          placement.missing().stream().map(Finding::text).collect(Collectors.joining("; ")));
    }
    return placement;
  }

  /** A cgroupParent as the cgroups module has it: without the slash at the beginning. */
  static BytePath relative(String cgroupParent) {
    return BytePath.of(cgroupParent.replaceFirst("^/+", ""));
  }

  static int v1Groups(CgroupPlacement placement) {
    return (int)
        placement.hierarchies().stream()
            .filter(hierarchy -> hierarchy.version() == CgroupVersion.V1)
            .count();
  }

  static boolean hasV2Group(CgroupPlacement placement) {
    return placement.hierarchies().stream()
        .anyMatch(hierarchy -> hierarchy.version() == CgroupVersion.V2);
  }
}
