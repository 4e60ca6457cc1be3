package dev.belljar.linux.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Who looks out for a task gets it, once. */
class LookoutTest {
  private final Lookout lookout = new Lookout();
  private final AtomicInteger runs = new AtomicInteger();

  @Test
  void nothingIsLeftWhereNobodyLooksOut() {
    assertThat(lookout.leave(runs::incrementAndGet)).isFalse();
  }

  @Test
  void onlyOneLooksOut() {
    assertThat(lookout.begin()).isTrue();
    assertThat(lookout.begin()).isFalse();
  }

  @Test
  void aTaskIsLeftForWhoIsStillOnTheWay() {
    lookout.begin();
    assertThat(lookout.leave(runs::incrementAndGet)).isTrue();
    assertThat(lookout.leave(runs::incrementAndGet)).isFalse();
    lookout.run();
    assertThat(runs).hasValue(1);
    assertThat(lookout.begin()).isTrue();
  }

  @Test
  void whoFindsNothingGoesAway() {
    lookout.begin();
    lookout.run();
    assertThat(lookout.leave(runs::incrementAndGet)).isFalse();
    assertThat(lookout.begin()).isTrue();
  }

  @Test
  void everyTaskIsRunOnceHoweverTheyMeet() throws InterruptedException {
    int refused = 0;
    for (int i = 0; i < 2000; i++) {
      lookout.begin();
      Thread looking = Thread.ofPlatform().start(lookout);
      if (!lookout.leave(runs::incrementAndGet)) {
        refused++;
      }
      looking.join();
    }
    assertThat(runs.get() + refused).isEqualTo(2000);
  }
}
