package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CpuSharesTest {
  @ParameterizedTest
  @CsvSource({"2, 1", "3, 2", "512, 59", "1024, 100", "1025, 101", "262144, 10000"})
  void sharesBecomeTheWeightOfTheFormula(long shares, long weight) {
    assertThat(CpuShares.toWeight(shares)).isEqualTo(weight);
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, -1, 0, 1})
  void fewerThanTheLeastCountAsTheLeast(long shares) {
    assertThat(CpuShares.toWeight(shares)).isEqualTo(1);
  }

  @Test
  void moreThanTheMostCountAsTheMost() {
    assertThat(CpuShares.toWeight(Long.MAX_VALUE)).isEqualTo(10_000);
  }

  @Property
  void moreSharesNeverWeighLess(
      @ForAll @LongRange(min = 2, max = 262_144) long shares,
      @ForAll @LongRange(min = 2, max = 262_144) long others) {
    assertThat(CpuShares.toWeight(Math.max(shares, others)))
        .isGreaterThanOrEqualTo(CpuShares.toWeight(Math.min(shares, others)));
  }

  @Test
  void everyWeightThereAndBackIsItself() {
    for (long weight = 1; weight <= CpuShares.MAX_WEIGHT; weight++) {
      assertThat(CpuShares.toWeight(CpuShares.ofWeight(weight))).isEqualTo(weight);
    }
  }

  @Property
  void noSmallerSharesHaveTheWeight(@ForAll @LongRange(min = 2, max = 10_000) long weight) {
    assertThat(CpuShares.toWeight(CpuShares.ofWeight(weight) - 1)).isLessThan(weight);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 10_001})
  void aWeightOutOfRangeIsRefused(long weight) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CpuShares.ofWeight(weight))
        .withMessageContaining(Long.toString(weight));
  }

  @Test
  void theOldStraightLineCanBeAskedFor() {
    assertThat(CpuShares.Conversion.LINEAR.toWeight(2)).isEqualTo(1);
    assertThat(CpuShares.Conversion.LINEAR.toWeight(512)).isEqualTo(20);
    assertThat(CpuShares.Conversion.LINEAR.toWeight(1024)).isEqualTo(39);
    assertThat(CpuShares.Conversion.LINEAR.toWeight(262_144)).isEqualTo(10_000);
    assertThat(CpuShares.Conversion.CURVE.toWeight(512)).isEqualTo(59);
  }
}
