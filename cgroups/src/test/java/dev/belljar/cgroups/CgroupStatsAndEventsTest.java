package dev.belljar.cgroups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.event.CgroupEvent;
import dev.belljar.cgroups.event.CgroupEventStream;
import dev.belljar.cgroups.stats.CgroupSampler;
import dev.belljar.cgroups.stats.CgroupSnapshot;
import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.WarmUp;
import java.io.IOException;
import java.io.UncheckedIOException;
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
    Cgroup.create("warm-up", LIMITS.toBuilder().cpuShares(512).build()).close();
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

  /** What one group in all its hierarchies does and suffers is told by its one stream. */
  @Test
  void whatBecomesOfTheGroupIsToldInAllHierarchiesAtOnce() throws Exception {
    Resources limits =
        Resources.builder()
            .memory(16 << 20)
            .memorySwap(Limit.of(16 << 20))
            .cpuShares(512)
            .pids(20)
            .build();
    try (Cgroup group = Cgroup.create("as-one", limits);
        CgroupEventStream events =
            group.events().everything().polling(Duration.ofMillis(20)).open()) {
      Process process =
          new ProcessBuilder("sh", "-c", "read go; tail /dev/zero >/dev/null; read end").start();
      try {
        group.attach(process.pid());
        await(events, CgroupEvent.Populated.class);

        group.freeze();
        await(events, CgroupEvent.Frozen.class);
        assertThat(group.isFrozen()).isTrue();
        assertThat(group.thaw()).isTrue();
        await(events, CgroupEvent.Thawed.class);

        process.getOutputStream().write('\n');
        process.getOutputStream().flush();
        CgroupEvent.OomKill kill = (CgroupEvent.OomKill) await(events, CgroupEvent.OomKill.class);
        assertThat(kill.total()).isEqualTo(1);
        assertThat(group.oomKilled()).hasValue(1);
        assertThat(group.stats().memory().orElseThrow().oomKills()).hasValue(1);

        group.update(Resources.builder().pids(1).build());
        CgroupEvent limit = awaitAfter(events, CgroupEvent.PidsLimit.class, () -> forkIn(group));
        assertThat(((CgroupEvent.PidsLimit) limit).count()).isPositive();

        group.kill();
        assertThat(process.waitFor()).isEqualTo(137);
        await(events, CgroupEvent.Emptied.class);
      } finally {
        end(process);
      }
      group.remove();
      await(events, CgroupEvent.Removed.class);
      assertThat(events.next()).isEmpty();
      assertThat(events.isOver()).isTrue();
    }
  }

  private static void forkIn(Cgroup group) {
    try {
      Process process =
          new ProcessBuilder("sh", "-c", "read go; (:)").redirectErrorStream(true).start();
      group.attach(process.pid());
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
      assertThat(process.waitFor()).isNotZero();
      end(process);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void end(Process process) throws IOException, InterruptedException {
    process.destroyForcibly().waitFor();
    process.getInputStream().close();
    process.getErrorStream().close();
    process.getOutputStream().close();
  }

  private static CgroupEvent awaitAfter(
      CgroupEventStream events, Class<? extends CgroupEvent> type, Runnable act)
      throws InterruptedException {
    act.run();
    return await(events, type);
  }

  private static CgroupEvent await(CgroupEventStream events, Class<? extends CgroupEvent> type)
      throws InterruptedException {
    while (true) {
      Optional<CgroupEvent> next = events.next(Duration.ofSeconds(60));
      assertThat(next).as("a %s", type.getSimpleName()).isPresent();
      if (type.isInstance(next.orElseThrow())) {
        return next.orElseThrow();
      }
    }
  }
}
