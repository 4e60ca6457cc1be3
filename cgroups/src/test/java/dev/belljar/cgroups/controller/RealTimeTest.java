package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belljar.cgroups.Cgroup;
import dev.belljar.cgroups.JvmCgroups;
import dev.belljar.cgroups.Resources;
import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.WarmUp;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Real-time tasks in groups of version 1; few kernels have this (CONFIG_RT_GROUP_SCHED). */
@KernelTest
@RequiresRoot
@RequiresCgroupV1({"cpu", "cpuacct"})
@RequiresTool({"chrt", "taskset"})
class RealTimeTest {
  private static final TimeLimit LENT = TimeLimit.of(Duration.ofMillis(200));
  private static final String TASK = "exec chrt -f 1 taskset -c 0 sh -c 'echo up; read go; %s'";

  private TestGroup cpu;
  private TimeLimit before = TimeLimit.UNLIMITED;
  private boolean open;

  /** Groups kept from other tests would be gone after {@link JvmCgroups#release}. */
  @WarmUp
  static void startWithoutGroups() {
    Cgroup.create("warm-up", Resources.builder().cpuShares(2).build()).close();
    JvmCgroups.release();
  }

  /** A group below another gets no more than that has: nothing, when that is no root. */
  @BeforeEach
  void lend() {
    cpu = TestGroup.v1(Subsystem.CPU);
    open = true;
    try {
      CpuV1 above = new CpuV1(cpu.above());
      assumeTrue(above.rtRuntime().isPresent(), "needs CONFIG_RT_GROUP_SCHED");
      before = above.rtRuntime().orElseThrow();
      if (before.equals(TimeLimit.of(Duration.ZERO))) {
        above.setRtRuntime(LENT);
      }
    } catch (RuntimeException | Error e) {
      open = false;
      cpu.close();
      throw e;
    }
  }

  /** What was lent is given back once the kernel has forgotten the group. */
  @AfterEach
  void giveBack() {
    if (!open) {
      return; // without real-time groups the test was skipped
    }
    try (CgroupDirectory above =
        CgroupDirectory.open(cpu.above().hierarchy(), cpu.above().path())) {
      cpu.close();
      if (before.equals(TimeLimit.of(Duration.ZERO))) {
        Busy.await("the runtime is given back", () -> givenBack(new CpuV1(above)));
      }
    }
  }

  private boolean givenBack(CpuV1 above) {
    try {
      return above.setRtRuntime(before).isExact();
    } catch (dev.belljar.linux.LinuxException busy) {
      return false;
    }
  }

  @Test
  @Proves({"cpu.rt_runtime_us", "cpu.rt_period_us"})
  void aRealTimeLoopDoesNotUseMoreThanItsRuntime() {
    try (TestGroup time = TestGroup.v1(Subsystem.CPUACCT)) {
      CpuV1 controller = new CpuV1(cpu.directory());
      Duration period = Duration.ofMillis(500);
      Duration runtime = Duration.ofMillis(50);
      assertThat(controller.setRtRuntime(TimeLimit.of(runtime)).isExact()).isTrue();
      assertThat(controller.setRtPeriod(period).isExact()).isTrue();
      Process loop = cpu.run(TASK.formatted(Busy.LOOP));
      assertThat(TestInput.answer(loop)).isEqualTo("up");
      time.directory().write("cgroup.procs", Long.toString(loop.pid()));
      Cpuacct used = new Cpuacct(time.directory());

      Duration start = used.usage();
      long began = System.nanoTime();
      TestInput.line(loop);
      Busy.await("five periods' worth", () -> used.usage().minus(start).toMillis() >= 250);
      Duration usage = used.usage().minus(start);
      long wall = System.nanoTime() - began;

      // nothing but the limit holds it back: it goes before all ordinary tasks
      assertThat(usage.toNanos()).isLessThanOrEqualTo((long) (0.1 * wall) + period.toNanos());
      // the first runtime may be used up at the end of a period, the last at the beginning of one
      assertThat(wall).isGreaterThan(4 * period.minus(runtime).toNanos());
    }
  }

  @Test
  void aGroupWithoutRuntimeRefusesARealTimeTask() {
    assertThat(new CpuV1(cpu.directory()).rtRuntime()).contains(TimeLimit.of(Duration.ZERO));
    new CpuV1(cpu.above()).rtRuntime();
    try (CgroupDirectory rich = cpu.directory().create("rich");
        CgroupDirectory poor = cpu.directory().create("poor")) {
      new CpuV1(cpu.directory()).setRtRuntime(TimeLimit.of(Duration.ofMillis(50)));
      new CpuV1(rich).setRtRuntime(TimeLimit.of(Duration.ofMillis(50)));
      Process task = cpu.runIn(rich, TASK.formatted(""));
      assertThat(TestInput.answer(task)).isEqualTo("up");

      assertThatThrownBy(() -> poor.write("cgroup.procs", Long.toString(task.pid())))
          .hasMessageContaining("EINVAL")
          .hasMessageContaining("real-time runtime (cpu.rt_runtime_us is 0");
      assertThatThrownBy(() -> new CpuV1(rich).setRtRuntime(TimeLimit.of(Duration.ZERO)))
          .hasMessageContaining("EBUSY")
          .hasMessageContaining("holds a real-time task");
    }
  }

  @Test
  void aGroupGetsNoMoreRuntimeThanTheGroupAbove() {
    try (CgroupDirectory child = cpu.directory().create("child")) {
      assertThatThrownBy(() -> new CpuV1(child).setRtRuntime(TimeLimit.of(Duration.ofMillis(10))))
          .hasMessageContaining("EINVAL")
          .hasMessageContaining("real-time runtime per period");
    }
  }

  @Test
  void anUpdateMovesRuntimeUpAndDownAndToOtherPeriods() {
    try (Cgroup group = Cgroup.create("real-time", realtime(50, 500))) {
      for (Resources next :
          List.of(
              realtime(10, 500),
              realtime(100, 1000),
              realtime(25, 250),
              realtime(0, 250),
              realtime(20, 400))) {
        assertThat(group.update(next)).allMatch(Written::isExact);
      }
      assertThatThrownBy(() -> group.update(realtime(990, 1000)))
          .hasMessageContaining("EINVAL")
          .hasMessageContaining("real-time runtime per period");
      assertThatThrownBy(
              () -> group.update(realtime(10, 500).toBuilder().cpusetCpus("4000").build()))
          .hasMessageContaining("cpuset");
      assertThat(group.read("cpu.rt_runtime_us")).isEqualTo("20000");
      assertThat(group.read("cpu.rt_period_us")).isEqualTo("400000");
    } finally {
      JvmCgroups.release();
    }
  }

  private static Resources realtime(long runtimeMillis, long periodMillis) {
    return Resources.builder()
        .cpuRealtime(Duration.ofMillis(runtimeMillis), Duration.ofMillis(periodMillis))
        .cpusetCpus("0")
        .build();
  }
}
