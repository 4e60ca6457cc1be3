package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroup;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresKernel;
import dev.belljar.linux.testing.RequiresRoot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

@KernelTest
class PidsTest {
  private static final String BOMB = "while :; do sleep 1000 & done 2>/dev/null";
  private static final String SELF = Long.toString(ProcessHandle.current().pid());

  private static void aForkBombStops(TestGroup test) {
    Pids controller = new Pids(test.directory());
    assertThat(controller.max()).isEqualTo(Limit.UNLIMITED);
    assertThat(controller.setMax(Limit.of(12)).isExact()).isTrue();
    test.run(BOMB);

    Busy.await("a refused fork", () -> controller.breaches() > 0);

    assertThat(controller.current()).isBetween(2L, 12L);
    controller.peak().ifPresent(peak -> assertThat(peak).isBetween(10L, 12L));
    assertThat(controller.setMax(Limit.UNLIMITED).isExact()).isTrue();
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("pids")
  @Proves({"pids.max", "pids.current", "pids.events", "pids.peak"})
  void aForkBombStopsOnVersion1() {
    try (TestGroup test = TestGroup.v1(Subsystem.PIDS)) {
      aForkBombStops(test);
    }
  }

  @Test
  @RequiresCgroupV2("pids")
  @Proves({"pids.max", "pids.current", "pids.events", "pids.peak"})
  void aForkBombStopsOnVersion2() {
    try (TestGroup test = TestGroup.v2(Subsystem.PIDS)) {
      aForkBombStops(test);
    }
  }

  private static void aChildIsBoundByItsParent(TestGroup test, CgroupDirectory child) {
    Pids above = new Pids(test.directory());
    Pids below = new Pids(child);
    above.setMax(Limit.of(6));
    assertThat(below.setMax(Limit.of(100)).isExact()).isTrue();
    test.runIn(child, BOMB);

    // the breach is counted for the group that forked, or since 6.11 on version 2 the one above
    Busy.await("a refused fork", () -> above.breaches() + below.breaches() > 0);

    assertThat(above.current()).isLessThanOrEqualTo(6);
    assertThat(below.current()).isLessThanOrEqualTo(6);
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("pids")
  @Proves("pids.max")
  void aChildIsBoundByItsParentOnVersion1() {
    try (TestGroup test = TestGroup.v1(Subsystem.PIDS);
        CgroupDirectory child = test.directory().create("child")) {
      aChildIsBoundByItsParent(test, child);
    }
  }

  @Test
  @RequiresCgroupV2("pids")
  @Proves("pids.max")
  void aChildIsBoundByItsParentOnVersion2() {
    try (TestGroup test = TestGroup.v2(Subsystem.PIDS)) {
      test.directory().write("cgroup.subtree_control", "+pids");
      try (CgroupDirectory child = test.directory().create("child")) {
        aChildIsBoundByItsParent(test, child);
      }
    }
  }

  @Test
  @RequiresCgroupV2("pids")
  @RequiresKernel("6.11")
  @Proves("pids.events.local")
  void theGroupWhoseLimitWasHitIsToldApart() {
    try (TestGroup test = TestGroup.v2(Subsystem.PIDS)) {
      test.directory().write("cgroup.subtree_control", "+pids");
      try (CgroupDirectory child = test.directory().create("child")) {
        aChildIsBoundByItsParent(test, child);

        assertThat(new Pids(test.directory()).breachesHere().orElseThrow()).isPositive();
        assertThat(new Pids(child).breachesHere()).hasValue(0);
      }
    }
  }

  @Test
  @RequiresCgroup("pids")
  void minusOneIsRefusedByBothVersions() {
    try (TestGroup test = TestGroup.with(Subsystem.PIDS)) {
      assertThatThrownBy(() -> test.directory().write("pids.max", "-1"))
          .hasMessageContaining("EINVAL")
          .hasMessageContaining("write max for no bound");
      assertThatThrownBy(() -> new Pids(test.directory()).setMax(Limit.of(4_194_305)))
          .hasMessageContaining("EINVAL");
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("pids")
  @Proves({"tasks", "cgroup.procs"})
  void oneThreadMovesThroughTasksAndAllMoveThroughProcs() {
    try (TestGroup test = TestGroup.v1(Subsystem.PIDS)) {
      assertThat(test.directory().version()).isEqualTo(CgroupVersion.V1);
      try {
        test.directory().write("tasks", "0");
        List<String> moved = test.directory().read("tasks").lines().toList();
        assertThat(moved).hasSize(1);
        assertThat(test.above().read("tasks").lines())
            .doesNotContainAnyElementsOf(moved)
            .contains(SELF); // the JVM's first thread, which only waits

        test.directory().write("cgroup.procs", SELF);
        assertThat(test.directory().read("tasks").lines()).containsAll(threadsThatStay());
      } finally {
        test.above().write("cgroup.procs", SELF);
      }
      assertThat(test.directory().read("tasks")).isEmpty();
    }
  }

  /** The JVM's threads; those of its compiler come and go. */
  private static List<String> threadsThatStay() {
    try (var threads = Files.list(Path.of("/proc/self/task"))) {
      return threads
          .filter(thread -> !name(thread).contains("Compiler"))
          .map(thread -> thread.getFileName().toString())
          .filter(id -> Files.exists(Path.of("/proc/self/task/" + id)))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String name(Path thread) {
    try {
      return Files.readString(thread.resolve("comm"));
    } catch (IOException gone) {
      return "Compiler";
    }
  }
}
