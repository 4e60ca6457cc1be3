package dev.belljar.cgroups.event;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Events on their way from the event loop to one reader, however slow: of each kind one at most,
 * which takes up what comes meanwhile, and none within 10 ms of the last of its kind.
 */
final class Mailbox {
  private static final long LEAST_DISTANCE = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long FOR_EVER = Long.MAX_VALUE;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Object, CgroupEvent> waiting = new LinkedHashMap<>();
  private final Map<Object, Long> lastTaken = new HashMap<>();
  private boolean complete;
  private boolean closed;
  private LinuxException failure;

  private final Runnable atEnd;

  /**
   * Makes an empty one.
   *
   * @param atEnd closes all sources, once one of them has ended: of a removed group the others
   *     would never wake up
   */
  Mailbox(Runnable atEnd) {
    this.atEnd = atEnd;
  }

  /** Adds an event, or adds it to the one of its kind that waits. */
  void put(CgroupEvent event) {
    lock.lock();
    try {
      if (!complete && !closed) {
        Object kind = kind(event);
        CgroupEvent earlier = waiting.remove(kind);
        waiting.put(kind, earlier == null ? event : join(earlier, event));
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
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

  /** A source has ended: the group is gone, or something failed. No other event comes. */
  void ended(LinuxException reason) {
    try {
      atEnd.run(); // without the lock, which a source takes after its own
    } catch (RuntimeException e) {
      Closing.first(reason, e);
    }
    lock.lock();
    try {
      if (!complete && !closed) {
        if (reason.is(Errno.ENODEV)) {
          put(new CgroupEvent.Removed());
        } else {
          failure = Closing.first(failure, reason);
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
    long end = patience.map(time -> System.nanoTime() + time.toNanos()).orElse(0L);
    lock.lockInterruptibly();
    try {
      while (true) {
        long now = System.nanoTime();
        long wait = FOR_EVER;
        for (Map.Entry<Object, CgroupEvent> each : waiting.entrySet()) {
          Long last = lastTaken.get(each.getKey());
          long left = last == null ? 0 : last + LEAST_DISTANCE - now;
          if (left <= 0) {
            waiting.remove(each.getKey());
            lastTaken.put(each.getKey(), now);
            return Optional.of(each.getValue());
          }
          wait = Math.min(wait, left);
        }
        if (waiting.isEmpty() && (complete || closed)) {
          throwFailure();
          return Optional.empty();
        }
        if (patience.isPresent()) {
          wait = Math.min(wait, end - now);
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

  private void throwFailure() {
    if (failure != null && !closed) {
      LinuxException reason = failure;
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
