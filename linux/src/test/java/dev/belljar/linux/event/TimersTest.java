package dev.belljar.linux.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TimersTest {
  private static final long HOUR = TimeUnit.HOURS.toNanos(1);

  private final Timers timers = new Timers();
  private final List<String> ran = new ArrayList<>();

  private Timers.Timer add(long nanos, String name) {
    return timers.add(nanos, () -> ran.add(name));
  }

  @Test
  void withoutATimerThereIsNothingToWaitFor() {
    assertThat(timers.millisToNext()).isEqualTo(-1);
    assertThat(timers.due()).isEmpty();
    assertThat(timers.isEmpty()).isTrue();
  }

  @Test
  void whatIsDueComesInTheOrderOfTimeAndOnlyOnce() {
    add(-1, "now");
    add(HOUR, "later");
    add(0, "and now");

    timers.due().forEach(Runnable::run);
    timers.due().forEach(Runnable::run);

    assertThat(ran).containsExactly("now", "and now");
    assertThat(timers.isEmpty()).isFalse();
  }

  @Test
  void theTimeToTheNextIsRoundedUpSoThatNobodyWakesTooEarly() {
    add(TimeUnit.MILLISECONDS.toNanos(10_000) + 1, "next");
    add(HOUR, "later");

    assertThat(timers.millisToNext()).isBetween(9_000L, 10_001L);
    add(0, "now");
    assertThat(timers.millisToNext()).isZero();
  }

  @Test
  void aCancelledTimerIsForgotten() {
    Timers.Timer timer = add(0, "cancelled");
    timer.cancel();
    timer.cancel();

    assertThat(timers.due()).isEmpty();
    assertThat(timers.millisToNext()).isEqualTo(-1);
  }

  @Test
  void theNextIsTheOneWithTheEarliestTime() {
    Timers.Timer late = add(HOUR, "late");
    assertThat(timers.isNext(late)).isTrue();
    Timers.Timer early = add(HOUR / 2, "early");

    assertThat(timers.isNext(early)).isTrue();
    assertThat(timers.isNext(late)).isFalse();
  }

  @Test
  void aTimeBeyondAllTimeDoesNotHoldUpTheOthers() {
    add(Long.MAX_VALUE, "never");
    add(-HOUR, "now");

    timers.due().forEach(Runnable::run);

    assertThat(ran).containsExactly("now");
    assertThat(timers.millisToNext()).isEqualTo(Integer.MAX_VALUE);
  }
}
