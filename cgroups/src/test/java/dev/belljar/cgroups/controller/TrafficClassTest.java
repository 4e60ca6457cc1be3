package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrafficClassTest {
  @Test
  void theNumbersAreHexadecimalAsInTc() {
    // the example of the kernel's document: 0x100001 is 10:1, and prints as 1048577
    assertThat(TrafficClass.parse("10:1").classid()).isEqualTo(0x100001).isEqualTo(1_048_577);
    assertThat(TrafficClass.of(1_048_577)).hasToString("10:1");
  }

  @Property
  void aClassIsParsedAsItIsPrinted(@ForAll @LongRange(min = 0, max = 0xffff_ffffL) long classid) {
    TrafficClass traffic = TrafficClass.of(classid);

    assertThat(traffic.classid()).isEqualTo(classid);
    assertThat(TrafficClass.parse(traffic.toString())).isEqualTo(traffic);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "g:1", "10000:1", "1:10000", "-1:1"})
  void anotherFormIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> TrafficClass.parse(text));
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 1L << 32})
  void moreThan32BitsAreRefused(long classid) {
    assertThatIllegalArgumentException().isThrownBy(() -> TrafficClass.of(classid));
  }
}
