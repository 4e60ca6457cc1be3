package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.cgroups.Cgroup;
import dev.belljar.linux.testing.RequiresCgroup;
import org.junit.jupiter.api.Test;

/** Limits as the kernel has them, seen through the container's group and from inside. */
@RequiresCgroup({"cpu", "memory", "pids"})
class LimitsTest extends ContainerTest {
  private static final long MEMORY = 64 << 20;

  @Test
  void theyAreReadBackFromTheGroup() {
    try (Container container =
        resident().cpuShares(512).cpus(0.5).memory(MEMORY).pids(20).start()) {
      Cgroup group = container.cgroup().orElseThrow();

      assertThat(group.cpuShares().orElseThrow()).isBetween(500L, 524L);
      assertThat(group.cpuQuota().orElseThrow().cpus()).isEqualTo(0.5);
      assertThat(group.memoryLimit().orElseThrow().value()).hasValue(MEMORY);
      assertThat(group.pidsLimit().orElseThrow().value()).hasValue(20);
      assertThat(group.pidsCurrent()).hasValue(1);
    }
  }

  @Test
  void theirControlFilesAreSeenInside() {
    String read = "cat /sys/fs/cgroup/pids/pids.max || cat /sys/fs/cgroup/pids.max";
    assertThat(run(sh("(" + read + ") 2> /dev/null").pids(33)).output()).isEqualTo("33");
  }

  @Test
  void theLimitOnProcessesHoldsForAllThatIsInside() {
    try (Container container = resident().pids(3).start()) {
      String script = "for i in 1 2 3; do sleep 100 > /dev/null 2>&1 & done";
      Outcome outcome = exec(container, script);
      assertThat(outcome.err()).containsIgnoringCase("fork");
    }
  }

  @Test
  void everyProcessIsInTheGroupFromItsBeginning() {
    try (Container container = sh("sleep 100 & sleep 100 & echo; cat").pids(20).start()) {
      Outcome inside = exec(container, "echo here");
      assertThat(inside.output()).isEqualTo("here");
      Await.until(
          "three processes are in the group",
          () ->
              container.cgroup().orElseThrow().pidsCurrent().orElse(0) == 4
                  || container.cgroup().orElseThrow().pidsCurrent().orElse(0) == 3);
    }
  }

  @Test
  void wrongLimitsAreToldAllAtOnce() {
    assertThatThrownBy(
            () -> sh("true").memory(-1).cpuShares(-5).cpus(-0.5).pids(-1).hostname("").start())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("memory")
        .hasMessageContaining("cpuShares")
        .hasMessageContaining("cpus")
        .hasMessageContaining("pids")
        .hasMessageContaining("hostname");
  }
}
