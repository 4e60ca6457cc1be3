package dev.belljar.cgroups.jfr;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.cgroups.Cgroup;
import dev.belljar.cgroups.Resources;
import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.cgroups.testing.TestGroups;
import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.WarmUp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
@RequiresRoot
class CgroupRecordingTest {
  private static final String STATISTICS = "belljar.CgroupStatistics";
  private static final String OOM_KILL = "belljar.CgroupOomKill";
  private static final long DEADLINE_SECONDS = 60;

  private final BlockingQueue<RecordedEvent> events = new LinkedBlockingQueue<>();
  private TestGroups group;

  @WarmUp
  static void recordOnce() throws InterruptedException {
    EventLoop.shared();
    Cgroup.create("warm-up", Resources.builder().memory(1 << 20).pids(10).build()).close();
    CountDownLatch flushed = new CountDownLatch(1);
    try (RecordingStream stream = new RecordingStream()) {
      stream.onFlush(flushed::countDown);
      stream.startAsync();
      // One that is closed before it has read anything leaves the file to be closed some time
      // later.
      assertThat(flushed.await(DEADLINE_SECONDS, TimeUnit.SECONDS)).isTrue();
    }
  }

  @BeforeEach
  void make() {
    group = TestGroups.everywhere();
  }

  @AfterEach
  void remove() {
    group.close();
  }

  private CgroupRecording watch() {
    return CgroupRecording.watch(
        "job-1",
        group.directories().stream()
            .collect(Collectors.toMap(CgroupDirectory::hierarchy, CgroupDirectory::path)));
  }

  private RecordingStream record(String event) {
    RecordingStream stream = new RecordingStream();
    stream.enable(event).withPeriod(Duration.ofMillis(100));
    stream.onEvent(event, events::add);
    stream.setReuse(false);
    stream.startAsync();
    return stream;
  }

  private RecordedEvent next() throws InterruptedException {
    RecordedEvent event = events.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
    assertThat(event).as("an event of the recording").isNotNull();
    return event;
  }

  private void killOne() throws InterruptedException {
    CgroupDirectory memory = group.with("memory.stat").orElseThrow();
    boolean v1 = memory.has("memory.limit_in_bytes");
    memory.write(v1 ? "memory.limit_in_bytes" : "memory.max", "16777216");
    for (String swap : List.of("memory.memsw.limit_in_bytes", "memory.swap.max")) {
      if (memory.has(swap)) {
        memory.write(swap, v1 ? "16777216" : "0");
      }
    }
    group.run("exec tail /dev/zero >/dev/null").waitFor(); // alone, or a second is killed too
    TestGroup.until(
        "a process is killed",
        () -> group.read("memory.events", "memory.oom_control").orElseThrow().contains("kill 1"));
  }

  @Test
  void aWatchedGroupIsRecordedPeriodically() throws InterruptedException {
    group.run("x=$(head -c 5000000 /dev/zero | tr '\\0' a); read end");
    try (CgroupRecording _ = watch();
        RecordingStream _ = record(STATISTICS)) {
      RecordedEvent first = next();
      while (first.getLong("memoryUsage") < 5_000_000 || first.getLong("pids") > 1) {
        first = next(); // it has not come so far yet
      }
      RecordedEvent second = next();

      assertThat(first.getString("cgroup")).isEqualTo("job-1");
      assertThat(first.getLong("pids")).isEqualTo(1);
      assertThat(first.getDuration("cpuTime")).isPositive();
      assertThat(first.getLong("bytesRead")).isEqualTo(Long.MIN_VALUE); // not counted, so not 0
      assertThat(second.getStartTime()).isAfter(first.getStartTime());
    }
  }

  @Test
  void anOomKillIsRecorded() throws InterruptedException {
    try (CgroupRecording _ = watch();
        RecordingStream _ = record(OOM_KILL)) {
      killOne();
      RecordedEvent kill = next();

      assertThat(kill.getString("cgroup")).isEqualTo("job-1");
      assertThat(kill.getLong("number")).isEqualTo(1);
    }
  }

  @Test
  void eachOfSeveralKillsHasAnEvent() throws InterruptedException {
    try (CgroupRecording _ = watch();
        RecordingStream _ = record(OOM_KILL)) {
      killOne();
      group.run(
          "for i in 1 2 3; do head -c 60000000 /dev/zero | tail -c 50000000; done >/dev/null");

      for (long number = 1; number <= 4; number++) {
        assertThat(next().getLong("number")).isEqualTo(number);
      }
    }
  }

  @Test
  void aKillJustBeforeTheEndIsRecordedOnce() throws InterruptedException {
    try (RecordingStream stream = record(OOM_KILL)) {
      try (CgroupRecording _ = watch()) {
        killOne();
      }
      assertThat(next().getLong("number")).isEqualTo(1);
      stream.stop(); // everything is delivered then
      assertThat(events).isEmpty();
    }
  }

  @Test
  void anOpenGroupOfTheLibraryIsWatchedUnasked() throws Exception {
    long limit = 16 << 20;
    Resources resources =
        Resources.builder().memory(limit).memorySwap(Limit.of(limit)).pids(10).build();
    try (Cgroup cgroup = Cgroup.create("job-2", resources);
        RecordingStream _ = record(OOM_KILL)) {
      Process process = group.start("read go; exec tail /dev/zero >/dev/null");
      cgroup.attach(process.pid());
      TestGroups.say(process, "go");

      RecordedEvent kill = next();
      assertThat(kill.getString("cgroup")).isEqualTo("job-2");
      assertThat(kill.getLong("number")).isEqualTo(cgroup.oomKilled().orElseThrow()).isEqualTo(1);
    }
  }

  @Test
  void whileNothingIsRecordedNothingIsOpen() throws IOException {
    try (CgroupRecording _ = watch()) {
      long open = open();
      try (Recording recording = new Recording()) {
        recording.enable(OOM_KILL);
        recording.start();
        assertThat(openOf("belljar-test")).isGreaterThan(0);
        recording.stop();
      }
      assertThat(open()).isEqualTo(open);
    }
  }

  private long open() throws IOException {
    return openOf("");
  }

  private static long openOf(String name) throws IOException {
    try (Stream<Path> links = Files.list(Path.of("/proc/self/fd"))) {
      return links
          .filter(link -> target(link).contains(name))
          .filter(link -> target(link).contains("memory."))
          .count();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException closed) {
      return "";
    }
  }
}
