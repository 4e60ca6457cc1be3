package dev.belljar.cgroups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.cgroups.event.CgroupEvent;
import dev.belljar.cgroups.event.CgroupEventStream;
import dev.belljar.cgroups.stats.CgroupSampler;
import dev.belljar.cgroups.stats.CgroupSnapshot;
import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.WarmUp;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@KernelTest
@RequiresRoot
class CgroupStatsAndEventsTest {
  private static final Resources LIMITS = Resources.builder().memory(64 << 20).pids(20).build();

  @WarmUp
  static void makeOnce() {
    EventLoop.shared();
    Cgroup.create("warm-up", LIMITS).close();
  }

  @Test
  void oneGroupTellsEverythingAboutItself() throws Exception {
    try (Cgroup group = Cgroup.create("told", LIMITS);
        CgroupEventStream events = group.events().everything().open();
        CgroupSampler sampler = group.sampler()) {
      Process process = new ProcessBuilder("sh", "-c", "read end").start();
      try {
        group.attach(process.pid());
        Optional<CgroupEvent> populated = events.next(Duration.ofSeconds(60));
        CgroupSnapshot snapshot = new CgroupSnapshot();
        sampler.sample(snapshot);

        assertThat(populated).contains(new CgroupEvent.Populated());
        assertThat(snapshot.pids()).isEqualTo(1);
        assertThat(group.stats().pids().orElseThrow().current()).isEqualTo(1);
        assertThat(group.stats().memory().orElseThrow().limit().orElseThrow().value())
            .hasValue(64 << 20);
      } finally {
        process.destroyForcibly().waitFor();
        process.getInputStream().close();
        process.getErrorStream().close();
        process.getOutputStream().close();
      }
    }
  }
}
