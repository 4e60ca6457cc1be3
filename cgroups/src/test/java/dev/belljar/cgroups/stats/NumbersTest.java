package dev.belljar.cgroups.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.StringLength;

class NumbersTest {
  @Property
  void eightBytesAreParsedAtOnce(
      @ForAll @IntRange(min = 0, max = 99_999_999) int number,
      @ForAll @AlphaChars @StringLength(8) String after) {
    byte[] text = (number + after).getBytes(StandardCharsets.US_ASCII);
    long word = (long) Keys.WORD.get(text, 0);

    assertThat(Numbers.digits(word)).isEqualTo(Integer.toString(number).length());
    assertThat(Numbers.value(word, Numbers.digits(word))).isEqualTo(number);
  }

  @Property
  void whatIsNoDigitEndsTheNumber(@ForAll byte[] bytes) {
    byte[] text = Sample.withSlack(bytes);
    int expected = 0;
    while (expected < 8 && text[expected] >= '0' && text[expected] <= '9') {
      expected++;
    }
    assertThat(Numbers.digits((long) Keys.WORD.get(text, 0))).isEqualTo(expected);
  }

  @Property
  void whatIsPrintedIsParsed(@ForAll @LongRange(min = 0) long number) {
    byte[] text = (number + "\n").getBytes(StandardCharsets.US_ASCII);

    assertThat(Numbers.parse(text, 0, text.length)).isEqualTo(number);
  }
}
