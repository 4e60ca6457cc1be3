package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.coverage.ReadsBack;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.Ending;
import dev.belljar.cgroups.testing.LoopDevice;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@KernelTest
@RequiresRoot
@RequiresCgroupV1("cpuset")
class CpusetV1Test {
  private static final NodeSet FIRST_NODE = NodeSet.of(0);

  private static CpuSet last(CpuSet cpus) {
    return CpuSet.of(cpus.cpus().last());
  }

  @Test
  @Proves({"cpuset.cpus", "cpuset.mems", "cpuset.effective_cpus", "cpuset.effective_mems"})
  void aProcessRunsWhereItsGroupMay() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPUSET)) {
      CpusetV1 controller = new CpusetV1(test.directory());
      CpuSet all = controller.cpus();
      Process process = test.run("read stay");
      assertThat(Tasks.cpus(process)).isEqualTo(all);

      assertThat(controller.setCpus(last(all)).isExact()).isTrue();
      assertThat(controller.setMems(FIRST_NODE).isExact()).isTrue();

      assertThat(Tasks.cpus(process)).isEqualTo(last(all)).isEqualTo(controller.effectiveCpus());
      assertThat(Tasks.mems(process)).isEqualTo(FIRST_NODE).isEqualTo(controller.effectiveMems());
    }
  }

  @Test
  @Proves("cpuset.mems")
  void theNodesOfAProcessFollowThoseOfItsGroup() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPUSET)) {
      CpusetV1 controller = new CpusetV1(test.directory());
      assumeTrue(controller.mems().nodes().size() > 1, "needs two memory nodes");
      Process process = test.run("read stay");

      controller.setMems(NodeSet.of(1));
      assertThat(Tasks.mems(process)).isEqualTo(NodeSet.of(1));
      controller.setMems(NodeSet.range(0, 1));
      assertThat(Tasks.mems(process)).isEqualTo(NodeSet.range(0, 1));
    }
  }

  @Test
  @Proves("cpuset.memory_migrate")
  void memoryMovesAlongWithTheNodes() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPUSET)) {
      CpusetV1 controller = new CpusetV1(test.directory());
      assumeTrue(controller.mems().nodes().size() > 1, "needs two memory nodes");
      controller.setMems(FIRST_NODE);
      Process process = test.run("a=$(seq 100000); echo up; read stay");
      assertThat(TestInput.answer(process)).isEqualTo("up");
      assertThat(Tasks.heap(process)).contains(" N0=").doesNotContain(" N1=");
      assertThat(controller.setMemoryMigrate(true).isExact()).isTrue();

      controller.setMems(NodeSet.of(1));

      Busy.await("the heap is on the other node", () -> !Tasks.heap(process).contains(" N0="));
      assertThat(Tasks.heap(process)).contains(" N1=");
    }
  }

  @Test
  @Proves({"cpuset.cpu_exclusive", "cpuset.mem_exclusive"})
  void whatOneGroupHasForItselfNoSiblingGets() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPUSET);
        CgroupDirectory first = test.directory().create("first");
        CgroupDirectory second = test.directory().create("second")) {
      assumeTrue(new CpusetV1(test.above()).cpuExclusive(), "needs to run in the root's group");
      assumeTrue(!siblingOverlaps(test), "needs no other group with the processors");
      CpusetV1 one = new CpusetV1(first);
      CpusetV1 other = new CpusetV1(second);

      assertThatThrownBy(() -> one.setCpuExclusive(true))
          .hasMessageContaining("EINVAL")
          .hasMessageContaining("a sibling has a processor or memory node of the group too");
      assertThatThrownBy(() -> one.setMemExclusive(true)).hasMessageContaining("EINVAL");

      other.setCpus(CpuSet.NONE);
      other.setMems(NodeSet.NONE);
      assertThat(one.setCpuExclusive(true).isExact()).isTrue();
      assertThat(one.setMemExclusive(true).isExact()).isTrue();
      assertThatThrownBy(() -> other.setCpus(one.cpus()))
          .hasMessageContaining("EINVAL")
          .hasMessageContaining("a sibling has one of the processors for itself");
      assertThatThrownBy(() -> other.setMems(one.mems()))
          .hasMessageContaining("EINVAL")
          .hasMessageContaining("cpuset.mem_exclusive");
      assertThatThrownBy(() -> new CpusetV1(test.directory()).setCpuExclusive(false))
          .hasMessageContaining("EBUSY")
          .hasMessageContaining("a group below is exclusive");
    }
  }

  /** Makes the test's group exclusive; other groups of the root may be in the way. */
  private static boolean siblingOverlaps(TestGroup test) {
    try {
      new CpusetV1(test.directory()).setCpuExclusive(true);
      new CpusetV1(test.directory()).setMemExclusive(true);
      return false;
    } catch (dev.belljar.linux.LinuxException overlaps) {
      return true;
    }
  }

  @Test
  void aGroupIsExclusiveOnlyWhereTheGroupAboveIs() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPUSET);
        CgroupDirectory child = test.directory().create("child")) {
      assertThatThrownBy(() -> new CpusetV1(child).setCpuExclusive(true))
          .hasMessageContaining("EACCES")
          .hasMessageContaining("the group above is not exclusive itself");
    }
  }

  @Test
  @ReadsBack(
      value = {
        "cpuset.mem_hardwall",
        "cpuset.memory_spread_page",
        "cpuset.memory_spread_slab",
        "cpuset.sched_load_balance",
        "cpuset.memory_migrate"
      },
      why =
          "where memory lies and how load is balanced shows with more nodes, on machines that tests"
              + " may change; SLUB spreads none of the kernel's own memory")
  void flagsAreReadBack() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPUSET)) {
      CpusetV1 controller = new CpusetV1(test.directory());

      assertThat(controller.setMemHardwall(true).isExact()).isTrue();
      assertThat(controller.setMemorySpreadPage(true).isExact()).isTrue();
      assertThat(controller.setMemorySpreadSlab(true).isExact()).isTrue();
      assertThat(controller.setSchedLoadBalance(false).isExact()).isTrue();
      assertThat(controller.memHardwall()).isTrue();
      assertThat(controller.memorySpreadPage()).isTrue();
      assertThat(controller.memorySpreadSlab()).isTrue();
      assertThat(controller.schedLoadBalance()).isFalse();
      assertThat(controller.memoryMigrate()).isFalse();
      assertThat(controller.setMemoryMigrate(true).isExact()).isTrue();
    }
  }

  @Test
  @ReadsBack(
      value = {"cpuset.cpu_exclusive", "cpuset.mem_exclusive"},
      why = "the machine's other groups have all processors and nodes, so none can be exclusive")
  void aGroupIsNotExclusiveUnlessItIsMade() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPUSET)) {
      CpusetV1 controller = new CpusetV1(test.directory());
      assertThat(controller.cpuExclusive()).isFalse();
      assertThat(controller.memExclusive()).isFalse();
      assertThat(controller.setCpuExclusive(false).isExact()).isTrue();
    }
  }

  @Test
  @RequiresTool({"losetup", "dd"})
  @Proves("cpuset.memory_spread_page")
  void pageCacheIsSpreadOverTheNodes(@TempDir Path folder) throws IOException {
    try (TestGroup test = TestGroup.v1(Subsystem.CPUSET)) {
      CpusetV1 controller = new CpusetV1(test.directory());
      assumeTrue(controller.mems().nodes().size() > 1, "needs two memory nodes");
      assumeTrue(
          CgroupLayout.current().with(Subsystem.MEMORY).isPresent(), "needs to count by node");
      try (LoopDevice disk = LoopDevice.make(folder, 16 << 20);
          TestGroup memory = TestGroup.v1(Subsystem.MEMORY)) {
        controller.setMemorySpreadPage(true);
        Process reader = test.start("read go; dd if=" + disk + " of=/dev/null bs=64k status=none");
        for (TestGroup each : List.of(test, memory)) {
          each.directory().write("cgroup.procs", Long.toString(reader.pid()));
        }
        TestInput.line(reader);
        assertThat(Ending.of(reader)).isZero();

        assertThat(new MemoryV1(memory.directory()).numaStat().get("file").nodes().values())
            .hasSize(2)
            .allMatch(pages -> pages > 1000);
      }
    }
  }

  @Test
  @ReadsBack(
      value = "cpuset.sched_relax_domain_level",
      why = "it changes the domains of the whole machine, which tests do not do to a host")
  void theRelaxDomainLevelIsReadBackAndChecked() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPUSET)) {
      CpusetV1 controller = new CpusetV1(test.directory());
      assertThat(controller.schedRelaxDomainLevel()).isEqualTo(-1);

      assertThat(controller.setSchedRelaxDomainLevel(0).isExact()).isTrue();
      assertThatThrownBy(() -> controller.setSchedRelaxDomainLevel(99))
          .hasMessageContaining("EINVAL")
          .hasMessageContaining("no scheduling domain of this level");
    }
  }

  @Test
  @ReadsBack(
      value = {"cpuset.memory_pressure", "cpuset.memory_pressure_enabled"},
      why =
          "it counts direct reclaim: the machine must be short of memory, and tests make no host"
              + " so")
  void memoryPressureIsCountedForTheWholeMachineOrNot() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPUSET)) {
      CpusetV1 controller = new CpusetV1(test.directory());
      CpusetV1 above = new CpusetV1(test.above());
      assertThat(controller.memoryPressure()).isZero();
      assertThat(controller.memoryPressureEnabled()).isEmpty();
      assertThatThrownBy(() -> controller.setMemoryPressureEnabled(true))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("root of the cpuset hierarchy");
      assumeTrue(above.memoryPressureEnabled().isPresent(), "needs to run in the root's group");

      boolean before = above.memoryPressureEnabled().orElseThrow();
      try {
        assertThat(above.setMemoryPressureEnabled(true).isExact()).isTrue();
      } finally {
        above.setMemoryPressureEnabled(before);
      }
    }
  }

  @Test
  void aGroupWithoutProcessorsTakesNoProcess() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPUSET)) {
      new CpusetV1(test.directory()).setCpus(CpuSet.NONE);
      Process process = test.start("read stay");

      assertThatThrownBy(() -> test.directory().write("tasks", Long.toString(process.pid())))
          .hasMessageContaining("ENOSPC")
          .hasMessageContaining("cpuset.cpus or cpuset.mems is empty");
    }
  }

  @Test
  void whatTheMachineDoesNotHaveIsOutOfRange() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPUSET)) {
      CpusetV1 controller = new CpusetV1(test.directory());

      assertThatThrownBy(() -> controller.setCpus(CpuSet.of(8191)))
          .hasMessageContaining("ERANGE")
          .hasMessageContaining("above the highest");
      assertThatThrownBy(() -> controller.setMems(NodeSet.of(63)))
          .hasMessageContaining("EINVAL")
          .hasMessageContaining("the machine has no such memory node");
      assertThatThrownBy(() -> test.directory().write("cpuset.mems", "1024"))
          .hasMessageContaining("ERANGE")
          .hasMessageContaining("built for");
    }
  }

  @Test
  void theSetsOfTheRootAreThoseOfTheMachine() {
    try (CgroupDirectory root = TestGroup.rootOfV1(Subsystem.CPUSET)) {
      for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
        assertThatThrownBy(() -> root.write(file, root.read(file)))
            .hasMessageContaining("EACCES")
            .hasMessageContaining("the root has all processors and memory nodes")
            .hasMessageNotContaining("the group above");
      }
    }
  }

  @Test
  void whatIsNoListIsRefused() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPUSET)) {
      for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
        assertThatThrownBy(() -> test.directory().write(file, "some"))
            .hasMessageContaining("EINVAL")
            .hasMessageContaining("not a list of numbers and ranges");
      }
    }
  }

  @Test
  void cpusetsGrowFromTheTopAndShrinkFromTheBottom() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPUSET);
        CgroupDirectory child = test.directory().create("child")) {
      CpusetV1 above = new CpusetV1(test.directory());
      CpusetV1 below = new CpusetV1(child);
      CpuSet all = above.cpus();
      assumeTrue(all.cpus().size() > 1, "needs two processors");

      assertThatThrownBy(() -> above.setCpus(last(all)))
          .hasMessageContaining("EBUSY")
          .hasMessageContaining("a group below has one of those to be taken away");
      below.setCpus(last(all));
      above.setCpus(last(all));
      assertThatThrownBy(() -> below.setCpus(all))
          .hasMessageContaining("EACCES")
          .hasMessageContaining("the group above does not have all of them");
      test.runIn(child, "read stay");
      assertThatThrownBy(() -> below.setCpus(CpuSet.NONE))
          .hasMessageContaining("ENOSPC")
          .hasMessageContaining("the group holds processes");
    }
  }
}
