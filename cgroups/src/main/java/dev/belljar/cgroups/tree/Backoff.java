package dev.belljar.cgroups.tree;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Growing pauses until a deadline, for what the kernel finishes in the background without telling:
 * a killed process leaving its group, a group being frozen.
 */
public final class Backoff {
  private static final long FIRST_NANOS = 20_000;
  private static final long LONGEST_NANOS = 5_000_000;

  private final long deadline;
  private long next = FIRST_NANOS;

  public Backoff(Duration limit) {
    this.deadline = System.nanoTime() + limit.toNanos();
  }

  /**
   * Pauses, even when the thread is interrupted, which stays known.
   *
   * @return false, without a pause, when the time is up
   */
  public boolean pause() {
    long left = deadline - System.nanoTime();
    if (left <= 0) {
      return false;
    }
    boolean interrupted = Thread.interrupted(); // or else the thread would not park
    LockSupport.parkNanos(Math.min(next, left));
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    next = Math.min(next * 2, LONGEST_NANOS);
    return true;
  }
}
