package dev.belljar.benchmarks;

import dev.belljar.cgroups.Cgroup;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.linux.BytePath;
import java.util.ArrayList;
import java.util.List;

/** Tells the C program where a container of ours has its groups, and which limits. */
final class GroupArguments {
  // One of which there is a version 1 hierarchy is not in the version 2 tree.
  private static final List<Subsystem> LIMITED =
      List.of(Subsystem.CPU, Subsystem.MEMORY, Subsystem.PIDS);

  private GroupArguments() {}

  /** The groups themselves, to be entered. */
  static List<String> toEnter(Cgroup group) {
    List<String> arguments = new ArrayList<>();
    for (Hierarchy hierarchy : group.hierarchies()) {
      add(arguments, hierarchy, group.path(hierarchy));
    }
    return arguments;
  }

  /** The parents of the groups, to make others like them. */
  static List<String> toMake(Cgroup group, Scenario scenario) {
    List<String> arguments = new ArrayList<>();
    for (Hierarchy hierarchy : group.hierarchies()) {
      add(arguments, hierarchy, group.path(hierarchy).parent().orElseThrow());
      if (scenario.isLimited()) {
        LIMITED.stream()
            .filter(hierarchy::has)
            .forEach(controller -> arguments.add(limit(controller, hierarchy, group)));
      }
    }
    return arguments;
  }

  private static void add(List<String> arguments, Hierarchy hierarchy, BytePath directory) {
    arguments.add("--group");
    arguments.add(hierarchy.version() == CgroupVersion.V1 ? "1" : "2");
    arguments.add(directory.toString());
  }

  private static String limit(Subsystem controller, Hierarchy hierarchy, Cgroup group) {
    boolean v1 = hierarchy.version() == CgroupVersion.V1;
    return switch (controller) {
      case CPU ->
          v1
              ? "cpu.shares=" + Scenario.CPU_SHARES
              : "cpu.weight=" + group.cpuWeight().orElseThrow();
      case MEMORY -> (v1 ? "memory.limit_in_bytes=" : "memory.max=") + Scenario.MEMORY;
      default -> "pids.max=" + Scenario.PIDS;
    };
  }
}
