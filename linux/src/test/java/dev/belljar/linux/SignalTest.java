package dev.belljar.linux;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.uapi.Uapi;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SignalTest {
  @Test
  void namesTheStandardSignalsInOrder() {
    assertThat(Signal.values()).hasSize(31);
    for (int number = 1; number <= 31; number++) {
      assertThat(Signal.values()[number - 1].number()).isEqualTo(number);
      assertThat(Signal.of(number)).contains(Signal.values()[number - 1]);
    }
  }

  @ParameterizedTest
  @EnumSource
  void hasTheNumberOfTheKernelsHeader(Signal signal) throws Throwable {
    MethodHandle constant =
        MethodHandles.lookup()
            .findStatic(Uapi.class, signal.name(), MethodType.methodType(int.class));

    assertThat((int) constant.invokeExact()).isEqualTo(signal.number());
  }

  @Property
  void findsNoSignalByAnotherNumber(@ForAll int number) {
    assertThat(Signal.of(number).isPresent()).isEqualTo(number >= 1 && number <= 31);
  }

  @Test
  void describesAnyNumber() {
    assertThat(Signal.describe(9)).isEqualTo("SIGKILL");
    assertThat(Signal.describe(32)).isEqualTo("signal 32 (real-time)");
    assertThat(Signal.describe(64)).isEqualTo("signal 64 (real-time)");
    assertThat(Signal.describe(65)).isEqualTo("signal 65");
    assertThat(Signal.describe(0)).isEqualTo("signal 0");
  }
}
