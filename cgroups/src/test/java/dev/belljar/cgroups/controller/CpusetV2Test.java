package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.coverage.ReadsBack;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresKernel;
import dev.belljar.linux.testing.RequiresRoot;
import org.junit.jupiter.api.Test;

@KernelTest
@RequiresCgroupV2("cpuset")
class CpusetV2Test {
  private static CpuSet last(CpuSet cpus) {
    return CpuSet.of(cpus.cpus().last());
  }

  private static CgroupDirectory child(TestGroup test, String name) {
    if (test.directory().read("cgroup.subtree_control").isEmpty()) {
      test.directory().write("cgroup.subtree_control", "+cpuset");
    }
    return test.directory().create(name);
  }

  @Test
  @Proves({"cpuset.cpus", "cpuset.mems", "cpuset.cpus.effective", "cpuset.mems.effective"})
  void aProcessRunsWhereItsGroupMay() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPUSET)) {
      CpusetV2 controller = new CpusetV2(test.directory());
      CpuSet all = controller.effectiveCpus();
      NodeSet nodes = controller.effectiveMems();
      assertThat(controller.cpus()).isEqualTo(CpuSet.NONE);
      Process process = test.run("read stay");

      assertThat(controller.setCpus(last(all)).isExact()).isTrue();
      NodeSet node = NodeSet.of(nodes.nodes().last());
      assertThat(controller.setMems(node).isExact()).isTrue();

      assertThat(Tasks.cpus(process)).isEqualTo(last(all)).isEqualTo(controller.effectiveCpus());
      assertThat(Tasks.mems(process)).isEqualTo(node).isEqualTo(controller.effectiveMems());
    }
  }

  @Test
  @Proves({"cpuset.cpus", "cpuset.mems"})
  void anEmptySetIsThatOfTheGroupAbove() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPUSET)) {
      CpusetV2 controller = new CpusetV2(test.directory());
      CpuSet all = controller.effectiveCpus();
      NodeSet nodes = controller.effectiveMems();
      controller.setCpus(last(all));
      controller.setMems(NodeSet.of(nodes.nodes().last()));

      assertThat(controller.setCpus(CpuSet.NONE).isExact()).isTrue();
      assertThat(controller.setMems(NodeSet.NONE).isExact()).isTrue();

      Process process = test.run("read stay");
      assertThat(Tasks.cpus(process)).isEqualTo(all);
      assertThat(Tasks.mems(process)).isEqualTo(nodes);
    }
  }

  @Test
  @RequiresRoot
  @Proves("cpuset.cpus.partition")
  void aPartitionTakesItsProcessorsFromTheOthers() {
    try (TestGroup test = TestGroup.at(CgroupLayout.current().v2().orElseThrow())) {
      CpusetV2 above = new CpusetV2(test.above());
      CpusetV2 controller = new CpusetV2(test.directory());
      CpuSet all = above.effectiveCpus();
      assumeTrue(all.cpus().size() > 1, "needs two processors");
      controller.setCpus(last(all));
      try {
        assertThat(controller.setPartition(CpusetPartition.Type.ROOT).isExact()).isTrue();
        assertThat(above.effectiveCpus().cpus()).doesNotContain(all.cpus().last());
        assertThat(controller.effectiveCpus()).isEqualTo(last(all));
      } finally {
        controller.setPartition(CpusetPartition.Type.MEMBER);
      }
      assertThat(above.effectiveCpus()).isEqualTo(all);
    }
  }

  @Test
  @RequiresRoot
  @RequiresKernel("6.8")
  @Proves({
    "cpuset.cpus.isolated",
    "cpuset.cpus.partition",
    "cpuset.cpus.exclusive",
    "cpuset.cpus.exclusive.effective"
  })
  void exclusiveProcessorsMakeAnIsolatedPartition() {
    try (TestGroup test = TestGroup.at(CgroupLayout.current().v2().orElseThrow())) {
      CpusetV2 above = new CpusetV2(test.above());
      CpusetV2 controller = new CpusetV2(test.directory());
      CpuSet all = above.effectiveCpus();
      assumeTrue(all.cpus().size() > 1, "needs two processors");
      assertThat(controller.setExclusiveCpus(last(all)).isExact()).isTrue();
      assertThat(controller.exclusiveCpus()).contains(last(all));
      try {
        assertThat(controller.setPartition(CpusetPartition.Type.ISOLATED).isExact()).isTrue();
        assertThat(controller.effectiveExclusiveCpus()).contains(last(all));
        assertThat(above.isolatedCpus()).contains(last(all));
      } finally {
        controller.setPartition(CpusetPartition.Type.MEMBER);
      }
      assertThat(above.isolatedCpus()).contains(CpuSet.NONE);
    }
  }

  @Test
  @RequiresKernel("6.7")
  @Proves("cpuset.cpus.exclusive")
  void exclusiveSetsOfSiblingsDoNotOverlap() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPUSET);
        CgroupDirectory one = child(test, "one");
        CgroupDirectory other = child(test, "other")) {
      CpuSet all = new CpusetV2(test.directory()).effectiveCpus();
      new CpusetV2(test.directory()).setExclusiveCpus(all);
      new CpusetV2(one).setExclusiveCpus(last(all));

      assertThatThrownBy(() -> new CpusetV2(other).setExclusiveCpus(last(all)))
          .hasMessageContaining("EINVAL")
          .hasMessageContaining("exclusive sets of siblings must not overlap");
    }
  }

  @Test
  @ReadsBack(
      value = "cpuset.cpus.partition",
      why = "shown besides its effect: a request that cannot be met is kept, as invalid")
  void aPartitionThatCannotBeSaysWhy() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPUSET);
        CgroupDirectory child = child(test, "child")) {
      CpusetV2 controller = new CpusetV2(child);
      assertThat(controller.partition()).isEqualTo(CpusetPartition.of(CpusetPartition.Type.MEMBER));
      controller.setCpus(controller.effectiveCpus());

      CpusetPartition actual = controller.setPartition(CpusetPartition.Type.ROOT).actual();

      assertThat(actual.isValid()).isFalse();
      assertThat(actual.type()).isEqualTo(CpusetPartition.Type.ROOT);
      assertThat(actual.invalid()).hasValueSatisfying(why -> assertThat(why).isNotEmpty());
      assertThatThrownBy(() -> child.write("cpuset.cpus.partition", "leaf"))
          .hasMessageContaining("EINVAL")
          .hasMessageContaining("no such type of partition");
    }
  }

  @Test
  void whatTheMachineDoesNotHaveIsOutOfRange() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPUSET)) {
      CpusetV2 controller = new CpusetV2(test.directory());

      assertThatThrownBy(() -> controller.setCpus(CpuSet.of(8191)))
          .hasMessageContaining("ERANGE")
          .hasMessageContaining("above the highest");
      assertThatThrownBy(() -> controller.setMems(NodeSet.of(63)))
          .hasMessageContaining("EINVAL")
          .hasMessageContaining("the machine has no such memory node");
    }
  }

  @Test
  void aNumberOfANodeThatNoKernelCountsIsOutOfRange() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPUSET)) {
      assertThatThrownBy(() -> test.directory().write("cpuset.mems", "1024"))
          .hasMessageContaining("ERANGE")
          .hasMessageContaining("built for");
      assertThatThrownBy(() -> test.directory().write("cpuset.cpus", "some"))
          .hasMessageContaining("EINVAL")
          .hasMessageContaining("not a list of numbers and ranges");
    }
  }

  @Test
  void aGroupThatHoldsProcessesIsEmptiedOrItIsSaidWhyNot() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPUSET)) {
      CpusetV2 controller = new CpusetV2(test.directory());
      CpuSet all = controller.effectiveCpus();
      controller.setCpus(last(all));
      test.run("read stay");
      try {
        assertThat(controller.setCpus(CpuSet.NONE).isExact()).isTrue();
        assertThat(controller.effectiveCpus()).isEqualTo(all);
      } catch (LinuxException e) {
        assertThat(e)
            .hasMessageContaining("ENOSPC")
            .hasMessageContaining("the group holds processes");
        assertThat(controller.cpus()).isEqualTo(last(all));
      }
    }
  }

  @Test
  @RequiresRoot
  @RequiresKernel("6.1")
  void whatASiblingTakesOfAPartitionIsNoLongerItsOwn() {
    Hierarchy hierarchy = CgroupLayout.current().v2().orElseThrow();
    try (TestGroup one = TestGroup.at(hierarchy);
        TestGroup other = TestGroup.at(hierarchy)) {
      CpuSet all = new CpusetV2(one.above()).effectiveCpus();
      assumeTrue(all.cpus().size() > 1, "needs two processors");
      CpusetV2 partition = new CpusetV2(one.directory());
      CpusetV2 sibling = new CpusetV2(other.directory());
      partition.setCpus(last(all));
      try {
        assertThat(partition.setPartition(CpusetPartition.Type.ROOT).isExact()).isTrue();

        assertThat(sibling.setCpus(last(all)).isExact()).as("taken, not refused").isTrue();

        boolean shared = sibling.effectiveCpus().cpus().contains(all.cpus().last());
        assertThat(partition.partition().isValid()).isEqualTo(!shared);
      } finally {
        partition.setPartition(CpusetPartition.Type.MEMBER);
      }
    }
  }
}
