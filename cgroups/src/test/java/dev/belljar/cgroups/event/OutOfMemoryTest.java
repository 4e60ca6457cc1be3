package dev.belljar.cgroups.event;

import static dev.belljar.cgroups.event.CgroupEventsTest.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.CProgram;
import dev.belljar.cgroups.testing.Ending;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.WarmUp;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is told of a group that has no memory left but whose processes are not killed. */
@KernelTest
@RequiresRoot
class OutOfMemoryTest {
  private static final long MIB = 1 << 20;

  /** Only a page fault of the program itself waits; a read(2) into new pages would fail. */
  private static final String TOUCHING =
      """
      #include <stdlib.h>
      int main(void) {
        volatile char *memory = malloc(64 << 20);
        for (long i = 0; i < 64 << 20; i += 4096) memory[i] = 1;
        return 0;
      }
      """;

  /** Takes twice as much as {@code memory.high} allows here, and is slowed down for it. */
  private static final String EATING = "x=$(head -c 16777216 /dev/zero | tr '\\0' a); read end";

  @TempDir private Path folder;

  @WarmUp
  static void startTheLoop() {
    EventLoop.shared();
  }

  private static CgroupEvents events(TestGroup group) {
    return CgroupEvents.of(List.of(group.directory())).polling(Duration.ofMillis(20));
  }

  @Test
  @RequiresCgroupV1("memory")
  @RequiresTool("gcc")
  @Proves({"cgroup.event_control", "memory.oom_control"})
  void withoutTheKillerItIsToldThatTheGroupIsOutOfMemory() throws Exception {
    try (TestGroup group = TestGroup.v1(Subsystem.MEMORY)) {
      limit(group.directory(), 16 * MIB);
      group.directory().write("memory.oom_control", "1");
      String program = "exec " + CProgram.compile(folder, TOUCHING);
      try (CgroupEventStream stream = events(group).oom().open()) {
        Process big = group.run(program);

        assertThat(await(stream, CgroupEvent.Oom.class).count()).isPositive();

        assertThat(big.isAlive()).isTrue();
        unlimit(group.directory());
        assertThat(Ending.of(big)).isZero();
      }
    }
  }

  private static void limit(CgroupDirectory group, long bytes) {
    group.write("memory.limit_in_bytes", Long.toString(bytes));
    if (group.has("memory.memsw.limit_in_bytes")) {
      group.write("memory.memsw.limit_in_bytes", Long.toString(bytes));
    }
  }

  private static void unlimit(CgroupDirectory group) {
    if (group.has("memory.memsw.limit_in_bytes")) {
      group.write("memory.memsw.limit_in_bytes", "-1");
    }
    group.write("memory.limit_in_bytes", "-1");
  }

  @Test
  @RequiresCgroupV2("memory")
  @Proves({"memory.high", "memory.events"})
  void aBreachOfTheHighLimitIsTold() throws Exception {
    try (TestGroup group = TestGroup.v2(Subsystem.MEMORY)) {
      group.directory().write("memory.high", Long.toString(8 * MIB));
      try (CgroupEventStream stream = events(group).memoryLimits().open()) {
        group.run(EATING);

        assertThat(await(stream, CgroupEvent.MemoryHigh.class).count()).isPositive();
      }
    }
  }

  @Test
  @RequiresCgroupV2("memory")
  @Proves("memory.pressure")
  void aStallForMemoryIsTold() throws Exception {
    try (TestGroup group = TestGroup.v2(Subsystem.MEMORY)) {
      assumeTrue(group.directory().has("memory.pressure"), "needs a kernel with PSI");
      group.directory().write("memory.high", Long.toString(8 * MIB));
      StallTrigger trigger =
          new StallTrigger(
              StallTrigger.Resource.MEMORY,
              StallTrigger.Share.SOME,
              Duration.ofMillis(10),
              Duration.ofSeconds(2));
      try (CgroupEventStream stream = events(group).stall(trigger).open()) {
        group.run(EATING);

        CgroupEvent.Stalled stalled = await(stream, CgroupEvent.Stalled.class);
        assertThat(stalled.trigger()).isEqualTo(trigger);
        assertThat(stalled.time()).isPositive();
      }
    }
  }
}
