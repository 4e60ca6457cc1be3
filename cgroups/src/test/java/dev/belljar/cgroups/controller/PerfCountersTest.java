package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

@KernelTest
@RequiresRoot
class PerfCountersTest {
  private static final Set<PerfEvent> SOFTWARE =
      EnumSet.of(PerfEvent.TASK_CLOCK, PerfEvent.CONTEXT_SWITCHES, PerfEvent.PAGE_FAULTS);

  /** Where perf_event is: on version 1 when it is mounted there, else on version 2. */
  private static TestGroup group() {
    return CgroupLayout.current().with(Subsystem.PERF_EVENT).isPresent()
        ? TestGroup.v1(Subsystem.PERF_EVENT)
        : TestGroup.v2();
  }

  private static long value(PerfCounters counters, PerfEvent event) {
    return counters.read().get(event).value();
  }

  @Test
  void theCountersOfABusyGroupRiseAndAnothersDoNot() {
    try (TestGroup test = group();
        CgroupDirectory busy = test.directory().create("busy");
        CgroupDirectory idle = test.directory().create("idle");
        PerfCounters counters = PerfCounters.open(busy, SOFTWARE);
        PerfCounters others = PerfCounters.open(idle, SOFTWARE);
        PerfCounters above = PerfCounters.open(test.directory(), SOFTWARE)) {
      test.runIn(busy, "while :; do true | cat > /dev/null; done");

      for (PerfEvent event : SOFTWARE) {
        Busy.await(event + " rises", () -> value(counters, event) > 20);
      }
      Busy.await(
          "100 ms of processor time",
          () -> value(counters, PerfEvent.TASK_CLOCK) > Duration.ofMillis(100).toNanos());

      Map<PerfEvent, PerfCount> counted = counters.read();
      assertThat(counted.keySet()).isEqualTo(SOFTWARE);
      assertThat(others.read().values()).allSatisfy(count -> assertThat(count.value()).isZero());
      assertThat(value(above, PerfEvent.TASK_CLOCK))
          .isGreaterThanOrEqualTo(counted.get(PerfEvent.TASK_CLOCK).value());
      PerfCount clock = counted.get(PerfEvent.TASK_CLOCK);
      assertThat(clock.running()).isEqualTo(clock.enabled()).isPositive();
      assertThat(clock.scaled()).isEqualTo(clock.value());
    }
  }

  @Test
  void theHardwareCountsOrIsSaidNotTo() {
    try (TestGroup test = group()) {
      Set<PerfEvent> hardware = EnumSet.of(PerfEvent.CPU_CYCLES, PerfEvent.INSTRUCTIONS);
      try (PerfCounters counters = PerfCounters.open(test.directory(), hardware)) {
        test.run(Busy.LOOP);
        for (PerfEvent event : hardware) {
          Busy.await(event + " rises", () -> value(counters, event) > 0);
        }
      } catch (UnsupportedOperationException e) {
        assertThat(e).hasMessageContaining("this machine has no counter for CPU_CYCLES");
      }
    }
  }

  @Test
  void aGroupOfAnotherHierarchyIsRefused() {
    try (TestGroup test = TestGroup.with(Subsystem.PIDS)) {
      boolean same = test.directory().hierarchy().equals(hierarchyOfPerf());
      assumeFalse(same, "needs perf_event apart from pids");

      assertThatThrownBy(() -> PerfCounters.open(test.directory(), SOFTWARE))
          .isInstanceOf(LinuxException.class)
          .hasMessageContaining("the hierarchy that perf_event is on");
    }
  }

  private static Hierarchy hierarchyOfPerf() {
    CgroupLayout layout = CgroupLayout.current();
    return layout.with(Subsystem.PERF_EVENT).or(layout::v2).orElseThrow();
  }
}
