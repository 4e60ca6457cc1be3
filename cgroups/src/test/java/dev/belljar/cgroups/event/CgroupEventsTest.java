package dev.belljar.cgroups.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.testing.Ending;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.cgroups.testing.TestGroups;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.WarmUp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
@RequiresRoot
class CgroupEventsTest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final int CAP_SYS_RESOURCE = 24;
  private static final Duration INTERVAL = Duration.ofMillis(20);

  /** A command that takes all the memory it can get. */
  // One process alone: of two at the ends of a pipe the kernel sometimes kills both.
  private static final String EAT = "tail /dev/zero >/dev/null";

  private TestGroups group;

  @WarmUp
  static void startTheLoop() {
    EventLoop.shared();
  }

  @BeforeEach
  void make() {
    group = TestGroups.everywhere();
  }

  @AfterEach
  void remove() {
    group.close();
  }

  private CgroupEvents events() {
    return CgroupEvents.of(group.directories()).polling(INTERVAL);
  }

  private void limitMemory(long bytes) {
    String file = v1() ? "memory.limit_in_bytes" : "memory.max";
    CgroupDirectory memory = group.with(file).orElseThrow();
    memory.write(file, Long.toString(bytes));
    for (String swap : List.of("memory.memsw.limit_in_bytes", "memory.swap.max")) {
      if (memory.has(swap)) {
        memory.write(swap, swap.contains("memsw") ? Long.toString(bytes) : "0");
      }
    }
  }

  private static boolean v1() {
    return CgroupLayout.current().kind() != CgroupLayout.Kind.V2;
  }

  static <T extends CgroupEvent> T await(CgroupEventStream stream, Class<T> type)
      throws InterruptedException {
    return type.cast(await(stream, type::isInstance));
  }

  private static CgroupEvent await(CgroupEventStream stream, Predicate<CgroupEvent> wanted)
      throws InterruptedException {
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (System.nanoTime() < end && !stream.isOver()) {
      Optional<CgroupEvent> next = stream.next(Duration.ofMillis(200));
      if (next.filter(wanted).isPresent()) {
        return next.get();
      }
    }
    throw new AssertionError("the event did not come");
  }

  @Test
  void anOomKillIsToldWithItsNumber() throws InterruptedException {
    limitMemory(16 << 20);
    try (CgroupEventStream stream = events().oom().open()) {
      group.run(EAT);

      CgroupEvent.OomKill kill = await(stream, CgroupEvent.OomKill.class);

      assertThat(kill.count()).isEqualTo(1);
      assertThat(kill.total()).isEqualTo(1);
    }
  }

  @Test
  void twentyKillsAreTwentyHoweverOftenTheKernelSignals() throws InterruptedException {
    limitMemory(16 << 20);
    long kills = 0;
    try (CgroupEventStream stream = events().oom().open()) {
      group.run(
          "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do " + EAT + "; done");
      while (kills < 20) {
        kills += await(stream, CgroupEvent.OomKill.class).count();
      }
      assertThat(stream.next(Duration.ofMillis(300)).filter(CgroupEvent.OomKill.class::isInstance))
          .isEmpty();
    }
    assertThat(kills).isEqualTo(20);
    assertThat(group.read("memory.events", "memory.oom_control").orElseThrow())
        .contains("oom_kill 20");
  }

  @Test
  void aProcessThatComesAndGoesIsTold() throws InterruptedException {
    try (CgroupEventStream stream = events().population().open()) {
      Process process = group.run("read end");
      await(stream, CgroupEvent.Populated.class);

      TestGroups.say(process, "end");
      await(stream, CgroupEvent.Emptied.class);
    }
  }

  @Test
  void freezingIsTold() throws InterruptedException {
    group.run("read end");
    Optional<CgroupDirectory> v2 = group.v2();
    CgroupDirectory freezer = v2.or(() -> group.with("freezer.state")).orElseThrow();
    String file = v2.isPresent() ? "cgroup.freeze" : "freezer.state";
    try (CgroupEventStream stream = events().freezing().open()) {
      freezer.write(file, v2.isPresent() ? "1" : "FROZEN");
      await(stream, CgroupEvent.Frozen.class);

      freezer.write(file, v2.isPresent() ? "0" : "THAWED");
      await(stream, CgroupEvent.Thawed.class);
    }
  }

  @Test
  void theLimitOfProcessesIsTold() throws InterruptedException {
    group.with("pids.max").orElseThrow().write("pids.max", "1");
    try (CgroupEventStream stream = events().pidsLimit().open()) {
      group.run("sleep 0.01; read end");

      assertThat(await(stream, CgroupEvent.PidsLimit.class).count()).isPositive();
    }
  }

  @Test
  void theMemoryLimitBeingReachedIsTold() throws InterruptedException {
    limitMemory(16 << 20);
    try (CgroupEventStream stream = events().memoryLimits().open();
        CgroupEventStream kills = events().oom().open()) {
      group.run(EAT);
      await(kills, CgroupEvent.OomKill.class);
      if (v1()
          && group.read("memory.failcnt").orElseThrow().equals("0")
          && group.read("memory.memsw.failcnt").orElse("0").equals("0")) {
        // This kernel does not count it, as 6.18 does not on version 1: nothing is made up.
        assertThat(stream.next(INTERVAL.multipliedBy(5))).isEmpty();
      } else {
        assertThat(await(stream, CgroupEvent.MemoryMax.class).count()).isPositive();
      }
    }
  }

  @Test
  @RequiresCgroupV1("memory")
  @Proves({"cgroup.event_control", "memory.usage_in_bytes"})
  void aThresholdIsToldInBothDirections() throws InterruptedException {
    long threshold = 8 << 20;
    try (CgroupEventStream stream = events().memoryThreshold(threshold).open()) {
      Process process = group.run("x=$(head -c 20000000 /dev/zero | tr '\\0' a); read end");
      CgroupEvent above =
          await(stream, e -> e instanceof CgroupEvent.MemoryThreshold t && t.isAbove());
      assertThat(((CgroupEvent.MemoryThreshold) above).threshold()).isEqualTo(threshold);

      TestGroups.say(process, "end");
      await(stream, e -> e instanceof CgroupEvent.MemoryThreshold t && !t.isAbove());
    }
  }

  @Test
  @RequiresCgroupV1("memory")
  void theSideThatIsToldLastIsTheOneThatHolds() throws InterruptedException {
    long threshold = 8 << 20;
    try (CgroupEventStream stream = events().memoryThreshold(threshold).open()) {
      Process process =
          group.run(
              "for i in 1 2 3; do head -c 9000000 /dev/zero | tail -c 8300000; done"
                  + " >/dev/null; x=$(head -c 9000000 /dev/zero | tr '\\0' a); echo; read end");
      Ending.line(process);
      assertThat(lastSide(stream)).isTrue();

      TestGroups.say(process, "end");
      Ending.of(process);
      assertThat(lastSide(stream)).isFalse();
    }
  }

  /** Takes all events, and then, if none has told the side yet, the one that will. */
  private boolean lastSide(CgroupEventStream stream) throws InterruptedException {
    boolean above =
        await(stream, _ -> true) instanceof CgroupEvent.MemoryThreshold t && t.isAbove();
    for (Optional<CgroupEvent> next = stream.next(INTERVAL.multipliedBy(10));
        next.isPresent();
        next = stream.next(INTERVAL.multipliedBy(10))) {
      above = ((CgroupEvent.MemoryThreshold) next.get()).isAbove();
    }
    return above;
  }

  @Test
  @RequiresCgroupV1("memory")
  @Proves({"cgroup.event_control", "memory.pressure_level"})
  void memoryPressureIsTold() throws InterruptedException {
    limitMemory(16 << 20);
    try (CgroupEventStream stream = events().memoryPressure(PressureLevel.LOW).open()) {
      group.run("while :; do cat /bin/* /usr/bin/* /usr/lib/*/*.so* >/dev/null 2>&1; done");

      assertThat(await(stream, CgroupEvent.MemoryPressure.class).level())
          .isEqualTo(PressureLevel.LOW);
    }
  }

  @Test
  void aStallIsToldWithItsTime() throws InterruptedException {
    if (group.v2().filter(each -> each.has("cpu.pressure")).isEmpty()) {
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> events().stall(cpuStall(Duration.ofSeconds(1))).open().close())
          .withMessageContaining("cpu.pressure needs a tree of version 2");
      return;
    }
    StallTrigger trigger = cpuStall(Duration.ofSeconds(2));
    try (CgroupEventStream stream = events().stall(trigger).open()) {
      String busy = "while :; do :; done";
      group.run(busy + " & " + busy + " & " + busy + " & " + busy);

      CgroupEvent.Stalled stalled = await(stream, CgroupEvent.Stalled.class);

      assertThat(stalled.trigger()).isEqualTo(trigger);
      assertThat(stalled.time()).isPositive();
    }
  }

  @Test
  void aWindowThatOnlyThePrivilegedMayHaveIsExplainedToOthers() throws IOException {
    if (group.v2().filter(each -> each.has("cpu.pressure")).isEmpty()) {
      return; // told by the test above
    }
    CgroupEvents chosen = events().stall(cpuStall(Duration.ofSeconds(1)));
    if (mayUseAnyWindow()) {
      chosen.open().close();
      return;
    }
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(chosen::open)
        .withMessageContaining("some 10000 1000000")
        .withMessageContaining("must be a multiple of 2 s");
  }

  private static boolean mayUseAnyWindow() throws IOException {
    String effective =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(line -> line.startsWith("CapEff:"))
            .map(line -> line.substring(line.indexOf('\t') + 1))
            .findFirst()
            .orElseThrow();
    return (Long.parseUnsignedLong(effective, 16) >> CAP_SYS_RESOURCE & 1) == 1;
  }

  private static StallTrigger cpuStall(Duration window) {
    return new StallTrigger(
        StallTrigger.Resource.CPU, StallTrigger.Share.SOME, Duration.ofMillis(10), window);
  }

  @Test
  void theRemovalOfTheGroupIsToldOnceAndEndsTheStream() throws InterruptedException {
    List<CgroupDirectory> below = new ArrayList<>();
    group.directories().forEach(each -> below.add(each.create("below")));
    CgroupEvents wanted = CgroupEvents.of(below).everything().polling(INTERVAL);
    if (v1()) {
      wanted = wanted.memoryThreshold(1 << 20).memoryPressure(PressureLevel.CRITICAL);
    }
    try (CgroupEventStream stream = wanted.open()) {
      below.forEach(CgroupDirectory::remove);

      List<CgroupEvent> told = new ArrayList<>();
      for (Optional<CgroupEvent> e = stream.next(); e.isPresent(); e = stream.next()) {
        told.add(e.get());
      }

      assertThat(told).containsExactly(new CgroupEvent.Removed());
      assertThat(stream.isOver()).isTrue();
    } finally {
      below.forEach(CgroupDirectory::close);
    }
  }

  @Test
  void aRemovedGroupDoesNotKeepTheLoopBusy() throws InterruptedException {
    String file = v1() ? "pids.events" : "cgroup.events";
    CgroupDirectory below = group.with(file).orElseThrow().create("below");
    CgroupEvents chosen = CgroupEvents.of(List.of(below)).polling(INTERVAL);
    try (CgroupEventStream stream = (v1() ? chosen.pidsLimit() : chosen.population()).open()) {
      assertThat(ProcessDescriptors.targets()).anyMatch(each -> each.contains(file));
      below.remove();
      await(stream, CgroupEvent.Removed.class);

      // The descriptor is closed, not only ignored: it would be ready for ever.
      TestGroup.until(
          "the file is closed",
          () -> ProcessDescriptors.targets().stream().noneMatch(each -> each.contains(file)));
    } finally {
      below.close();
    }
  }

  @Test
  @RequiresCgroupV2("pids")
  void aGroupWhoseControllerIsTakenAwayIsNotSaidToBeRemoved() {
    CgroupDirectory above = group.with("pids.max").orElseThrow();
    above.write("cgroup.subtree_control", "+pids");
    try (CgroupDirectory below = above.create("below")) {
      try (CgroupEventStream stream =
          CgroupEvents.of(List.of(below)).polling(INTERVAL).pidsLimit().open()) {
        above.write("cgroup.subtree_control", "-pids");

        assertThatExceptionOfType(LinuxException.class)
            .isThrownBy(() -> stream.next(DEADLINE))
            .withMessageContaining("ENODEV")
            .withMessageContaining("its controller was taken from it");
        assertThat(stream.isOver()).isTrue();
      }
      below.remove();
    }
  }

  @Test
  void aListenerIsToldUntilItIsClosed() throws InterruptedException {
    BlockingQueue<CgroupEvent> told = new LinkedBlockingQueue<>();
    Process process;
    try (CgroupSubscription _ = events().population().listen(told::add)) {
      process = group.run("read end");
      assertThat(told.poll(DEADLINE.toSeconds(), TimeUnit.SECONDS))
          .isEqualTo(new CgroupEvent.Populated());
    }
    try (CgroupEventStream other = events().population().open()) {
      TestGroups.say(process, "end");
      await(other, CgroupEvent.Emptied.class);
    }
    assertThat(told).isEmpty();
  }

  @Test
  void closingEndsTheWaitingOfAnotherThread() throws InterruptedException {
    CgroupEventStream stream = events().population().open();
    BlockingQueue<Optional<CgroupEvent>> result = new LinkedBlockingQueue<>();
    Thread waiting =
        Thread.ofVirtual()
            .start(() -> {
              try {
                result.add(stream.next());
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    stream.close();
    stream.close();

    assertThat(result.poll(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isEmpty();
    waiting.join();
  }

  @Test
  void allThatCannotBeToldIsSaidAtOnce() {
    assertThatIllegalArgumentException().isThrownBy(() -> events().open());
    List<CgroupDirectory> none = List.of();
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() ->
            CgroupEvents.of(none)
                .oom()
                .pidsLimit()
                .memoryThreshold(5)
                .memoryPressure(PressureLevel.LOW)
                .stall(cpuStall(Duration.ofSeconds(2)))
                .open())
        .withMessageContaining("events of memory")
        .withMessageContaining("pids limit")
        .withMessageContaining("threshold")
        .withMessageContaining("memory pressure")
        .withMessageContaining("cpu.pressure");
  }
}
