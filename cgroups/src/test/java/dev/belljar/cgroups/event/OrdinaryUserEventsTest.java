package dev.belljar.cgroups.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.stats.CgroupSampler;
import dev.belljar.cgroups.stats.CgroupSnapshot;
import dev.belljar.cgroups.stats.CgroupStats;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresOrdinaryUser;
import dev.belljar.linux.testing.WarmUp;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
@RequiresOrdinaryUser
@RequiresCgroupV2({"memory", "pids"})
class OrdinaryUserEventsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private TestGroup group;

  @WarmUp
  static void startTheLoop() {
    EventLoop.shared();
  }

  @BeforeEach
  void make() {
    group = TestGroup.v2(Subsystem.MEMORY, Subsystem.PIDS);
  }

  @AfterEach
  void remove() {
    group.close();
  }

  @Test
  void aGroupOfOnesOwnIsReadAndTold() throws InterruptedException {
    CgroupEvents events = CgroupEvents.of(List.of(group.directory())).everything();
    try (CgroupEventStream stream = events.open();
        CgroupSampler sampler = CgroupSampler.open(List.of(group.directory()))) {
      group.run("read end");
      Optional<CgroupEvent> populated = stream.next(PATIENCE);

      assertThat(populated).contains(new CgroupEvent.Populated());
      CgroupSnapshot snapshot = new CgroupSnapshot();
      sampler.sample(snapshot);
      assertThat(snapshot.pids()).isEqualTo(1);
      assertThat(CgroupStats.read(List.of(group.directory())).pids().orElseThrow().current())
          .isEqualTo(1);
    }
  }

  @Test
  void aWindowOfOneSecondIsRefusedWithTheReason() {
    StallTrigger trigger =
        new StallTrigger(
            StallTrigger.Resource.MEMORY,
            StallTrigger.Share.SOME,
            Duration.ofMillis(100),
            Duration.ofSeconds(1));
    CgroupEvents events = CgroupEvents.of(List.of(group.directory())).stall(trigger);

    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(events::open)
        .withMessageContaining("setting the trigger 'some 100000 1000000'")
        .withMessageContaining("the window must be a multiple of 2 s");
  }
}
