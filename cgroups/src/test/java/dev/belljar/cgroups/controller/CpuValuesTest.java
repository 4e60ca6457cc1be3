package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.cgroups.tree.FlatKeyed;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuValuesTest {
  private static final long LARGEST = 1L << 44; // the most microseconds the kernel takes

  private static Duration micros(long micros) {
    return Duration.of(micros, ChronoUnit.MICROS);
  }

  @Property
  void aQuotaIsParsedAsItIsPrinted(
      @ForAll @LongRange(min = 0, max = LARGEST) long quota,
      @ForAll @LongRange(min = 0, max = 1_000_000) long period) {
    CpuMax limited = new CpuMax(TimeLimit.of(micros(quota)), micros(period));
    CpuMax unlimited = new CpuMax(TimeLimit.UNLIMITED, micros(period));

    assertThat(CpuMax.parse(limited.toString())).isEqualTo(limited);
    assertThat(limited).hasToString(quota + " " + period);
    assertThat(CpuMax.parse(unlimited.toString())).isEqualTo(unlimited);
    assertThat(unlimited).hasToString("max " + period);
  }

  @Test
  void aQuotaOfCpusIsAnUpperBound() {
    CpuMax max = CpuMax.of(CpuQuota.ofCpus(1.5));

    assertThat(max).hasToString("150000 100000");
    assertThat(max.asQuota()).contains(CpuQuota.ofCpus(1.5));
    assertThat(CpuMax.UNLIMITED.asQuota()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "max", "1 2 3", "x 100000"})
  void aMalformedQuotaIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> CpuMax.parse(text));
  }

  @Test
  void bothVersionsSayUnlimitedIntoOneValue() {
    assertThat(TimeLimit.parse("-1\n")).isEqualTo(TimeLimit.UNLIMITED);
    assertThat(TimeLimit.parse("max")).isEqualTo(TimeLimit.UNLIMITED);
    assertThat(TimeLimit.UNLIMITED.print("-1")).isEqualTo("-1");
    assertThat(TimeLimit.of(Duration.ZERO).isUnlimited()).isFalse();
  }

  @Test
  void partsOfAMicrosecondAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> TimeLimit.of(Duration.ofNanos(1500)));
    assertThatIllegalArgumentException().isThrownBy(() -> TimeLimit.of(Duration.ofMillis(-1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CpuMax(TimeLimit.UNLIMITED, Duration.ofNanos(1)));
  }

  @Property
  void aUtilizationIsParsedAsItIsPrinted(@ForAll @IntRange(max = 10_000) int hundredths) {
    UtilizationClamp clamp = new UtilizationClamp(hundredths);

    assertThat(UtilizationClamp.parse(clamp.toString())).isEqualTo(clamp);
  }

  @Test
  void allOfTheCapacityIsMax() {
    assertThat(UtilizationClamp.parse("max")).isEqualTo(UtilizationClamp.ofPercent(100));
    assertThat(UtilizationClamp.ofPercent(50)).hasToString("50.00");
  }

  @ParameterizedTest
  @ValueSource(
      doubles = {
        100.1,
        -0.1,
        1e300,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        184_467_440_737_095_520.0, // 2^64 hundredths, of which an int would keep nothing
        42_949_672.96
      })
  void aUtilizationOutOfRangeIsRefused(double percent) {
    assertThatIllegalArgumentException().isThrownBy(() -> UtilizationClamp.ofPercent(percent));
  }

  @Test
  void version1CountsNanoseconds() {
    // of a group with a quota of 20 ms in 100 ms and a burst of 10 ms, on Linux 6.18
    String stat =
        """
        nr_periods 32
        nr_throttled 7
        throttled_time 70217461
        nr_bursts 13
        burst_time 72954508
        """;

    assertThat(CpuThrottling.v1(FlatKeyed.parse(stat)))
        .isEqualTo(
            new CpuThrottling(
                32,
                7,
                Duration.ofNanos(70_217_461),
                OptionalLong.of(13),
                Optional.of(Duration.ofNanos(72_954_508))));
  }

  @Test
  void version2CountsMicroseconds() {
    // of such a group on Linux 6.12 (Debian 12's backport, in QEMU)
    String stat =
        """
        usage_usec 3863910
        user_usec 3375750
        system_usec 488159
        nice_usec 0
        nr_periods 196
        nr_throttled 188
        throttled_usec 15084443
        nr_bursts 3
        burst_usec 20000
        """;

    assertThat(CpuThrottling.v2(FlatKeyed.parse(stat)))
        .contains(
            new CpuThrottling(
                196, 188, micros(15_084_443), OptionalLong.of(3), Optional.of(micros(20_000))));
    assertThat(CpuTimes.of(FlatKeyed.parse(stat)))
        .isEqualTo(
            new CpuTimes(
                micros(3_863_910),
                micros(3_375_750),
                micros(488_159),
                Optional.of(Duration.ZERO),
                Optional.empty()));
  }

  @Test
  void aGroupWithoutTheControllerHasTimesAndNoThrottling() {
    // a group of the version 2 tree of Linux 6.18 whose cpu controller is on version 1
    String stat = "usage_usec 0\nuser_usec 0\nsystem_usec 0\nnice_usec 0\n";

    assertThat(CpuThrottling.v2(FlatKeyed.parse(stat))).isEmpty();
    assertThat(CpuTimes.of(FlatKeyed.parse(stat)).total()).isZero();
  }

  /** {@code cpu_cfs_stat_show} and {@code cpu_extra_stat_show} of {@code kernel/sched/core.c}. */
  @Property
  void throttlingIsParsedInEitherVersionsUnit(
      @ForAll @LongRange(min = 0) long periods,
      @ForAll @LongRange(min = 0) long throttled,
      @ForAll @LongRange(min = 0, max = Long.MAX_VALUE / 1000) long time,
      @ForAll Optional<@LongRange(min = 0, max = Long.MAX_VALUE / 1000) Long> bursts) {
    String common = "nr_periods %d\nnr_throttled %d\n".formatted(periods, throttled);
    String v1 =
        common
            + "throttled_time %d\n".formatted(time)
            + bursts.map("nr_bursts %1$d\nburst_time %1$d\n"::formatted).orElse("");
    String v2 =
        common
            + "throttled_usec %d\n".formatted(time)
            + bursts.map("nr_bursts %1$d\nburst_usec %1$d\n"::formatted).orElse("");
    OptionalLong number = bursts.map(OptionalLong::of).orElse(OptionalLong.empty());

    assertThat(CpuThrottling.v1(FlatKeyed.parse(v1)))
        .isEqualTo(
            new CpuThrottling(
                periods, throttled, Duration.ofNanos(time), number, bursts.map(Duration::ofNanos)));
    assertThat(CpuThrottling.v2(FlatKeyed.parse(v2)))
        .contains(
            new CpuThrottling(
                periods, throttled, micros(time), number, bursts.map(CpuValuesTest::micros)));
  }

  /** {@code cgroup_base_stat_cputime_show} of {@code kernel/cgroup/rstat.c}. */
  @Property
  void timesAreParsed(
      @ForAll @LongRange(min = 0) long user,
      @ForAll @LongRange(min = 0) long system,
      @ForAll Optional<@LongRange(min = 0) Long> forced,
      @ForAll Optional<@LongRange(min = 0) Long> nice) {
    String stat =
        "usage_usec %d\nuser_usec %d\nsystem_usec %d\n".formatted(user / 2, user, system)
            + nice.map("nice_usec %d\n"::formatted).orElse("")
            + forced.map("core_sched.force_idle_usec %d\n"::formatted).orElse("");

    assertThat(CpuTimes.of(FlatKeyed.parse(stat)))
        .isEqualTo(
            new CpuTimes(
                micros(user / 2),
                micros(user),
                micros(system),
                nice.map(CpuValuesTest::micros),
                forced.map(CpuValuesTest::micros)));
  }
}
