package dev.belljar.cgroups.hierarchy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class SubsystemStatusTest {
  /** Linux 6.18 on x86-64 with some subsystems on version 1. */
  private static final String HYBRID =
      """
      #subsys_name\thierarchy\tnum_cgroups\tenabled
      cpuset\t3\t4\t1
      cpu\t1\t5\t1
      cpuacct\t2\t4\t1
      blkio\t7\t4\t1
      memory\t4\t47\t1
      devices\t5\t4\t1
      freezer\t6\t4\t1
      net_cls\t0\t7\t1
      perf_event\t0\t7\t1
      net_prio\t0\t7\t1
      hugetlb\t0\t7\t1
      pids\t8\t5\t1
      """;

  private static SubsystemStatus of(
      String file, Optional<Set<Subsystem>> v2, Set<Subsystem> used, Subsystem subsystem) {
    return SubsystemStatus.parse(file, v2, used).get(subsystem.ordinal());
  }

  private static SubsystemStatus hybrid(Subsystem subsystem) {
    return of(HYBRID, Optional.of(Set.of(Subsystem.HUGETLB)), Set.of(), subsystem);
  }

  @Test
  void whatIsOnAVersion1HierarchyIsNotFree() {
    SubsystemStatus memory = hybrid(Subsystem.MEMORY);

    assertThat(memory.exists()).isTrue();
    assertThat(memory.isEnabled()).isTrue();
    assertThat(memory.hierarchyId()).isEqualTo(4);
    assertThat(memory.groups()).hasValue(47);
    assertThat(memory.isOnV2()).isFalse();
    assertThat(memory.isFreeToMount()).isFalse();
  }

  @Test
  void whatIsOnNoVersion1HierarchyIsOnVersion2AndFreeUntilItIsUsedThere() {
    assertThat(hybrid(Subsystem.HUGETLB).isOnV2()).isTrue();
    assertThat(hybrid(Subsystem.HUGETLB).isFreeToMount()).isTrue();
    SubsystemStatus used =
        of(
            HYBRID,
            Optional.of(Set.of(Subsystem.HUGETLB)),
            Set.of(Subsystem.HUGETLB),
            Subsystem.HUGETLB);
    assertThat(used.isInUseOnV2()).isTrue();
    assertThat(used.isFreeToMount()).isFalse();
  }

  @Test
  void perfEventIsOnVersion2WithoutBeingListedThere() {
    assertThat(hybrid(Subsystem.PERF_EVENT).isOnV2()).isTrue();
  }

  @Test
  void whatVersion2LacksIsFreeAndNowhere() {
    assertThat(hybrid(Subsystem.NET_CLS).isOnV2()).isFalse();
    assertThat(hybrid(Subsystem.NET_CLS).isFreeToMount()).isTrue();
  }

  @Test
  void whatTheKernelDoesNotListIsAbsentUnlessVersion2HasIt() {
    assertThat(hybrid(Subsystem.RDMA).exists()).isFalse();
    assertThat(hybrid(Subsystem.RDMA).isFreeToMount()).isFalse();
    SubsystemStatus misc =
        of(HYBRID, Optional.of(Set.of(Subsystem.MISC)), Set.of(), Subsystem.MISC);
    assertThat(misc.exists()).isTrue();
    assertThat(misc.isOnV2()).isTrue();
    assertThat(misc.isFreeToMount()).isFalse(); // the kernel has no version 1 of it
  }

  // Of the kernel's cgroup_disable=memory: the last column is 0 (cgroups(7)).
  @Test
  void whatWasDisabledAtBootIsNeitherOnVersion2NorFree() {
    String disabled = HYBRID.replace("hugetlb\t0\t7\t1", "hugetlb\t0\t1\t0");
    SubsystemStatus hugetlb = of(disabled, Optional.of(Set.of()), Set.of(), Subsystem.HUGETLB);

    assertThat(hugetlb.exists()).isTrue();
    assertThat(hugetlb.isEnabled()).isFalse();
    assertThat(hugetlb.isOnV2()).isFalse();
    assertThat(hugetlb.isFreeToMount()).isFalse();
  }

  @Test
  void aSubsystemOfAnotherKernelIsListedWithoutBeingKnown() {
    List<SubsystemStatus> all =
        SubsystemStatus.parse(HYBRID + "debug\t0\t1\t1\n", Optional.empty(), Set.of());

    assertThat(all).hasSize(Subsystem.values().length + 1);
    assertThat(all.getLast().name()).isEqualTo("debug");
    assertThat(all.getLast().subsystem()).isEmpty();
  }

  @Nested
  @KernelTest
  class OnThisMachine {
    @Test
    void everyLineOfTheKernelIsThere() throws Exception {
      List<String> names =
          Files.readAllLines(Path.of("/proc/cgroups")).stream()
              .filter(line -> !line.startsWith("#"))
              .map(line -> line.split("\t")[0])
              .toList();

      assertThat(SubsystemStatus.readAll())
          .filteredOn(SubsystemStatus::exists)
          .extracting(SubsystemStatus::name)
          .containsAll(names);
    }

    @Test
    @RequiresRoot
    @RequiresCgroupV1("memory")
    void memoryOnVersion1IsOnItsHierarchy() {
      SubsystemStatus memory = SubsystemStatus.read(Subsystem.MEMORY);

      assertThat(memory.isOnV2()).isFalse();
      assertThat(memory.hierarchyId())
          .isEqualTo(CgroupLayout.read().with(Subsystem.MEMORY).orElseThrow().id());
    }

    @Test
    @RequiresCgroupV2("memory")
    void memoryOnVersion2IsThere() {
      SubsystemStatus memory = SubsystemStatus.read(Subsystem.MEMORY);

      assertThat(memory.isOnV2()).isTrue();
      assertThat(memory.hierarchyId()).isZero();
    }
  }
}
