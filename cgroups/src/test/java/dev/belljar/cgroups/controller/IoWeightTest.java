package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class IoWeightTest {
  @Test
  void theEndsBecomeTheEnds() {
    assertThat(IoWeight.ofBlkio(10)).isEqualTo(1);
    assertThat(IoWeight.ofBlkio(1000)).isEqualTo(10_000);
    assertThat(IoWeight.toBfq(1)).isEqualTo(1);
    assertThat(IoWeight.toBfq(100)).isEqualTo(100);
    assertThat(IoWeight.toBfq(10_000)).isEqualTo(1000);
  }

  @Test
  void whatIsOutOfRangeIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> IoWeight.ofBlkio(9));
    assertThatIllegalArgumentException().isThrownBy(() -> IoWeight.toBfq(10_001));
  }

  @Property
  void moreNeverWeighsLess(
      @ForAll @LongRange(min = 10, max = 999) long blkio,
      @ForAll @LongRange(min = 1, max = 9_999) long io) {
    assertThat(IoWeight.ofBlkio(blkio + 1)).isGreaterThan(IoWeight.ofBlkio(blkio));
    assertThat(IoWeight.toBfq(io + 1)).isGreaterThanOrEqualTo(IoWeight.toBfq(io));
  }
}
