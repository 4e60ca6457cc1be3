package dev.belljar.cgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.belljar.cgroups.controller.CpuQuota;
import dev.belljar.cgroups.controller.CpuShares;
import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CgroupTest extends GroupTest {
  @Test
  void limitsAreReadBackAsTheyWereSet() {
    try (Cgroup group = Cgroup.create("box", LIMITS)) {
      assertThat(group.cpuWeight()).hasValue(59);
      assertThat(CpuShares.toWeight(group.cpuShares().orElseThrow())).isEqualTo(59);
      assertThat(group.cpuQuota()).contains(CpuQuota.ofCpus(0.5));
      assertThat(group.memoryLimit()).contains(Limit.of(64 << 20));
      assertThat(group.memoryUsage().orElseThrow()).isBetween(0L, 64L << 20);
      assertThat(group.pidsLimit()).contains(Limit.of(20));
      assertThat(group.pidsCurrent()).hasValue(0);
      assertThat(group.oomKilled()).hasValue(0);
      assertThat(group.findings()).isEmpty();
    }
  }

  @Test
  void theKernelsFilesHoldTheLimits() {
    try (Cgroup group = Cgroup.create("box", LIMITS)) {
      for (Hierarchy hierarchy : group.hierarchies()) {
        Path directory = path(group, hierarchy);
        if (has(group, hierarchy, Subsystem.CPU)) {
          boolean v1 = hierarchy.version() == CgroupVersion.V1;
          assertThat(read(directory.resolve(v1 ? "cpu.shares" : "cpu.weight")))
              .isEqualTo(v1 ? "512" : "59")
              .isEqualTo(group.read(v1 ? "cpu.shares" : "cpu.weight"));
          assertThat(read(directory.resolve(v1 ? "cpu.cfs_quota_us" : "cpu.max")))
              .isEqualTo(v1 ? "50000" : "50000 100000");
        }
        if (has(group, hierarchy, Subsystem.MEMORY)) {
          boolean v1 = hierarchy.version() == CgroupVersion.V1;
          assertThat(read(directory.resolve(v1 ? "memory.limit_in_bytes" : "memory.max")))
              .isEqualTo(Integer.toString(64 << 20));
        }
        if (has(group, hierarchy, Subsystem.PIDS)) {
          assertThat(read(directory.resolve("pids.max"))).isEqualTo("20");
        }
      }
    }
  }

  private static boolean has(Cgroup group, Hierarchy hierarchy, Subsystem subsystem) {
    return group.hierarchies().contains(hierarchy)
        && CgroupLayout.current().with(subsystem).orElseThrow().equals(hierarchy);
  }

  @Test
  void aPeriodCanBeShorterAndLonger() {
    for (int millis : List.of(1, 10, 1000)) {
      CpuQuota quota = new CpuQuota(Duration.ofMillis(millis), Duration.ofMillis(millis));
      Resources limits = Resources.builder().cpuQuota(quota.quota(), quota.period()).build();
      try (Cgroup group = Cgroup.create("box", limits)) {
        assertThat(group.cpuQuota()).contains(quota);
      }
    }
  }

  @Test
  void thereIsAGroupInTheVersion2TreeAndWhereLimitsNeedOne() {
    CgroupLayout layout = CgroupLayout.current();
    for (Subsystem subsystem : EnumSet.of(Subsystem.CPU, Subsystem.MEMORY, Subsystem.PIDS)) {
      Resources limits =
          switch (subsystem) {
            case CPU -> Resources.builder().cpuShares(100).build();
            case MEMORY -> Resources.builder().memory(1 << 20).build();
            default -> Resources.builder().pids(5).build();
          };
      Set<Hierarchy> expected = new LinkedHashSet<>();
      layout.v2().ifPresent(expected::add);
      expected.add(layout.with(subsystem).orElseThrow());
      assertThat(CgroupPlacement.find(CgroupRequest.of(limits)).hierarchies())
          .containsExactlyElementsOf(expected);

      if (layout.v2().isEmpty()) {
        expected.add(layout.with(Subsystem.FREEZER).orElseThrow());
      }
      try (Cgroup group = Cgroup.create("box", limits)) { // which is killable
        assertThat(group.hierarchies()).containsExactlyInAnyOrderElementsOf(expected);
      }
    }
  }

  @Test
  void anAttachedProcessIsInEveryGroupWithAllItsChildren() throws Exception {
    Process process = waiting("sleep 100 & sleep 100 & echo; wait");
    try (Cgroup group = Cgroup.create("box", LIMITS)) {
      group.attach(process.pid());
      assertThat(group.processes()).containsExactly(process.pid());
      go(process);
      assertThat(process.inputReader(StandardCharsets.UTF_8).readLine()).isEmpty();

      List<Long> all = process.toHandle().descendants().map(ProcessHandle::pid).toList();
      assertThat(all).hasSize(2);
      for (Hierarchy hierarchy : group.hierarchies()) {
        assertThat(processesIn(path(group, hierarchy)))
            .contains(process.pid())
            .containsAll(all)
            .hasSize(3);
      }
      assertThat(group.processes()).hasSize(3).contains(process.pid()).containsAll(all);
      assertThat(group.pidsCurrent()).hasValue(3);
    } finally {
      end(process);
    }
  }

  @Test
  void nothingElseIsEverMoved() throws Exception {
    Process bystander = waiting("exit");
    Process process = waiting("exec sleep 100");
    try {
      long jvm = ProcessHandle.current().pid();
      String before = groupsOf(jvm);
      String threadsBefore = groupsOfThreads();
      String besideBefore = groupsOf(bystander.pid());
      try (Cgroup group = Cgroup.create("box", LIMITS)) {
        group.attach(process.pid());
        assertThat(groupsOf(process.pid())).isNotEqualTo(before);
        assertThat(groupsOf(jvm)).isEqualTo(before);
        assertThat(groupsOf(bystander.pid())).isEqualTo(besideBefore);
        group.kill();
      }
      JvmCgroups.release();
      assertThat(groupsOf(jvm)).isEqualTo(before);
      assertThat(groupsOfThreads()).isEqualTo(threadsBefore);
      assertThat(groupsOf(bystander.pid())).isEqualTo(besideBefore);
      assertThat(bystander.isAlive()).isTrue();
    } finally {
      end(bystander);
      end(process);
    }
  }

  /** The groups in which any thread of this JVM is. */
  private static String groupsOfThreads() throws IOException {
    try (var threads = Files.list(Path.of("/proc/self/task"))) {
      return threads
          .map(thread -> groupsOfThread(thread.resolve("cgroup")))
          .filter(text -> !text.isEmpty())
          .distinct()
          .sorted()
          .toList()
          .toString();
    }
  }

  private static String groupsOfThread(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException ended) {
      return "";
    }
  }

  @Test
  void memoryLimitKillsTheProcessThatExceedsItAndTheGroupCounts() throws Exception {
    Process process = waiting("tail /dev/zero");
    Resources limits = Resources.builder().memory(16 << 20).build();
    try (Cgroup group = Cgroup.create("box", limits)) {
      group.attach(process.pid());
      assertThat(group.oomKilled()).hasValue(0);
      go(process);
      assertThat(process.waitFor()).isEqualTo(137); // the shell says how its child ended
      assertThat(group.oomKilled()).hasValue(1);
    } finally {
      end(process);
    }
  }

  @Test
  void aProcessThatIsKilledOtherwiseIsNotCounted() throws Exception {
    Process process = waiting("sleep 100");
    try (Cgroup group = Cgroup.create("box", LIMITS)) {
      group.attach(process.pid());
      group.kill();
      assertThat(process.waitFor()).isEqualTo(137);
      assertThat(group.oomKilled()).hasValue(0);
    }
  }

  @Test
  void pidsLimitRefusesTheNextFork() throws Exception {
    Process process = waiting("for i in 1 2 3 4 5 6 7 8; do sleep 100 & done; echo not reached");
    Resources limits = Resources.builder().pids(4).build();
    try (Cgroup group = Cgroup.create("box", limits)) {
      group.attach(process.pid());
      go(process);
      assertThat(process.waitFor()).isNotZero();
      assertThat(group.pidsCurrent()).hasValue(3); // all but the shell that gave up
      group.kill();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(output).contains("fork").doesNotContain("not reached");
    } finally {
      end(process);
    }
  }

  @Test
  void cpuQuotaThrottlesWhatUsesItUp() throws Exception {
    Process process = waiting("while :; do :; done");
    Resources limits = Resources.builder().cpus(0.05).build();
    try (Cgroup group = Cgroup.create("box", limits)) {
      assertThat(throttled(group)).isZero();
      group.attach(process.pid());
      go(process);
      until("it has been throttled", () -> throttled(group) > 0);
    } finally {
      end(process);
    }
  }

  private static long throttled(Cgroup group) {
    return group
        .read("cpu.stat")
        .lines()
        .filter(line -> line.startsWith("nr_throttled "))
        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void groupsMadeInsideAreListedKilledAndRemovedToo() throws Exception {
    Process process = waiting("exec sleep 100");
    try (Cgroup group = Cgroup.create("box", Resources.builder().pids(9).build())) {
      group.attach(process.pid());
      for (Hierarchy hierarchy : group.hierarchies()) {
        Path inner = Files.createDirectory(path(group, hierarchy).resolve("inner"));
        Path deeper = Files.createDirectory(inner.resolve("deeper \u00e9"));
        Files.writeString(deeper.resolve("cgroup.procs"), Long.toString(process.pid()));
      }
      assertThat(group.processes()).containsExactly(process.pid());
    }
    assertThat(process.waitFor()).isEqualTo(137);
  }

  @Test
  void whatIsStillInItKeepsItThereUntilLater() throws Exception {
    Process process = waiting("exit");
    Cgroup group = Cgroup.create("box", LIMITS);
    try {
      group.attach(process.pid());
      assertThatExceptionOfType(LinuxException.class)
          .isThrownBy(group::remove)
          .matches(e -> e.is(Errno.EBUSY))
          .withMessageContaining("have not left the group");
      assertThat(group.processes()).containsExactly(process.pid());
    } finally {
      end(process);
      group.remove();
    }
    for (Hierarchy hierarchy : group.hierarchies()) {
      assertThat(path(group, hierarchy)).doesNotExist();
    }
  }

  @Test
  void closingTwiceIsOnceAndAClosedGroupSaysSo() {
    Cgroup group = Cgroup.create("box", LIMITS);
    group.close();
    group.close();
    group.kill();
    group.remove();
    assertThatIllegalStateException()
        .isThrownBy(group::pidsCurrent)
        .withMessageContaining("has been removed");
    for (Hierarchy hierarchy : group.hierarchies()) {
      assertThat(path(group, hierarchy)).doesNotExist();
    }
  }

  @Test
  void aNameIsTakenOnce() {
    try (Cgroup group = Cgroup.create("box", LIMITS)) {
      assertThatExceptionOfType(LinuxException.class)
          .isThrownBy(() -> Cgroup.create("box", LIMITS))
          .matches(e -> e.is(Errno.EEXIST))
          .withMessageContaining("/box");
      assertThat(group.pidsLimit()).contains(Limit.of(20)); // it is still there
      try (Cgroup other = Cgroup.create("other", LIMITS)) {
        assertThat(other.pidsLimit()).contains(Limit.of(20));
      }
    }
  }

  @Test
  void namesThatWouldLeadElsewhereAreRefused() {
    for (String name : List.of("", ".", "..", "a/b", "/a", "a\nb", "a\0b", "x".repeat(256))) {
      assertThatIllegalArgumentException().isThrownBy(() -> Cgroup.create(name, LIMITS));
    }
    try (Cgroup group = Cgroup.create("box", LIMITS)) {
      assertThatIllegalArgumentException().isThrownBy(() -> group.read("../cgroup.procs"));
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> group.openForWriting(group.hierarchies().getFirst(), "../cgroup.procs"));
    }
  }

  @Test
  void onlyAProcessCanBeAttached() throws Exception {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    try (Cgroup group = Cgroup.create("box", LIMITS)) {
      assertThatExceptionOfType(LinuxException.class)
          .isThrownBy(() -> group.attach(ended.pid()))
          .matches(e -> e.is(Errno.ESRCH));
      // 0 would be the JVM itself.
      assertThatIllegalArgumentException().isThrownBy(() -> group.attach(0));
      assertThatIllegalArgumentException().isThrownBy(() -> group.attach(-1));
    }
  }

  @Test
  void allGroupsOfTheJvmAreBelowOneParentInEachHierarchyWhichStaysForTheNext() {
    List<Path> parents;
    try (Cgroup first = Cgroup.create("first", LIMITS);
        Cgroup second = Cgroup.create("second", LIMITS)) {
      parents = first.hierarchies().stream().map(h -> path(first, h).getParent()).toList();
      for (Hierarchy hierarchy : second.hierarchies()) {
        assertThat(parents).contains(path(second, hierarchy).getParent());
      }
      assertThat(parents)
          .allSatisfy(parent ->
              assertThat(parent.getFileName().toString()).matches("belljar-[0-9a-f]{16}"));
      JvmCgroups.release(); // which leaves those that are in use
      assertThat(parents).allSatisfy(parent -> assertThat(parent.resolve("second")).exists());
    }
    assertThat(parents).allSatisfy(parent -> assertThat(parent).exists());
    JvmCgroups.release();
    assertThat(parents).allSatisfy(parent -> assertThat(parent).doesNotExist());
  }

  @Test
  void endingTheGroupsOfTheJvmKillsWhatIsInThem() throws Exception {
    Process process = waiting("exec sleep 100");
    try (Cgroup group = Cgroup.create("box", LIMITS)) {
      group.attach(process.pid());
      JvmCgroups.end();
      assertThat(process.waitFor()).isEqualTo(137);
      for (Hierarchy hierarchy : group.hierarchies()) {
        assertThat(path(group, hierarchy).getParent()).doesNotExist();
      }
    }
  }
}
