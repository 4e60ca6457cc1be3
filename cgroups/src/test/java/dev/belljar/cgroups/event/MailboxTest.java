package dev.belljar.cgroups.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class MailboxTest {
  private static final Optional<Duration> NOT_LONG = Optional.of(Duration.ZERO);
  private static final Optional<Duration> LONG = Optional.of(Duration.ofSeconds(30));

  private long now;
  private final Mailbox mailbox = new Mailbox(() -> {}, () -> now);

  @Test
  void whatComesWhileNobodyReadsIsAddedUp() throws InterruptedException {
    mailbox.put(new CgroupEvent.OomKill(1, 1));
    mailbox.put(new CgroupEvent.PidsLimit(4));
    mailbox.put(new CgroupEvent.OomKill(2, 3));

    assertThat(mailbox.take(LONG)).contains(new CgroupEvent.OomKill(3, 3));
    now += TimeUnit.MILLISECONDS.toNanos(10);
    assertThat(mailbox.take(LONG)).contains(new CgroupEvent.PidsLimit(4));
    assertThat(mailbox.take(NOT_LONG)).isEmpty();
  }

  @Test
  void anEventRightAfterAnotherWaits() throws InterruptedException {
    now = 5;
    mailbox.put(new CgroupEvent.MemoryMax(1));
    mailbox.put(new CgroupEvent.Populated());
    assertThat(mailbox.take(NOT_LONG)).contains(new CgroupEvent.MemoryMax(1));
    mailbox.put(new CgroupEvent.MemoryMax(2));

    assertThat(mailbox.take(NOT_LONG)).isEmpty();
    now += TimeUnit.MILLISECONDS.toNanos(10) - 1;
    assertThat(mailbox.take(NOT_LONG)).isEmpty();
    now += 1;
    assertThat(mailbox.take(NOT_LONG)).contains(new CgroupEvent.Populated());
    assertThat(mailbox.take(NOT_LONG)).isEmpty();
    now += TimeUnit.MILLISECONDS.toNanos(10);
    assertThat(mailbox.take(NOT_LONG)).contains(new CgroupEvent.MemoryMax(2));
  }

  @Test
  void aCounterThatGrowsAllTheTimeHoldsNoOtherUp() throws InterruptedException {
    List<CgroupEvent> told = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      mailbox.put(new CgroupEvent.Oom(1));
      mailbox.put(new CgroupEvent.MemoryMax(1));
      now += TimeUnit.MILLISECONDS.toNanos(10);
      told.add(mailbox.take(NOT_LONG).orElseThrow());
    }

    assertThat(told)
        .containsExactly(
            new CgroupEvent.Oom(1), new CgroupEvent.MemoryMax(2), new CgroupEvent.Oom(2));
  }

  @Test
  void theStateToldLastIsTheOneThatHolds() throws InterruptedException {
    mailbox.put(new CgroupEvent.Populated());
    mailbox.put(new CgroupEvent.Emptied());
    mailbox.put(new CgroupEvent.Populated());

    assertThat(mailbox.take(LONG)).contains(new CgroupEvent.Emptied());
    now += TimeUnit.MILLISECONDS.toNanos(10);
    assertThat(mailbox.take(LONG)).contains(new CgroupEvent.Populated());
  }

  @Test
  void aPatienceBeyondAllTimesIsForEver() throws InterruptedException {
    mailbox.put(new CgroupEvent.Populated());

    assertThat(mailbox.take(Optional.of(Duration.ofSeconds(Long.MAX_VALUE))))
        .contains(new CgroupEvent.Populated());
  }

  @Test
  void whatCannotBeParsedEndsTheWaiting() {
    mailbox.failed(new NumberFormatException("garbage"));

    assertThatExceptionOfType(NumberFormatException.class)
        .isThrownBy(() -> mailbox.take(Optional.empty()));
    assertThat(mailbox.isOver()).isTrue();
  }

  @Test
  void afterTheRemovalNothingComes() throws InterruptedException {
    mailbox.put(new CgroupEvent.Emptied());
    mailbox.removed();
    mailbox.removed();
    mailbox.put(new CgroupEvent.Populated());

    assertThat(mailbox.take(LONG)).contains(new CgroupEvent.Emptied());
    now += TimeUnit.MILLISECONDS.toNanos(10);
    assertThat(mailbox.take(LONG)).contains(new CgroupEvent.Removed());
    assertThat(mailbox.take(Optional.empty())).isEmpty();
    assertThat(mailbox.isOver()).isTrue();
  }

  @Test
  void anErrorOfTheKernelIsThrownOnce() throws InterruptedException {
    mailbox.failed(new LinuxException(Errno.EIO.number(), "pread64"));

    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> mailbox.take(Optional.empty()))
        .matches(failure -> failure.is(Errno.EIO));
    assertThat(mailbox.take(Optional.empty())).isEmpty();
  }

  @Test
  void whatWasNotTakenBeforeTheEndIsLost() throws InterruptedException {
    mailbox.put(new CgroupEvent.Frozen());
    mailbox.close();
    mailbox.put(new CgroupEvent.Thawed());

    assertThat(mailbox.take(Optional.empty())).isEmpty();
    assertThat(mailbox.isOver()).isTrue();
  }

  @Property
  void noCountIsLost(
      @ForAll @LongRange(min = 0, max = 1L << 40) long a,
      @ForAll @LongRange(min = 0, max = 1L << 40) long b) {
    assertThat(Mailbox.join(new CgroupEvent.Oom(a), new CgroupEvent.Oom(b)))
        .isEqualTo(new CgroupEvent.Oom(a + b));
    assertThat(Mailbox.join(new CgroupEvent.MemoryHigh(a), new CgroupEvent.MemoryHigh(b)))
        .isEqualTo(new CgroupEvent.MemoryHigh(a + b));
    assertThat(Mailbox.join(new CgroupEvent.PidsLimit(a), new CgroupEvent.PidsLimit(b)))
        .isEqualTo(new CgroupEvent.PidsLimit(a + b));
  }

  @Property
  void aCounterTellsEachIncreaseOnce(
      @ForAll @LongRange(min = 0) long from, @ForAll long[] readings) {
    CounterDelta counter = new CounterDelta(from);
    long told = 0;
    for (long reading : readings) {
      long delta = counter.to(Math.max(from, reading));
      assertThat(delta).isNotNegative();
      told += delta;
    }
    assertThat(from + told).isEqualTo(counter.known());
  }
}
