package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.coverage.ReadsBack;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresKernel;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@KernelTest
@RequiresRoot
@RequiresCgroupV1({"cpu", "cpuacct"})
class CpuV1Test {
  private static final Duration ENOUGH = Duration.ofMillis(1500);

  @Test
  @Proves({"cpu.shares", "cpuacct.usage"})
  @RequiresTool("taskset")
  void groupsShareAProcessorByTheirShares() {
    try (TestGroup cpu = TestGroup.v1(Subsystem.CPU);
        TestGroup time = TestGroup.v1(Subsystem.CPUACCT);
        CgroupDirectory poor = cpu.directory().create("poor");
        CgroupDirectory rich = cpu.directory().create("rich");
        CgroupDirectory poorTime = time.directory().create("poor");
        CgroupDirectory richTime = time.directory().create("rich")) {
      assertThat(new CpuV1(poor).setShares(512).isExact()).isTrue();
      assertThat(new CpuV1(rich).setShares(1024).isExact()).isTrue();
      Busy.startOnFirst(cpu, poor, poorTime);
      Busy.startOnFirst(cpu, rich, richTime);
      Cpuacct less = new Cpuacct(poorTime);
      Cpuacct more = new Cpuacct(richTime);
      Busy.await("both run", () -> !less.usage().isZero() && !more.usage().isZero());

      Duration lessBefore = less.usage();
      Duration moreBefore = more.usage();
      Busy.await(
          "3 s of processor time",
          () ->
              less.usage().minus(lessBefore).plus(more.usage().minus(moreBefore)).toMillis()
                  >= 3000);
      double ratio =
          (double) more.usage().minus(moreBefore).toNanos()
              / less.usage().minus(lessBefore).toNanos();

      assertThat(ratio).isCloseTo(2, within(0.2));
      if (CgroupLayout.current().kind() == CgroupLayout.Kind.V1) { // nothing else runs there
        assertThat(Busy.partWithout(rich, less::usage)).isGreaterThanOrEqualTo(0.9);
        assertThat(Busy.partWithout(poor, more::usage)).isGreaterThanOrEqualTo(0.9);
      }
    }
  }

  @Test
  @Proves({"cpu.cfs_quota_us", "cpu.cfs_period_us", "cpu.stat"})
  void aGroupDoesNotUseMoreThanItsQuota() {
    try (TestGroup cpu = TestGroup.v1(Subsystem.CPU);
        TestGroup time = TestGroup.v1(Subsystem.CPUACCT)) {
      CpuV1 controller = new CpuV1(cpu.directory());
      Duration period = Duration.ofMillis(50);
      Duration quota = Duration.ofMillis(10);
      assertThat(controller.setPeriod(period).isExact()).isTrue();
      assertThat(controller.setQuota(TimeLimit.of(quota)).isExact()).isTrue();
      Process loop = cpu.run("read go; " + Busy.LOOP);
      time.directory().write("cgroup.procs", Long.toString(loop.pid()));
      Cpuacct used = new Cpuacct(time.directory());

      long start = System.nanoTime();
      Duration before = used.usage();
      TestInput.line(loop);
      Busy.await("20 throttled periods", () -> controller.throttling().throttledPeriods() >= 20);
      Duration usage = used.usage().minus(before);
      long wall = System.nanoTime() - start;

      assertThat(usage.toNanos())
          .isLessThanOrEqualTo((long) (0.2 * wall) + period.toNanos())
          .isPositive();
      CpuThrottling throttling = controller.throttling();
      assertThat(throttling.throttledTime()).isPositive();
      assertThat(throttling.periods()).isGreaterThanOrEqualTo(throttling.throttledPeriods());
    }
  }

