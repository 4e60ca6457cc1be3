package dev.belljar;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting for what announces itself by no event. */
final class Await {
  private static final long INTERVAL_NANOS = Duration.ofMillis(2).toNanos();

  private Await() {}

  /** Looks until something is so; fails after {@link ContainerTest#DEADLINE}. */
  static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + ContainerTest.DEADLINE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + ContainerTest.DEADLINE + ": " + what);
      }
      LockSupport.parkNanos(INTERVAL_NANOS);
    }
  }

  /** The children of this JVM. */
  static List<Long> children() {
    return ProcessHandle.current().children().map(ProcessHandle::pid).toList();
  }
}
