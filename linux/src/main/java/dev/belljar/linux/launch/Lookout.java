package dev.belljar.linux.launch;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A place where one thread looks out for a task that is about to come, since to wake it only then
 * takes as long as several system calls.
 */
final class Lookout implements Runnable {
  /** How long it is looked out for; then the processor is needed for other things. */
  private static final long NANOS = TimeUnit.MICROSECONDS.toNanos(300);

  /** Who looks out, as long as there is no task. */
  private enum Looking implements Runnable {
    NOBODY,
    SOMEBODY;

    @Override
    public void run() {}
  }

  /** The task that was left, or who looks out for one. */
  private final AtomicReference<Runnable> place = new AtomicReference<>(Looking.NOBODY);

  /**
   * Announces a thread that is going to {@link #run}.
   *
   * @return false when another one does already
   */
  boolean begin() {
    return place.compareAndSet(Looking.NOBODY, Looking.SOMEBODY);
  }

  /**
   * Leaves a task for the thread that looks out, or was announced.
   *
   * @return false when there is none
   */
  boolean leave(Runnable task) {
    return place.compareAndSet(Looking.SOMEBODY, task);
  }

  /** Looks out for a task and runs it. */
  @Override
  public void run() {
    long end = System.nanoTime() + NANOS;
    while (place.get() == Looking.SOMEBODY && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    place.getAndSet(Looking.NOBODY).run();
  }
}
