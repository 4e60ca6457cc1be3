package dev.belljar;

import dev.belljar.linux.event.EventLoop;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs the clean-up of ended containers: at once where the end was seen by a waiting thread, on a
 * thread of its own where it was seen by the event loop, which must not be held up by a group that
 * is slow to go.
 */
final class CleanUp {
  private static final long IDLE_SECONDS = 5;

  private static ThreadPoolExecutor executor;

  private CleanUp() {}

  static void run(Runnable work) {
    if (EventLoop.isCurrent()) {
      later(work);
    } else {
      work.run();
    }
  }

  private static synchronized void later(Runnable work) {
    executor().execute(work);
  }

  private static ThreadPoolExecutor executor() {
    if (executor == null) {
      executor =
          new ThreadPoolExecutor(
              2,
              2,
              IDLE_SECONDS,
              TimeUnit.SECONDS,
              new LinkedBlockingQueue<>(),
              work -> {
                Thread thread = new Thread(null, work, "belljar-clean-up", 0, false);
                thread.setDaemon(true);
                return thread;
              });
      executor.allowCoreThreadTimeOut(true);
    }
    return executor;
  }

  /** Ends the thread once its work is done. */
  static synchronized void shutdown() {
    if (executor != null) {
      executor.shutdown();
      executor = null;
    }
  }
}
