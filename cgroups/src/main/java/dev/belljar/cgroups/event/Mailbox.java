package dev.belljar.cgroups.event;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * Events on their way from the event loop to one reader, however slow: of each kind one at most,
 * which takes up what comes meanwhile, and none within 10 ms of the last.
 */
final class Mailbox {
  private static final long LEAST_DISTANCE = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long FOR_EVER = Long.MAX_VALUE;
  private static final Duration LONGEST = Duration.ofNanos(FOR_EVER);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final SequencedMap<Object, CgroupEvent> waiting = new LinkedHashMap<>();
  private OptionalLong nextAt = OptionalLong.empty();
  private boolean complete;
  private boolean closed;
  private RuntimeException failure;

  private final Runnable atEnd;
  private final LongSupplier clock;

  /**
   * Makes an empty one.
   *
   * @param atEnd closes all sources, once one of them has ended: of a removed group the others
   *     would never wake up
   */
  Mailbox(Runnable atEnd) {
    this(atEnd, System::nanoTime);
  }

  /** Makes one with a clock of its own, in nanoseconds. */
  Mailbox(Runnable atEnd, LongSupplier clock) {
    this.atEnd = atEnd;
    this.clock = clock;
  }

  /** Adds an event, or adds it to the one of its kind that waits. */
  void put(CgroupEvent event) {
    lock.lock();
    try {
      if (!complete && !closed) {
        add(event);
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  // A counter keeps its place in the queue, or else one that grows all the time would hold it up; a
  // state goes to the end, as the last one told must be the one that holds.
  private void add(CgroupEvent event) {
    Object kind = kind(event);
    if (!isCounter(event)) {
      waiting.remove(kind);
    }
    waiting.merge(kind, event, Mailbox::join);
  }

  private static boolean isCounter(CgroupEvent event) {
    return switch (event) {
      case CgroupEvent.Populated _,
          CgroupEvent.Emptied _,
          CgroupEvent.Frozen _,
          CgroupEvent.Thawed _,
          CgroupEvent.Removed _ ->
          false;
      default -> true;
    };
  }

  private static Object kind(CgroupEvent event) {
    return switch (event) {
      case CgroupEvent.MemoryThreshold threshold -> threshold.threshold();
      case CgroupEvent.Stalled stalled -> stalled.trigger();
      case CgroupEvent.MemoryPressure pressure -> pressure.level();
      default -> event.getClass();
    };
  }

  static CgroupEvent join(CgroupEvent earlier, CgroupEvent later) {
    return switch (later) {
      case CgroupEvent.Oom oom ->
          new CgroupEvent.Oom(oom.count() + ((CgroupEvent.Oom) earlier).count());
      case CgroupEvent.OomKill kill ->
          new CgroupEvent.OomKill(
              kill.count() + ((CgroupEvent.OomKill) earlier).count(), kill.total());
      case CgroupEvent.MemoryHigh high ->
          new CgroupEvent.MemoryHigh(high.count() + ((CgroupEvent.MemoryHigh) earlier).count());
      case CgroupEvent.MemoryMax max ->
          new CgroupEvent.MemoryMax(max.count() + ((CgroupEvent.MemoryMax) earlier).count());
      case CgroupEvent.PidsLimit limit ->
          new CgroupEvent.PidsLimit(limit.count() + ((CgroupEvent.PidsLimit) earlier).count());
      case CgroupEvent.Stalled stalled ->
          new CgroupEvent.Stalled(
              stalled.trigger(), stalled.time().plus(((CgroupEvent.Stalled) earlier).time()));
      default -> later;
    };
  }

  /** The group is gone: that is the last event. */
  void removed() {
    end(() -> put(new CgroupEvent.Removed()));
  }

  /** A source has failed: no other event comes. */
  void failed(RuntimeException reason) {
    end(() -> failure = Closing.first(failure, reason));
  }

  private void end(Runnable last) {
    RuntimeException closing = null;
    try {
      atEnd.run(); // without the lock, which a source takes after its own
    } catch (RuntimeException e) {
      closing = e;
    }
    lock.lock();
    try {
      if (!complete && !closed) {
        last.run();
        if (closing != null) {
          failure = Closing.first(failure, closing);
        }
        complete = true;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Forgets what waits and lets nothing in any more. */
  void close() {
    lock.lock();
    try {
      closed = true;
      waiting.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes the oldest event that is due.
   *
   * @param patience how long to wait, empty for ever
   * @return empty when the time is up, or nothing comes any more
   * @throws LinuxException when reading the group failed
   */
  Optional<CgroupEvent> take(Optional<Duration> patience) throws InterruptedException {
    long begin = clock.getAsLong();
    lock.lockInterruptibly();
    try {
      while (true) {
        long now = clock.getAsLong();
        long wait = FOR_EVER;
        if (!waiting.isEmpty()) {
          wait = nextAt.isPresent() ? nextAt.getAsLong() - now : 0;
          if (wait <= 0) {
            nextAt = OptionalLong.of(now + LEAST_DISTANCE);
            return Optional.of(waiting.pollFirstEntry().getValue());
          }
        } else if (complete || closed) {
          throwFailure();
          return Optional.empty();
        }
        if (patience.isPresent()) {
          wait = Math.min(wait, nanos(patience.get()) - (now - begin));
          if (wait <= 0) {
            return Optional.empty();
          }
        }
        changed.awaitNanos(wait); // for ever is some 292 years
      }
    } finally {
      lock.unlock();
    }
  }

  private static long nanos(Duration patience) {
    return patience.compareTo(LONGEST) < 0 ? patience.toNanos() : FOR_EVER;
  }

  private void throwFailure() {
    if (failure != null && !closed) {
      RuntimeException reason = failure;
      failure = null;
      throw reason;
    }
  }

  boolean isOver() {
    lock.lock();
    try {
      return closed || (complete && waiting.isEmpty());
    } finally {
      lock.unlock();
    }
  }
}
