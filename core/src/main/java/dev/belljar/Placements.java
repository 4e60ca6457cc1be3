package dev.belljar;

import dev.belljar.cgroups.CgroupPlacement;
import dev.belljar.cgroups.CgroupRequest;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Finding;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.rootfs.launch.CgroupFiles;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Finds where the control groups of a container go. */
final class Placements {
  private static final String MOUNT_POINT = "/sys/fs/cgroup";

  private Placements() {}

  static CgroupPlacement find(ContainerSpec spec, Isolation isolation) {
    Optional<BytePath> parent = spec.cgroupParent.map(Placements::relative);
    // Without an own PID namespace the group is what finds the processes that are to be killed.
    boolean killable = !isolation.created().contains(NamespaceType.PID);
    CgroupPlacement placement =
        CgroupPlacement.find(
            new CgroupRequest(spec.resources, parent, killable, spec.accounting, spec.lenient));
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

  /**
   * The hierarchies that the container is shown its groups of: those it has groups in, where this
   * host has them below /sys/fs/cgroup, in a /sys of its own.
   */
  static List<CgroupFiles.View> views(CgroupPlacement placement, Isolation isolation) {
    boolean possible =
        isolation.created().contains(NamespaceType.CGROUP)
            && isolation.created().contains(NamespaceType.MOUNT)
            && isolation.created().contains(NamespaceType.NET);
    return possible
        ? placement.hierarchies().stream().flatMap(Placements::view).toList()
        : List.of();
  }

  private static Stream<CgroupFiles.View> view(Hierarchy hierarchy) {
    String path = hierarchy.mountPoint().toString();
    if (hierarchy.version() == CgroupVersion.V2) {
      return path.equals(MOUNT_POINT)
          ? Stream.of(new CgroupFiles.View("", "cgroup2", List.of()))
          : Stream.of();
    }
    List<String> subsystems =
        hierarchy.subsystems().stream().sorted().map(Subsystem::v1Name).toList();
    return path.startsWith(MOUNT_POINT + "/") && path.indexOf('/', MOUNT_POINT.length() + 1) < 0
        ? Stream.of(
            new CgroupFiles.View(path.substring(MOUNT_POINT.length() + 1), "cgroup", subsystems))
        : Stream.of();
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
