package dev.belljar.linux.event;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** What is to run later, ordered by its time. */
public final class Timers {
  private static final long NANOS_PER_MILLI = 1_000_000;
  private static final long FOR_EVER = -1;
  private static final long LONGEST = Long.MAX_VALUE / 4; // times stay comparable: some 73 years

  private static final long ORIGIN = System.nanoTime();

  private final PriorityQueue<Timer> queue =
      new PriorityQueue<>(Comparator.comparingLong((Timer timer) -> timer.at - ORIGIN));

  /** Something that is to run once, unless cancelled before. */
  public final class Timer {
    private final long at;
    private final Runnable task;

    private Timer(long at, Runnable task) {
      this.at = at;
      this.task = task;
    }

    /** Drops it, if it has not run yet. */
    public void cancel() {
      synchronized (queue) {
        queue.remove(this);
      }
    }
  }

  Timers() {}

  /** Adds what is to run in so many nanoseconds; negative means now. */
  Timer add(long nanos, Runnable task) {
    Timer timer = new Timer(System.nanoTime() + Math.clamp(nanos, 0, LONGEST), task);
    synchronized (queue) {
      queue.add(timer);
    }
    return timer;
  }

  boolean isNext(Timer timer) {
    synchronized (queue) {
      return queue.peek() == timer;
    }
  }

  boolean isEmpty() {
    synchronized (queue) {
      return queue.isEmpty();
    }
  }

  /** Milliseconds until the next one, rounded up; -1 when there is none. */
  long millisToNext() {
    synchronized (queue) {
      Timer next = queue.peek();
      if (next == null) {
        return FOR_EVER;
      }
      long nanos = Math.max(0, next.at - System.nanoTime());
      return Math.min(Integer.MAX_VALUE, (nanos + NANOS_PER_MILLI - 1) / NANOS_PER_MILLI);
    }
  }

  /** Takes out all whose time has come. */
  List<Runnable> due() {
    synchronized (queue) {
      List<Runnable> due = new ArrayList<>();
      while (!queue.isEmpty() && queue.peek().at - System.nanoTime() <= 0) {
        due.add(queue.poll().task);
      }
      return due;
    }
  }
}
