package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.coverage.ReadsBack;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresKernel;
import dev.belljar.linux.testing.RequiresTool;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@KernelTest
@RequiresCgroupV2("cpu")
class CpuV2Test {
  private static CgroupDirectory child(TestGroup test, String name) {
    if (!test.directory().read("cgroup.subtree_control").contains("cpu")) {
      test.directory().write("cgroup.subtree_control", "+cpu");
    }
    return test.directory().create(name);
  }

  private static Duration used(CgroupDirectory group) {
    return new CpuV2(group).times().total();
  }

  /** How much more of one processor the second group gets, over 3 s. */
  private static double ratio(TestGroup test, CgroupDirectory one, CgroupDirectory other) {
    Busy.startOnFirst(test, one);
    Busy.startOnFirst(test, other);
    Busy.await("both run", () -> used(one).toMillis() > 100 && used(other).toMillis() > 20);
    Duration oneBefore = used(one);
    Duration otherBefore = used(other);
    Busy.await(
        "3 s of processor time",
        () -> used(one).minus(oneBefore).plus(used(other).minus(otherBefore)).toMillis() >= 3000);
    return (double) used(other).minus(otherBefore).toNanos() / used(one).minus(oneBefore).toNanos();
  }

  @Test
  @Proves({"cpu.weight", "cpu.stat"})
  @RequiresTool("taskset")
  void groupsShareAProcessorByTheirWeights() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPU);
        CgroupDirectory poor = child(test, "poor");
        CgroupDirectory rich = child(test, "rich")) {
      assertThat(new CpuV2(poor).setWeight(50).isExact()).isTrue();
      assertThat(new CpuV2(rich).setWeight(100).isExact()).isTrue();

      assertThat(ratio(test, poor, rich)).isCloseTo(2, within(0.2));
      if (CgroupLayout.current().kind() == CgroupLayout.Kind.V2) { // a machine of the test's own
        assertThat(Busy.partWithout(rich, () -> used(poor))).isGreaterThanOrEqualTo(0.9);
        assertThat(Busy.partWithout(poor, () -> used(rich))).isGreaterThanOrEqualTo(0.9);
      }
    }
  }

  @Test
  @Proves("cpu.weight.nice")
  @RequiresTool("taskset")
  void aNiceValueIsAWeight() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPU);
        CgroupDirectory nice = child(test, "nice");
        CgroupDirectory usual = child(test, "usual")) {
      assertThat(new CpuV2(nice).setWeightNice(3).isExact()).isTrue();
      long weight = new CpuV2(nice).weight();
      assertThat(weight).isLessThan(100).isGreaterThan(40);

      assertThat(ratio(test, nice, usual)).isCloseTo(100.0 / weight, within(0.1 * 100 / weight));
    }
  }

  @Test
  @Proves("cpu.idle")
  @RequiresKernel("5.15")
  @RequiresTool("taskset")
  void anIdleGroupLeavesTheProcessorToItsSiblings() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPU);
        CgroupDirectory idle = child(test, "idle");
        CgroupDirectory usual = child(test, "usual")) {
      assertThat(new CpuV2(idle).setIdle(true).isExact()).isTrue();
      Busy.startOnFirst(test, usual);
      Busy.await("it runs", () -> used(usual).toMillis() > 100);
      Busy.startOnFirst(test, idle);
      Duration before = used(usual);
      Duration idleBefore = used(idle);

      Busy.await("1.5 s", () -> used(usual).minus(before).toMillis() >= 1500);

      assertThat(used(idle).minus(idleBefore)).isLessThan(Duration.ofMillis(150));
    }
  }

  @Test
  @Proves({"cpu.max", "cpu.stat", "cpu.pressure"})
  void aGroupDoesNotUseMoreThanItsQuota() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPU)) {
      CpuV2 controller = new CpuV2(test.directory());
      CpuMax max = new CpuMax(TimeLimit.of(Duration.ofMillis(10)), Duration.ofMillis(50));
      assertThat(controller.setMax(max).isExact()).isTrue();
      long start = System.nanoTime();
      Duration before = controller.times().total();
      test.run(Busy.LOOP);

      Busy.await(
          "20 throttled periods",
          () -> controller.throttling().orElseThrow().throttledPeriods() >= 20);
      Duration usage = controller.times().total().minus(before);
      long wall = System.nanoTime() - start;

      assertThat(usage.toNanos())
          .isLessThanOrEqualTo((long) (0.2 * wall) + max.period().toNanos())
          .isPositive();
      assertThat(controller.throttling().orElseThrow().throttledTime()).isPositive();
      controller
          .pressure()
          .ifPresent(pressure -> assertThat(pressure.some().orElseThrow().total()).isPositive());
      CpuTimes times = controller.times();
      assertThat(times.user().plus(times.system()).minus(times.total()).abs())
          .isLessThanOrEqualTo(Duration.ofNanos(2_000)); // each is rounded to a microsecond
    }
  }

  @Test
  @Proves("cpu.max")
  void aChildDoesNotUseMoreThanItsParent() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPU);
        CgroupDirectory child = child(test, "child")) {
      CpuMax max = new CpuMax(TimeLimit.of(Duration.ofMillis(10)), Duration.ofMillis(50));
      CpuV2 above = new CpuV2(test.directory());
      above.setMax(max);
      // taken, unlike on version 1, and without effect
      assertThat(
              new CpuV2(child)
                  .setMax(new CpuMax(TimeLimit.of(Duration.ofMillis(50)), max.period()))
                  .isExact())
          .isTrue();
      long start = System.nanoTime();
      test.runIn(child, Busy.LOOP);

      Busy.await(
          "20 throttled periods", () -> above.throttling().orElseThrow().throttledPeriods() >= 20);
      Duration usage = used(child);
      long wall = System.nanoTime() - start;

      assertThat(usage.toNanos()).isLessThanOrEqualTo((long) (0.2 * wall) + max.period().toNanos());
    }
  }

  @Test
  @Proves("cpu.stat.local")
  @RequiresKernel("6.6")
  void aChildOfAThrottledGroupWaitsToo() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPU);
        CgroupDirectory child = child(test, "child")) {
      new CpuV2(test.directory())
          .setMax(new CpuMax(TimeLimit.of(Duration.ofMillis(10)), Duration.ofMillis(50)));
      test.runIn(child, Busy.LOOP);
      CpuV2 below = new CpuV2(child);

      Busy.await("a wait", () -> below.throttledHere().orElseThrow().isPositive());
    }
  }

  @Test
  @Proves("cpu.max.burst")
  @RequiresKernel("5.16")
  void whatAQuotaLeavesIsSavedForABurst() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPU)) {
      CpuV2 controller = new CpuV2(test.directory());
      Duration quota = Duration.ofMillis(20);
      controller.setMax(new CpuMax(TimeLimit.of(quota), Duration.ofMillis(100)));
      assertThat(controller.setMaxBurst(quota).isExact()).isTrue();
      test.run("while :; do i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 0.3; done");

      Busy.await("a burst", () -> controller.throttling().orElseThrow().bursts().orElse(0) > 0);
    }
  }

  @Test
  @ReadsBack(
      value = {"cpu.uclamp.min", "cpu.uclamp.max"},
      why = "no machine of ours has a kernel with CONFIG_UCLAMP_TASK_GROUP")
  void utilizationClampsAreReadBack() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPU)) {
      CpuV2 controller = new CpuV2(test.directory());
      assumeTrue(controller.uclampMin().isPresent(), "needs CONFIG_UCLAMP_TASK_GROUP");

      assertThat(controller.uclampMax()).contains(UtilizationClamp.MAX);
      assertThat(controller.setUclampMin(UtilizationClamp.ofPercent(12.5)).isExact()).isTrue();
      assertThat(controller.setUclampMax(UtilizationClamp.ofPercent(50)).isExact()).isTrue();
    }
  }

  @Test
  void whatTheKernelLacksIsAbsentAndSaidToBe() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPU)) {
      CpuV2 controller = new CpuV2(test.directory());
      assumeTrue(controller.uclampMin().isEmpty(), "has CONFIG_UCLAMP_TASK_GROUP");

      assertThatThrownBy(() -> controller.setUclampMin(UtilizationClamp.MAX))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("CONFIG_UCLAMP_TASK_GROUP");
    }
  }
}