  @Test
  @Proves("cpu.cfs_burst_us")
  @RequiresKernel("5.16")
  void whatAQuotaLeavesIsSavedForABurst() {
    try (TestGroup cpu = TestGroup.v1(Subsystem.CPU)) {
      CpuV1 controller = new CpuV1(cpu.directory());
      controller.setQuota(TimeLimit.of(Duration.ofMillis(20)));
      assertThat(controller.setBurst(Duration.ofMillis(20)).isExact()).isTrue();
      cpu.run("while :; do i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 0.3; done");

      Busy.await("a burst", () -> controller.throttling().bursts().orElse(0) > 0);

      assertThat(controller.throttling().burstTime())
          .hasValueSatisfying(time -> assertThat(time).isPositive());
    }
  }

  @Test
  @Proves("cpu.stat.local")
  @RequiresKernel("6.6")
  void aChildOfAThrottledGroupWaitsToo() {
    try (TestGroup cpu = TestGroup.v1(Subsystem.CPU);
        CgroupDirectory child = cpu.directory().create("child")) {
      new CpuV1(cpu.directory()).setQuota(TimeLimit.of(Duration.ofMillis(10)));
      cpu.runIn(child, Busy.LOOP);
      CpuV1 below = new CpuV1(child);

      Busy.await("a wait", () -> below.throttledHere().orElseThrow().isPositive());

      assertThat(below.throttling().throttledPeriods()).isZero(); // it has no quota itself
    }
  }

  @Test
  @Proves("cpu.idle")
  @RequiresKernel("5.15")
  @RequiresTool("taskset")
  void anIdleGroupLeavesTheProcessorToItsSiblings() {
    try (TestGroup cpu = TestGroup.v1(Subsystem.CPU);
        TestGroup time = TestGroup.v1(Subsystem.CPUACCT);
        CgroupDirectory idle = cpu.directory().create("idle");
        CgroupDirectory other = cpu.directory().create("other");
        CgroupDirectory idleTime = time.directory().create("idle");
        CgroupDirectory otherTime = time.directory().create("other")) {
      assertThat(new CpuV1(idle).setIdle(true).isExact()).isTrue();
      Busy.startOnFirst(cpu, idle, idleTime);
      Busy.startOnFirst(cpu, other, otherTime);
      Cpuacct used = new Cpuacct(otherTime);
      Busy.await("it runs", () -> !used.usage().isZero());
      Duration before = new Cpuacct(idleTime).usage();
      Duration start = used.usage();

      Busy.await("1.5 s", () -> used.usage().minus(start).compareTo(ENOUGH) >= 0);

      // a weight of 3 beside 1024: less than 1 %, of which a slice more may have gone by
      assertThat(new Cpuacct(idleTime).usage().minus(before)).isLessThan(ENOUGH.dividedBy(10));
    }
  }

  @Test
  @ReadsBack(value = "cpu.shares", why = "shown besides its effect: the kernel clamps it")
  void sharesOutOfRangeAreClampedAndSaidToBe() {
    try (TestGroup cpu = TestGroup.v1(Subsystem.CPU)) {
      CpuV1 controller = new CpuV1(cpu.directory());

      assertThat(controller.setShares(1)).hasToString("cpu.shares = 2 (asked: 1)");
      assertThat(controller.setShares(1L << 30).actual()).isEqualTo(262_144);
      assertThat(controller.shares()).isEqualTo(262_144);
      assertThat(controller.quota()).isEqualTo(TimeLimit.UNLIMITED);
      assertThat(controller.period()).isEqualTo(Duration.ofMillis(100));
    }
  }

  @Test
  void aQuotaIsTakenAway() {
    try (TestGroup cpu = TestGroup.v1(Subsystem.CPU)) {
      CpuV1 controller = new CpuV1(cpu.directory());
      controller.setQuota(TimeLimit.of(Duration.ofMillis(20)));

      assertThat(controller.setQuota(TimeLimit.UNLIMITED).isExact()).isTrue();
      assertThat(controller.quota().isUnlimited()).isTrue();
    }
  }

  @Test
  void aGroupOfTheOtherVersionIsRefused() {
    try (TestGroup cpu = TestGroup.v1(Subsystem.CPU)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new CpuV2(cpu.directory()))
          .withMessageContaining("version 1, not 2");
    }
  }
}
