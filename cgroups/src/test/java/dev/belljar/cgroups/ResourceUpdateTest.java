package dev.belljar.cgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.cgroups.controller.CpuQuota;
import dev.belljar.cgroups.controller.DeviceRule;
import dev.belljar.cgroups.controller.DeviceRules;
import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.WarmUp;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@KernelTest
@RequiresRoot
class ResourceUpdateTest {
  private static final long MIB = 1 << 20;

  @WarmUp
  static void makeOne() {
    create(
            Resources.builder()
                .cpus(1)
                .cpusetCpus("0")
                .memory(64 * MIB)
                .pids(10)
                .devices(DeviceRules.EVERYTHING))
        .close();
  }

  private static Cgroup create(ResourcesBuilder limits) {
    return Cgroup.create("update", limits.build());
  }

  private static boolean isV1(Subsystem subsystem) {
    return CgroupLayout.current()
        .with(subsystem)
        .map(Hierarchy::version)
        .equals(Optional.of(CgroupVersion.V1));
  }

  @Test
  void allLimitsOfANewGroupAreThereWhenItIsMade() {
    try (Cgroup group =
        create(
            Resources.builder()
                .cpuShares(512)
                .cpuQuota(Duration.ofMillis(20), Duration.ofMillis(50))
                .cpusetCpus("0")
                .cpusetMems("0")
                .memory(64 * MIB)
                .memoryReservation(Limit.of(32 * MIB))
                .pids(20))) {
      assertThat(group.cpuShares()).hasValue(isV1(Subsystem.CPU) ? 512 : 511);
      assertThat(group.cpuQuota().orElseThrow().cpus()).isEqualTo(0.4);
      assertThat(group.memoryLimit()).contains(Limit.of(64 * MIB));
      assertThat(group.pidsLimit()).contains(Limit.of(20));
      assertThat(group.read("cpuset.cpus")).isEqualTo("0");
      assertThat(group.read("cpuset.mems")).isEqualTo("0");
    }
  }

  @Test
  void whatIsNotSaidStaysAsItIs() {
    try (Cgroup group = create(Resources.builder().cpus(1).memory(64 * MIB).pids(20))) {
      List<Written<String>> written = group.update(Resources.builder().pids(30).build());

      assertThat(written).containsExactly(new Written<>("pids.max", "30", "30"));
      assertThat(group.pidsLimit()).contains(Limit.of(30));
      assertThat(group.memoryLimit()).contains(Limit.of(64 * MIB));
      assertThat(group.cpuQuota().orElseThrow().cpus()).isEqualTo(1);
    }
  }

  @Test
  void limitsCanBeTakenAway() {
    try (Cgroup group = create(Resources.builder().cpus(1).memory(64 * MIB).pids(20))) {
      group.update(
          Resources.builder().cpuUnlimited().memory(Limit.UNLIMITED).pids(Limit.UNLIMITED).build());

      assertThat(group.cpuQuota()).isEmpty();
      assertThat(group.memoryLimit()).contains(Limit.UNLIMITED);
      assertThat(group.pidsLimit()).contains(Limit.UNLIMITED);
    }
  }

  @Test
  void aRoundedValueIsToldFromOneThatWasTaken() {
    try (Cgroup group = create(Resources.builder().memory(64 * MIB))) {
      List<Written<String>> written =
          group.update(Resources.builder().memory(32 * MIB + 1).build());

      assertThat(written).hasSize(1);
      assertThat(written.getFirst().isExact()).isFalse();
      assertThat(written.getFirst().actual()).isEqualTo(Long.toString(32 * MIB));
    }
    try (Cgroup group = create(Resources.builder().memory(64 * MIB + 1))) {
      assertThat(group.findings())
          .anySatisfy(finding -> assertThat(finding.text()).contains("rounded", "67108864"));
    }
  }

