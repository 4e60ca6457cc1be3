package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

@KernelTest
class CpuacctTest {
  private static final String WORK =
      "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; cat /proc/self/maps > /dev/null; echo"
          + " done; read stay";

  private static Duration sum(List<Duration> times) {
    return times.stream().reduce(Duration.ZERO, Duration::plus);
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("cpuacct")
  @Proves({
    "cpuacct.usage",
    "cpuacct.usage_user",
    "cpuacct.usage_sys",
    "cpuacct.usage_percpu",
    "cpuacct.usage_percpu_user",
    "cpuacct.usage_percpu_sys",
    "cpuacct.usage_all",
    "cpuacct.stat"
  })
  void theTimesOfAllProcessorsAreTheTimeUsed() throws InterruptedException {
    try (TestGroup test = TestGroup.v1(Subsystem.CPUACCT)) {
      Cpuacct controller = new Cpuacct(test.directory());
      assertThat(controller.usage()).isZero();
      Process process = test.run(WORK);
      assertThat(TestInput.answer(process)).isEqualTo("done");
      TestInput.line(process);
      process.waitFor();
      Duration usage = standing(controller);
      assertThat(usage).isPositive();
      assertThat(sum(controller.usagePerCpu())).isEqualTo(usage);
      assertThat(sum(controller.usagePerCpuUser())).isEqualTo(controller.usageUser());
      assertThat(sum(controller.usagePerCpuSystem())).isEqualTo(controller.usageSystem());
      List<Cpuacct.Split> all = controller.usageAll();
      assertThat(all.stream().map(Cpuacct.Split::user))
          .containsExactlyElementsOf(controller.usagePerCpuUser());
      assertThat(all.stream().map(Cpuacct.Split::system))
          .containsExactlyElementsOf(controller.usagePerCpuSystem());
      // both are the time used, split by the ticks that fell into each mode; the one in whole ticks
      Duration ticks = controller.stat().user().plus(controller.stat().system());
      assertThat(usage.minus(ticks).abs()).isLessThan(Duration.ofMillis(50));
    }
  }

  /** What was used in the end: a process that is waited for already may still be leaving. */
  private static Duration standing(Cpuacct controller) {
    AtomicReference<Duration> last = new AtomicReference<>(controller.usage());
    Busy.await(
        "nothing is counted any more",
        () -> {
          LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
          Duration now = controller.usage();
          return now.equals(last.getAndSet(now));
        });
    return last.get();
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("cpuacct")
  @Proves("cpuacct.usage")
  void theCountersAreSetBack() throws InterruptedException {
    try (TestGroup test = TestGroup.v1(Subsystem.CPUACCT)) {
      Process process = test.run(WORK);
      assertThat(TestInput.answer(process)).isEqualTo("done");
      TestInput.line(process);
      process.waitFor();
      Cpuacct controller = new Cpuacct(test.directory());
      assertThat(controller.usage()).isPositive();

      controller.reset();

      assertThat(controller.usage()).isZero();
      assertThatThrownBy(() -> test.directory().write("cpuacct.usage", "5"))
          .hasMessageContaining("EINVAL")
          .hasMessageContaining("only 0 can be written");
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("cpuacct")
  void theCountersOfTheMachineAreNotSetBack() {
    try (CgroupDirectory root = TestGroup.rootOfV1(Subsystem.CPUACCT)) {
      assertThatThrownBy(new Cpuacct(root)::reset)
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("for the whole machine");
    }
  }

  @Test
  @RequiresCgroupV2
  void onVersion2OthersAreNamedInstead() {
    try (TestGroup test = TestGroup.v2()) {
      assertThatThrownBy(() -> new Cpuacct(test.directory()))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("cpu.stat");
      assertThatThrownBy(() -> new NetCls(test.directory()))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("net_cls is not on cgroup version 2")
          .hasMessageContaining("cgroupv2");
      assertThatThrownBy(() -> new NetPrio(test.directory()))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("meta priority");
    }
  }
}
