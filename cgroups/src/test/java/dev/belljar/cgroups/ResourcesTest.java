package dev.belljar.cgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.cgroups.controller.CpuQuota;
import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.linux.DeviceNumber;
import java.time.Duration;
import java.util.OptionalLong;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResourcesTest {
  @Test
  void whatIsNotSetIsNotLimited() {
    assertThat(Resources.none().subsystems()).isEmpty();
    assertThat(Resources.none()).hasToString("no limits");
  }

  @Test
  void eachLimitNamesTheSubsystemItNeeds() {
    assertThat(Resources.builder().cpuShares(2).build().subsystems())
        .containsExactly(Subsystem.CPU);
    assertThat(Resources.builder().cpus(1).build().subsystems()).containsExactly(Subsystem.CPU);
    assertThat(Resources.builder().memory(1 << 20).build().subsystems())
        .containsExactly(Subsystem.MEMORY);
    assertThat(Resources.builder().pids(1).build().subsystems()).containsExactly(Subsystem.PIDS);
  }

  @Test
  void allMistakesAreListedAtOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Resources.builder().cpuShares(1).cpus(0).memory(-1).pids(0).build())
        .withMessageContainingAll(
            "cpuShares must be 2 to 262144, not 1",
            "cpus must be 0.01 to 8192, not 0.0",
            "memory must be at least 65536, not -1",
            "pids must be 1 to 4194304, not 0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "0-", "a", "3-1", "0,,1", "9000"})
  void whatIsNoListOfProcessorsIsRefused(String list) {
    assertThat(Resources.builder().cpusetCpus(list).cpusetMems(list).mistakes())
        .containsExactly(
            "cpusetCpus must be a list such as 0-3,8, not \"" + list + "\"",
            "cpusetMems must be a list such as 0-3,8, not \"" + list + "\"");
  }

  @Test
  void namesOfDevicesAndInterfacesHaveNoBlanks() {
    assertThat(
            Resources.builder()
                .rdma("mlx 4", Limit.of(1), Limit.UNLIMITED)
                .netPriority("", 1)
                .mistakes())
        .containsExactly(
            "not the name of a network interface: \"\"",
            "not the name of an RDMA device: \"mlx 4\"");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cgroup.procs",
        "cgroup.threads",
        "cgroup.kill",
        "cgroup.freeze",
        "memory.reclaim"
      })
  void aFileThatDoesSomethingIsNoLimit(String file) {
    assertThat(Resources.builder().unified(file, "1").mistakes())
        .singleElement()
        .asString()
        .contains(file, "sets no limit");
  }

  @Test
  void swapCannotBeLimitedWhereMemoryIsNot() {
    assertThat(Resources.builder().memory(Limit.UNLIMITED).memorySwap(Limit.of(1 << 20)).mistakes())
        .singleElement()
        .asString()
        .contains("memorySwap counts memory and swap together");
  }

  @Test
  void numbersThatAreNoLimitsAreMistakesToo() {
    DeviceNumber disk = new DeviceNumber(8, 0);
    assertThat(
            Resources.builder()
                .hugepages(2 << 20, -1)
                .ioReadBps(disk, -1)
                .ioWriteIops(disk, 0)
                .ioWeight(disk, 9)
                .mistakes())
        .containsExactly(
            "ioWeight of 8:0 must be 10 to 1000, not 9",
            "ioReadBps must be at least 0, not -1",
            "ioWriteIops of 8:0 must be 1 to 4294967295, not 0",
            "hugepages must be at least 0, not -1");
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, -1, 0, 0.009, 8193})
  void cpusOutOfRangeAreRefused(double cpus) {
    assertThat(Resources.builder().cpus(cpus).mistakes())
        .singleElement()
        .asString()
        .contains(Double.toString(cpus));
  }

  @Test
  void aQuotaNamesBothItsMistakes() {
    assertThat(Resources.builder().cpuQuota(Duration.ofNanos(1), Duration.ofSeconds(2)).mistakes())
        .hasSize(2);
    assertThat(
            Resources.builder()
                .cpuQuota(Duration.ofSeconds(Long.MAX_VALUE), Duration.ofMillis(1))
                .mistakes())
        .hasSize(1);
    assertThat(Resources.builder().cpuQuota(Duration.ofSeconds(9), Duration.ofMillis(1)).mistakes())
        .hasSize(1);
  }

  @Test
  void theLaterCallWins() {
    Resources resources =
        Resources.builder()
            .cpus(1)
            .cpuQuota(Duration.ofMillis(5), Duration.ofMillis(10))
            .memory(1)
            .memory(1 << 20)
            .build();

    assertThat(resources.cpuQuota().orElseThrow().cpus()).isEqualTo(0.5);
    assertThat(resources.memory()).hasValue(1 << 20);
  }

  @Test
  void otherResourcesReplaceOnlyWhatTheySet() {
    Resources both =
        Resources.builder()
            .cpuShares(512)
            .pids(10)
            .with(Resources.builder().pids(20).memory(1 << 20).build())
            .build();

    assertThat(both)
        .isEqualTo(Resources.builder().cpuShares(512).pids(20).memory(1 << 20).build())
        .hasToString("cpuShares 512, memory 1048576, pids 20");
  }

  @Property
  void aBuilderOfResourcesMakesThemAgain(@ForAll("resources") Resources resources) {
    assertThat(resources.toBuilder().build()).isEqualTo(resources).hasSameHashCodeAs(resources);
  }

  @Property
  void cpusAreKeptToAMicrosecondInTheDefaultPeriod(
      @ForAll @DoubleRange(min = 0.01, max = 8192) double cpus) {
    CpuQuota quota = CpuQuota.ofCpus(cpus);

    assertThat(quota.period()).isEqualTo(Duration.ofMillis(100));
    assertThat(Math.abs(quota.cpus() - cpus)).isLessThanOrEqualTo(0.000005000001);
  }

  @Provide
  Arbitrary<Resources> resources() {
    return Combinators.combine(
            Arbitraries.longs().between(2, 262_144).optional(),
            Arbitraries.doubles().between(0.01, 64).ofScale(2).optional(),
            Arbitraries.longs().greaterOrEqual(65_536).optional(),
            Arbitraries.longs().between(1, 4_194_304).optional())
        .as((shares, cpus, memory, pids) -> {
          ResourcesBuilder builder = Resources.builder();
          shares.ifPresent(builder::cpuShares);
          cpus.ifPresent(builder::cpus);
          memory.ifPresent(builder::memory);
          pids.ifPresent(builder::pids);
          return builder.build();
        });
  }

  @Test
  void aLimitIsANumberOrUnlimited() {
    assertThat(Limit.parse("max")).isEqualTo(Limit.UNLIMITED).hasToString("unlimited");
    assertThat(Limit.parse("12")).isEqualTo(Limit.of(12)).hasToString("12");
    assertThat(Limit.of(12).value()).isEqualTo(OptionalLong.of(12));
    assertThatIllegalArgumentException().isThrownBy(() -> Limit.of(-1));
  }
}