  @Test
  void anUpdateThatMeansTheSameInOtherWordsIsExact() {
    try (Cgroup group = create(Resources.builder().cpus(1).memory(64 * MIB).cpusetCpus("0"))) {
      assertThat(
              group.update(
                  Resources.builder()
                      .cpuUnlimited()
                      .memory(Limit.UNLIMITED)
                      .memoryReservation(Limit.UNLIMITED)
                      .cpusetCpus("0,0-0")
                      .build()))
          .hasSizeGreaterThan(3)
          .allMatch(Written::isExact);
    }
  }

  @Test
  void theDefaultPeriodReplacesAnother() {
    try (Cgroup group =
        create(Resources.builder().cpuQuota(Duration.ofMillis(10), Duration.ofMillis(50)))) {
      group.update(Resources.builder().cpus(0.5).build());

      assertThat(group.cpuQuota()).contains(CpuQuota.ofCpus(0.5));
    }
  }

  @Test
  void aRefusedUpdateGivesAGroupThatBecameIdleItsShareBack() {
    try (Cgroup group = create(Resources.builder().cpuShares(700).cpusetCpus("0"))) {
      long before = group.cpuShares().orElseThrow();
      assertThatThrownBy(
              () -> group.update(Resources.builder().cpuIdle(true).cpusetCpus("4000").build()))
          .isInstanceOf(LinuxException.class);

      assertThat(group.read("cpu.idle")).isEqualTo("0");
      assertThat(group.cpuShares()).hasValue(before);
    }
  }

  @Test
  void whatTheKernelRefusesIsExplained() {
    try (Cgroup group = create(Resources.builder().cpusetCpus("0"))) {
      assertThatThrownBy(() -> group.update(Resources.builder().cpusetCpus("4000").build()))
          .isInstanceOf(LinuxException.class)
          .hasMessageContaining("4000 to /")
          .hasMessageContaining("above the highest that this kernel counts");
    }
    assertThatThrownBy(() -> create(Resources.builder().cpusetCpus("4000")))
        .hasMessageContaining("above the highest that this kernel counts");
  }

  @Test
  void memoryOfTheGroupThatTheJvmIsInIsNotLowered() {
    long self = ProcessHandle.current().pid();
    try (Cgroup group = create(Resources.builder().memory(4096 * MIB))) {
      Hierarchy hierarchy = CgroupLayout.current().with(Subsystem.MEMORY).orElseThrow();
      CgroupDirectory memory = group.directory(hierarchy);
      try (CgroupDirectory home =
          CgroupDirectory.open(hierarchy, hierarchy.groupOf(self).orElseThrow())) {
        memory.attach(self);
        try {
          assertThatIllegalStateException()
              .isThrownBy(() -> group.update(Resources.builder().memory(2048 * MIB).build()))
              .withMessageContaining("lowering memory.")
              .withMessageContaining("would hit this JVM");
          group.update(Resources.builder().memory(Limit.UNLIMITED).build());
        } finally {
          home.attach(self);
        }
      }
      group.update(Resources.builder().memory(2048 * MIB).build());
      assertThat(group.memoryLimit()).contains(Limit.of(2048 * MIB));
    }
  }

  @Test
  void devicesOfTheGroupThatTheJvmIsInAreRefusedBeforeAnythingIsWritten() {
    long self = ProcessHandle.current().pid();
    DeviceRules some = DeviceRules.of(DeviceRule.allow("c *:* rwm"));
    try (Cgroup group =
        create(Resources.builder().cpusetCpus("0").devices(DeviceRules.EVERYTHING))) {
      Hierarchy hierarchy =
          CgroupLayout.current()
              .with(Subsystem.DEVICES)
              .or(() -> CgroupLayout.current().v2())
              .orElseThrow();
      try (CgroupDirectory home =
          CgroupDirectory.open(hierarchy, hierarchy.groupOf(self).orElseThrow())) {
        group.directory(hierarchy).attach(self);
        try {
          // The first write would be refused by the kernel.
          assertThatIllegalStateException()
              .isThrownBy(
                  () -> group.update(Resources.builder().cpusetCpus("4000").devices(some).build()))
              .withMessageContaining("denying devices to");
        } finally {
          home.attach(self);
        }
      }
    }
  }

