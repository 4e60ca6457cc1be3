package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.cgroups.Cgroup;
import dev.belljar.cgroups.Resources;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.linux.testing.RequiresCgroup;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@RequiresCgroup({"cpu", "memory", "pids"})
class UpdateTest extends ContainerTest {
  @Test
  void limitsChangeWhileTheContainerRuns() throws Exception {
    try (Container container = sh("read go; echo; read end").pids(20).memory(64 << 20).start()) {
      Cgroup group = container.cgroup().orElseThrow();

      assertThat(container.update(Resources.builder().pids(30).memory(32 << 20).build()))
          .allMatch(Written::isExact);

      assertThat(group.pidsLimit().orElseThrow().value()).hasValue(30);
      assertThat(group.memoryLimit().orElseThrow().value()).hasValue(32 << 20);
      container.process().outputWriter().append("go\n").flush();
      assertThat(container.process().inputReader().readLine()).isEmpty();
    }
  }

  @Test
  void accountingMakesAGroupWhereverSomethingIsCounted() throws Exception {
    try (Container container = sh("read end").accounting().start()) {
      Cgroup group = container.cgroup().orElseThrow();
      assertThat(group.memoryUsage().orElseThrow()).isPositive();
      assertThat(group.pidsCurrent()).hasValue(1);
      assertThat(group.cpuShares()).isPresent();

      container.update(Resources.builder().cpus(0.5).build());

      assertThat(group.cpuQuota().orElseThrow().cpus()).isEqualTo(0.5);
    }
  }

  @Test
  void anEndedContainerHasNoLimitsToChange() throws Exception {
    try (Container container = sh("exit 0").pids(20).start()) {
      assertThat(container.waitFor(Duration.ofSeconds(10))).isTrue();
      assertThatIllegalStateException()
          .isThrownBy(() -> container.update(Resources.builder().pids(30).build()))
          .withMessageContaining("ended");
    }
  }

  @Test
  void aContradictionIsToldBeforeAnythingStarts() {
    assertThatThrownBy(() -> sh("exit 0").memory(64 << 20).memorySwap(32 << 20).pids(0).start())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("pids");
    assertThatThrownBy(() -> sh("exit 0").memorySwap(64 << 20).start())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needs a memory limit");
  }
}
