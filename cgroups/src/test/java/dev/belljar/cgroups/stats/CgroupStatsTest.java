package dev.belljar.cgroups.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.cgroups.testing.TestGroups;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
@RequiresRoot
class CgroupStatsTest {
  private TestGroups group;

  @BeforeEach
  void make() {
    group = TestGroups.everywhere();
  }

  @AfterEach
  void remove() {
    group.close();
  }

  private CgroupStats read() {
    return CgroupStats.read(group.directories());
  }

  @Test
  void whatTheProcessesUseIsCounted() {
    group.run("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; read x");
    TestGroup.until(
        "processor time is counted",
        () -> read().cpu().flatMap(CpuStats::user).filter(Duration::isPositive).isPresent());

    TestGroup.until( // every 2 s the kernel adds up what the processors have counted
        "memory is counted", () -> read().memory().orElseThrow().anonymous().orElseThrow() > 0);

    CgroupStats stats = read();
    CpuStats cpu = stats.cpu().orElseThrow();
    assertThat(cpu.total().orElseThrow()).isPositive();
    assertThat(cpu.throttling().orElseThrow().time()).isZero(); // counted, and it is none
    MemoryStats memory = stats.memory().orElseThrow();
    assertThat(memory.usage().orElseThrow()).isPositive();
    assertThat(memory.limit().orElseThrow().isUnlimited()).isTrue();
    assertThat(memory.oomKills()).hasValue(0);
    assertThat(memory.counters()).containsKey("pgfault");
    PidsStats pids = stats.pids().orElseThrow();
    assertThat(pids.current()).isEqualTo(1);
    assertThat(pids.limit().isUnlimited()).isTrue();
  }

  @Test
  void theTimesOfAllProcessorsAddUp() {
    group.run("read x");
    Optional<CpuStats> cpu = read().cpu().filter(each -> !each.perCpu().isEmpty());
    cpu.ifPresent(each ->
        assertThat(each.perCpu().stream().reduce(Duration.ZERO, Duration::plus))
            .isGreaterThanOrEqualTo(each.total().orElseThrow()));
    assertThat(cpu.isPresent()).isEqualTo(group.with("cpuacct.usage_percpu").isPresent());
  }

  @Test
  void whatIsNotCountedIsNotThere() {
    List<CgroupDirectory> withoutMemory =
        group.directories().stream().filter(each -> !each.has("memory.stat")).toList();
    if (!withoutMemory.isEmpty()) {
      assertThat(CgroupStats.read(withoutMemory).memory()).isEmpty();
    }
    CgroupStats stats = read();
    assertThat(stats.io()).isEmpty(); // nothing was read or written, and there is no rule
    assertThat(stats.rdma()).isEmpty();
    assertThat(stats.cpuPressure().isPresent())
        .isEqualTo(group.v2().filter(each -> each.has("cpu.pressure")).isPresent());
    assertThat(stats.irqPressure().isPresent())
        .isEqualTo(group.v2().filter(each -> each.has("irq.pressure")).isPresent());
    assertThat(stats.pids().orElseThrow().peak().isPresent())
        .isEqualTo(group.with("pids.peak").isPresent());
  }

  @Test
  void theNodesOfMemoryAreInBytes() {
    group.run("read x");
    CgroupStats stats = read();
    if (group.with("memory.numa_stat").isEmpty()) {
      assertThat(stats.memory().orElseThrow().numa()).isEmpty();
      return;
    }
    MemoryStats memory = stats.memory().orElseThrow();
    assertThat(memory.numa()).containsKey(0);
    long anonymous = memory.numa().values().stream().mapToLong(each -> each.get("anon")).sum();
    assertThat(anonymous % 4096).isZero();
  }

  @Test
  void hugePagesAreReadBySize() {
    assertThat(read().hugetlb().isEmpty())
        .isEqualTo(
            group.directories().stream()
                .noneMatch(each ->
                    each.files().stream().anyMatch(file -> file.name().startsWith("hugetlb."))));
    read().hugetlb().values().forEach(each -> assertThat(each.usage()).isZero());
  }

  @Test
  void aGroupThatIsGoneIsSaidToBe() {
    List<CgroupDirectory> below = new ArrayList<>();
    group.directories().forEach(each -> below.add(each.create("below")));
    below.forEach(CgroupDirectory::remove);
    try {
      assertThatExceptionOfType(LinuxException.class)
          .isThrownBy(() -> CgroupStats.read(below))
          .matches(failure -> failure.is(Errno.ENODEV));
    } finally {
      below.forEach(CgroupDirectory::close);
    }
  }
}
