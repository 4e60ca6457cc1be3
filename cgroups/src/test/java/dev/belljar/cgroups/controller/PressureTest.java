package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.cgroups.controller.Pressure.Stall;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PressureTest {
  /** The root's cpu.pressure of Linux 6.1 (Debian 12, in QEMU). */
  private static final String CPU =
      """
      some avg10=13.11 avg60=7.03 avg300=1.88 total=5698796
      full avg10=0.00 avg60=0.00 avg300=0.00 total=0
      """;

  @Test
  void bothLinesAreRead() {
    Pressure pressure = Pressure.parse(CPU);

    assertThat(pressure.some())
        .contains(new Stall(13.11, 7.03, 1.88, Duration.of(5_698_796, ChronoUnit.MICROS)));
    assertThat(pressure.full()).contains(new Stall(0, 0, 0, Duration.ZERO));
    assertThat(pressure).hasToString(CPU.strip());
  }

  @Test
  void aLineThatIsNotThereIsAbsentNotZero() {
    assertThat(Pressure.parse(CPU.lines().findFirst().orElseThrow()).full()).isEmpty();
    assertThat(Pressure.parse("")).isEqualTo(new Pressure(Optional.empty(), Optional.empty()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"some", "some avg10=1.00", "some avg10=1 avg60=1 avg300=1 sum=1", "full a b c d"})
  void anotherFormIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Pressure.parse(text));
  }

  @Property
  void whatIsPrintedIsParsed(
      @ForAll @IntRange(max = 10_000) int average, @ForAll @LongRange(min = 0) long micros) {
    Stall stall = new Stall(average / 100.0, 0, 100, Duration.of(micros / 1000, ChronoUnit.MICROS));
    Pressure irq = new Pressure(Optional.empty(), Optional.of(stall));
    Pressure memory = new Pressure(Optional.of(stall), Optional.of(stall));

    assertThat(Pressure.parse(irq.toString())).isEqualTo(irq);
    assertThat(Pressure.parse(memory.toString())).isEqualTo(memory);
  }
}
