package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belljar.cgroups.coverage.ReadsBack;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import org.junit.jupiter.api.Test;

/** rdma, misc and dmem on machines that have the controller and none of its devices. */
@KernelTest
@RequiresRoot
class ScarceResourcesTest {
  private static void assumeHas(Subsystem subsystem) {
    assumeTrue(
        CgroupLayout.current().with(subsystem).isPresent(), "needs the controller " + subsystem);
  }

  @Test
  @ReadsBack(
      value = {"rdma.max", "rdma.current", "rdma.peak"},
      why = "without an RDMA device there is nothing to hold")
  void rdmaHasNoDevices() {
    assumeHas(Subsystem.RDMA);
    try (TestGroup test = TestGroup.with(Subsystem.RDMA)) {
      Rdma controller = new Rdma(test.directory());

      assertThat(controller.max()).isEmpty();
      assertThat(controller.current()).isEmpty();
      controller.peak().ifPresent(peak -> assertThat(peak).isEmpty());
      assertThatThrownBy(() -> controller.setMax("mlx5_0", RdmaResources.UNLIMITED))
          .isInstanceOf(LinuxException.class)
          .hasMessageContaining("ENODEV");
    }
  }

  @Test
  @ReadsBack(
      value = {
        "misc.capacity",
        "misc.max",
        "misc.current",
        "misc.peak",
        "misc.events",
        "misc.events.local"
      },
      why = "no machine of ours has a resource of it, such as encryption ids")
  void miscHasNoResources() {
    assumeHas(Subsystem.MISC);
    try (TestGroup test = TestGroup.with(Subsystem.MISC)) {
      Misc controller = new Misc(test.directory());

      assertThat(controller.max()).isEmpty();
      assertThat(controller.current()).isEmpty();
      controller.peak().ifPresent(peak -> assertThat(peak).isEmpty());
      controller.breaches().ifPresent(breaches -> assertThat(breaches).isEmpty());
      controller.breachesHere().ifPresent(breaches -> assertThat(breaches).isEmpty());
      assertThat(controller.capacity()).isEmpty(); // only the root has it
      assertThatThrownBy(() -> controller.setMax("sev", Limit.of(1)))
          .isInstanceOf(LinuxException.class)
          .hasMessageContaining("EINVAL");
    }
  }

  @Test
  @ReadsBack(
      value = {"dmem.capacity", "dmem.max", "dmem.min", "dmem.low", "dmem.current"},
      why = "no machine of ours has a device with memory of its own")
  void dmemHasNoRegions() {
    assumeHas(Subsystem.DMEM);
    try (TestGroup test = TestGroup.with(Subsystem.DMEM)) {
      Dmem controller = new Dmem(test.directory());

      assertThat(controller.max()).isEmpty();
      assertThat(controller.min()).isEmpty();
      assertThat(controller.low()).isEmpty();
      assertThat(controller.current()).isEmpty();
      assertThat(controller.capacity()).isEmpty();
    }
  }
}
