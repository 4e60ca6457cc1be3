package dev.belljar.cgroups.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class StallTriggerTest {
  private static StallTrigger trigger(Duration threshold, Duration window) {
    return new StallTrigger(
        StallTrigger.Resource.MEMORY, StallTrigger.Share.FULL, threshold, window);
  }

  @Test
  void isWrittenInMicroseconds() {
    assertThat(trigger(Duration.ofMillis(150), Duration.ofSeconds(1)))
        .hasToString("full 150000 1000000");
  }

  @Test
  void timesTheKernelWouldRefuseAreRefused() {
    Duration second = Duration.ofSeconds(1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trigger(Duration.ofMillis(1), Duration.ofMillis(499)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trigger(Duration.ofMillis(1), Duration.ofMillis(10_001)));
    assertThatIllegalArgumentException().isThrownBy(() -> trigger(Duration.ZERO, second));
    assertThatIllegalArgumentException().isThrownBy(() -> trigger(second.plusMillis(1), second));
    assertThatIllegalArgumentException().isThrownBy(() -> trigger(Duration.ofNanos(1500), second));
  }
}