  @Test
  void burstGoesDownBeforeTheQuotaAndUpAfterIt() {
    try (Cgroup group =
        create(
            Resources.builder()
                .cpuQuota(Duration.ofMillis(50), Duration.ofMillis(100))
                .cpuBurst(Duration.ofMillis(40)))) {
      group.update(
          Resources.builder()
              .cpuQuota(Duration.ofMillis(20), Duration.ofMillis(100))
              .cpuBurst(Duration.ofMillis(10))
              .build());
      assertThat(group.cpuQuota().orElseThrow().cpus()).isEqualTo(0.2);

      group.update(
          Resources.builder()
              .cpuQuota(Duration.ofMillis(80), Duration.ofMillis(100))
              .cpuBurst(Duration.ofMillis(70))
              .build());
      String file = isV1(Subsystem.CPU) ? "cpu.cfs_burst_us" : "cpu.max.burst";
      assertThat(group.read(file)).isEqualTo("70000");
    }
  }

  @Test
  void burstQuotaAndPeriodGoDownTogether() {
    try (Cgroup group =
        create(
            Resources.builder()
                .cpuQuota(Duration.ofMillis(100), Duration.ofMillis(100))
                .cpuBurst(Duration.ofMillis(80)))) {
      group.update(
          Resources.builder()
              .cpuQuota(Duration.ofMillis(20), Duration.ofMillis(50))
              .cpuBurst(Duration.ofMillis(10))
              .build());

      assertThat(group.cpuQuota())
          .contains(new CpuQuota(Duration.ofMillis(20), Duration.ofMillis(50)));
      String file = isV1(Subsystem.CPU) ? "cpu.cfs_burst_us" : "cpu.max.burst";
      assertThat(group.read(file)).isEqualTo("10000");
    }
  }

  @Test
  void anIdleGroupGetsAShareOnlyWhenItIsNoLongerIdle() {
    try (Cgroup group = create(Resources.builder().cpuIdle(true))) {
      assertThat(group.read("cpu.idle")).isEqualTo("1");
      Resources share = Resources.builder().cpuShares(512).build();
      assertThatIllegalStateException()
          .isThrownBy(() -> group.update(share))
          .withMessageContaining("cpuIdle(false)");

      group.update(share.toBuilder().cpuIdle(false).build());

      assertThat(group.read("cpu.idle")).isEqualTo("0");
      assertThat(group.cpuShares()).hasValue(isV1(Subsystem.CPU) ? 512 : 511);
    }
  }

  @Test
  void memoryAndSwapGrowAndShrinkTogether() {
    try (Cgroup group =
        create(Resources.builder().memory(64 * MIB).memorySwap(Limit.of(96 * MIB)))) {
      group.update(Resources.builder().memory(128 * MIB).memorySwap(Limit.of(160 * MIB)).build());
      group.update(Resources.builder().memory(32 * MIB).memorySwap(Limit.of(48 * MIB)).build());

      assertThat(group.memoryLimit()).contains(Limit.of(32 * MIB));
      boolean v1 = isV1(Subsystem.MEMORY);
      assertThat(group.read(v1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max"))
          .isEqualTo(Long.toString((v1 ? 48 : 16) * MIB));
    }
  }

  @Test
  void anUpdateOfOneHalfKeepsTheOther() {
    boolean v1 = isV1(Subsystem.MEMORY);
    String file = v1 ? "memory.memsw.limit_in_bytes" : "memory.swap.max";
    try (Cgroup group =
        create(Resources.builder().memory(64 * MIB).memorySwap(Limit.of(96 * MIB)))) {
      group.update(Resources.builder().memory(80 * MIB).build());
      assertThat(group.read(file)).isEqualTo(Long.toString((v1 ? 96 : 16) * MIB));

      group.update(Resources.builder().memorySwap(Limit.of(112 * MIB)).build());
      assertThat(group.read(file)).isEqualTo(Long.toString((v1 ? 112 : 32) * MIB));
      assertThat(group.memoryLimit()).contains(Limit.of(80 * MIB));

      assertThatIllegalArgumentException()
          .isThrownBy(() -> group.update(Resources.builder().memory(128 * MIB).build()))
          .withMessageContaining("at least the memory limit");
    }
  }

  @Test
  void swapOfANewGroupNeedsAMemoryLimit() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> create(Resources.builder().memorySwap(Limit.of(96 * MIB))))
        .withMessageContaining("needs a memory limit");
  }

