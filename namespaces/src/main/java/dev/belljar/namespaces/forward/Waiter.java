package dev.belljar.namespaces.forward;

import java.util.concurrent.locks.LockSupport;

/**
 * A virtual thread that parks until something has happened. It says that it is about to wait, then
 * looks once more whether it must, then waits: so no wake-up is lost.
 */
abstract class Waiter implements Runnable {
  private final Thread thread =
      Thread.ofVirtual()
          .name("belljar-forward")
          .inheritInheritableThreadLocals(false)
          .unstarted(this);
  private volatile boolean woken;

  final void start() {
    thread.start();
  }

  final void aboutToWait() {
    woken = false;
  }

  final void await() {
    while (!woken) {
      LockSupport.park(this);
    }
  }

  /** Waits so long at most; false when nothing has happened. */
  final boolean await(long nanos) {
    long end = System.nanoTime() + nanos;
    for (long left = nanos; !woken && left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(this, left);
    }
    return woken;
  }

  /**
   * Takes note, on the event loop's thread, that there is something to read. Whether it waits for
   * that no longer.
   */
  boolean readable(boolean failed) {
    wake();
    return true;
  }

  final void wake() {
    woken = true;
    LockSupport.unpark(thread);
  }
}
