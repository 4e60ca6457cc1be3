package dev.belljar.cgroups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.linux.testing.OtherJvm;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is found on this machine, compared with what its kernel says elsewhere. */
class CurrentLayoutTest extends GroupTest {
  @Test
  void theJvmIsInTheGroupThatEachHierarchySays() {
    assertThat(hierarchies()).isNotEmpty();
    for (Hierarchy hierarchy : hierarchies()) {
      assertThat(processesIn(path(hierarchy.own().orElseThrow())))
          .as(hierarchy.toString())
          .contains(ProcessHandle.current().pid());
    }
  }

  @Test
  void everyMountedSubsystemIsFound() {
    // /proc/cgroups would also tell of hierarchies that are mounted for others only.
    Set<Subsystem> onV1 =
        read(Path.of("/proc/self/mountinfo"))
            .lines()
            .filter(mount -> mount.contains(" - cgroup "))
            .flatMap(mount -> Stream.of(mount.substring(mount.lastIndexOf(' ') + 1).split(",")))
            .flatMap(name -> Subsystem.named(CgroupVersion.V1, name).stream())
            .collect(Collectors.toSet());
    for (Subsystem subsystem : onV1) {
      assertThat(CgroupLayout.current().with(subsystem).orElseThrow().version())
          .as(subsystem.v1Name())
          .isEqualTo(CgroupVersion.V1);
    }
    CgroupLayout.current()
        .v2()
        .ifPresent(v2 -> {
          String controllers = read(path(v2.mountPoint()).resolve("cgroup.controllers"));
          assertThat(v2.subsystems())
              .isEqualTo(
                  Stream.of(controllers.split(" "))
                      .flatMap(name -> Subsystem.named(CgroupVersion.V2, name).stream())
                      .collect(Collectors.toSet()));
        });
  }

  @Test
  void theKindFollowsFromWhatIsMounted() {
    String mounts = read(Path.of("/proc/self/mountinfo"));
    boolean v1 = mounts.contains(" - cgroup ");
    boolean v2 = mounts.contains(" - cgroup2 ");

    assertThat(CgroupLayout.current().kind())
        .isEqualTo(
            v1
                ? v2 ? CgroupLayout.Kind.HYBRID : CgroupLayout.Kind.V1
                : v2 ? CgroupLayout.Kind.V2 : CgroupLayout.Kind.NONE);
  }

  @Test
  void aJvmInNestedGroupsThatDifferByHierarchyFindsThemAll() {
    try (ForeignGroups groups = new ForeignGroups()) {
      Map<String, String> expected = new HashMap<>();
      StringBuilder script = new StringBuilder("set -e; ");
      for (Hierarchy hierarchy : hierarchies()) {
        Path own = nested(groups, hierarchy);
        expected.put(hierarchy.mountPoint().toString(), own.toString());
        script.append("echo $$ > '%s/cgroup.procs'; ".formatted(own));
      }
      try (OtherJvm jvm = OtherJvm.start(script + OtherJvm.PLAIN, GroupMaker.class)) {
        Map<String, String> found =
            jvm.ask("layout").stream()
                .map(line -> line.split(" ", 2))
                .collect(Collectors.toMap(words -> words[0], words -> words[1]));
        assertThat(found).isEqualTo(expected);

        // On version 1 each group is made right where the JVM is, wherever that is.
        List<String> made = jvm.ask("create box cpu memory pids");
        for (Hierarchy hierarchy : hierarchies()) {
          String mountPoint = hierarchy.mountPoint().toString();
          if (hierarchy.version() == CgroupVersion.V1
              && made.stream().anyMatch(path -> path.startsWith(mountPoint + "/"))) {
            assertThat(made)
                .filteredOn(path -> path.startsWith(mountPoint + "/"))
                .singleElement()
                .asString()
                .matches(expected.get(mountPoint) + "/belljar-[0-9a-f]{16}/box");
          }
        }
        jvm.end();
      }
    }
  }

  /** Two levels deep for memory, one for the others, and none for the subsystems of devices. */
  private static Path nested(ForeignGroups groups, Hierarchy hierarchy) {
    Path own = path(hierarchy.own().orElseThrow());
    if (hierarchy.has(Subsystem.DEVICES)) {
      return own;
    }
    Path first = groups.make(own.resolve(ForeignGroups.NAME));
    return hierarchy.has(Subsystem.MEMORY) ? groups.make(first.resolve("a:b c")) : first;
  }
}
