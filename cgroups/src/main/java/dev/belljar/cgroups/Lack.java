package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.linux.BytePath;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Says why a group or a limit cannot be had, and what can be done about it. */
final class Lack {
  private static final String DELEGATION =
      "an ordinary user needs a delegated group, as this makes one:"
          + " systemd-run --user --scope -p Delegate=yes java ...";

  private Lack() {}

  static String noHierarchy(CgroupLayout layout, Subsystem subsystem) {
    String name =
        layout.kind() == CgroupLayout.Kind.V2
            ? subsystem.v2Name().orElse(subsystem.v1Name())
            : subsystem.v1Name();
    return switch (layout.kind()) {
      case NONE -> "no cgroup hierarchy is mounted";
      case V2 ->
          ("the controller %s is not in cgroup.controllers of %s; the kernel needs %s and no"
                  + " cgroup_disable=%s, and the groups above must enable it")
              .formatted(
                  name, layout.v2().orElseThrow().mountPoint(), subsystem.kernelOption(), name);
      case V1, HYBRID ->
          ("the controller %s is on no mounted hierarchy; the kernel needs %s and no"
                  + " cgroup_disable=%s, and someone must mount it")
              .formatted(name, subsystem.kernelOption(), name);
    };
  }

  static String notWritable(Hierarchy hierarchy, Optional<BytePath> base) {
    return base.isPresent()
        ? "this user may not make groups in %s (%s)".formatted(base.get(), hierarchy)
        : "the JVM's own group is outside the part of the tree that is mounted (%s)"
            .formatted(hierarchy);
  }

  static String ofV2(Hierarchy hierarchy, List<V2Group> looked, Subsystem subsystem) {
    Optional<V2Group> nearest = nearest(looked);
    if (nearest.isEmpty()) {
      return notWritable(hierarchy, Optional.empty());
    }
    BytePath path = nearest.get().path();
    String controller = subsystem.v2Name().orElseThrow();
    return switch (nearest.get().reason().orElseThrow()) {
      case NOT_WRITABLE -> notWritable(hierarchy, Optional.of(path)) + "; " + DELEGATION;
      case THREADED -> "%s is threaded, so groups below it cannot be limited".formatted(path);
      case CONTROLLERS_ABSENT ->
          "%s may not use the controller %s; cgroup.subtree_control of the groups above must have it"
              .formatted(path, controller);
      case HOLDS_PROCESSES ->
          ("%s holds processes itself, and groups below such a group cannot be limited; start the"
                  + " JVM in a group below it")
              .formatted(path);
    };
  }

  static String ofV2(Hierarchy hierarchy, List<V2Group> looked) {
    Optional<V2Group> nearest = nearest(looked);
    return notWritable(hierarchy, nearest.map(V2Group::path)) + "; " + DELEGATION;
  }

  private static Optional<V2Group> nearest(List<V2Group> looked) {
    // Of groups with the same obstacle the first, which is the lowest in the tree.
    return looked.stream()
        .filter(group -> group.reason().isPresent())
        .sorted(Comparator.comparing((V2Group g) -> g.reason().orElseThrow()).reversed())
        .findFirst();
  }
}