  @Test
  void aRefusedUpdatePutsTheEarlierValuesBack() {
    try (Cgroup group = create(Resources.builder().cpus(1).cpusetCpus("0").pids(20))) {
      // The processor does not exist, and is written before the number of processes.
      assertThatThrownBy(
              () -> group.update(Resources.builder().cpus(2).pids(30).cpusetCpus("4000").build()))
          .isInstanceOf(LinuxException.class)
          .hasMessageContaining("cpuset.cpus");

      assertThat(group.cpuQuota().orElseThrow().cpus()).isEqualTo(1);
      assertThat(group.read("cpuset.cpus")).isEqualTo("0");
      assertThat(group.pidsLimit()).contains(Limit.of(20));
    }
  }

  // On version 2 the controllers of the JVM's other groups are there for this one, too.
  @Test
  @RequiresCgroupV1("memory")
  void whatAGroupWasMadeWithoutIsToldAllAtOnce() {
    try (Cgroup group = create(Resources.builder().pids(20))) {
      assertThatThrownBy(
              () -> group.update(Resources.builder().cpus(1).memory(64 * MIB).pids(10).build()))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("cpus 1.0")
          .hasMessageContaining("memory 67108864");
      assertThat(group.pidsLimit()).contains(Limit.of(20));
    }
  }

  @Test
  @RequiresCgroupV1("memory")
  void version1TakesWhatVersion2CannotSay() {
    try (Cgroup group =
        create(Resources.builder().memory(64 * MIB).swappiness(10).oomKiller(false))) {
      assertThat(group.read("memory.swappiness")).isEqualTo("10");
      assertThat(group.read("memory.oom_control")).contains("oom_kill_disable 1");
      group.update(Resources.builder().oomKiller(true).build());
      assertThat(group.read("memory.oom_control")).contains("oom_kill_disable 0");
    }
    assertThatThrownBy(
            () -> create(Resources.builder().memory(64 * MIB).unified("memory.high", "1000000")))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("memory.high");
  }

  @Test
  @RequiresCgroupV2("memory")
  void version2SaysWhatItCannotExpressAllAtOnce() {
    assertThatThrownBy(() ->
            create(
                Resources.builder().memory(64 * MIB).swappiness(10).oomKiller(false).netClass(1)))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("swappiness 10")
        .hasMessageContaining("oomKiller false")
        .hasMessageContaining("netClass 1");
    try (Cgroup group =
        create(Resources.builder().memory(64 * MIB).unified("memory.high", "33554432"))) {
      assertThat(group.read("memory.high")).isEqualTo("33554432");
    }
  }

  @Test
  @RequiresCgroupV2("memory")
  void aMemoryLimitBelowWhatIsUsedIsRefusedUnlessAskedFor() throws Exception {
    try (Cgroup group = create(Resources.builder().memory(64 * MIB))) {
      Process process =
          new ProcessBuilder(
                  "sh",
                  "-c",
                  "read go; x=$(head -c 8000000 /dev/zero | tr '\\0' x); echo; read end")
              .start();
      try {
        group.attach(process.pid());
        process.outputWriter().append("go\n").flush();
        process.inputReader().readLine();
        Resources little = Resources.builder().memory(MIB).build();

        assertThatIllegalStateException()
            .isThrownBy(() -> group.update(little))
            .withMessageContaining("MAY_KILL");
        assertThat(process.isAlive()).isTrue();

        group.update(little, UpdateOption.MAY_KILL);
        assertThat(process.waitFor()).isEqualTo(137);
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
  }
}
