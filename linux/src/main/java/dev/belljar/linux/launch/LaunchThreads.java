package dev.belljar.linux.launch;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads that make all clones.
 *
 * <p>{@code PR_SET_PDEATHSIG} fires when the <em>thread</em> that cloned ends, so these live until
 * {@link #shutdown}. A clone blocks its thread until the runner's exec; there is one thread for
 * each processor, at least two.
 */
final class LaunchThreads {
  private static final int SIZE = Math.max(2, Runtime.getRuntime().availableProcessors());
  private static ThreadPoolExecutor pool;

  private static final class LaunchThread extends Thread {
    LaunchThread(Runnable work, int number) {
      super(null, work, "belljar-launch-" + number, 0, false);
      setDaemon(true);
    }
  }

  private LaunchThreads() {}

  private static synchronized Executor pool() {
    if (pool == null) {
      int[] count = {0};
      pool =
          new ThreadPoolExecutor(
              SIZE,
              SIZE,
              0,
              TimeUnit.SECONDS,
              new LinkedBlockingQueue<>(),
              work -> new LaunchThread(work, ++count[0]));
    }
    return pool;
  }

  /** Runs a task on one of the threads. */
  static <T> Future<T> submit(Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    pool().execute(future);
    return future;
  }

  /** Runs a task on one of the threads, which may be the calling one. */
  static <T> Future<T> run(Callable<T> task) {
    if (!(Thread.currentThread() instanceof LaunchThread)) {
      return submit(task);
    }
    FutureTask<T> future = new FutureTask<>(task);
    future.run();
    return future;
  }

  /** Returns a task's result, however long it takes and even when interrupted meanwhile. */
  static <T> T await(Future<T> task) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw rethrown(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static RuntimeException rethrown(Throwable cause) {
    switch (cause) {
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> throw new AssertionError(cause);
    }
  }

  /** Ends the threads once their work is done; what they started with PDEATHSIG ends with them. */
  static synchronized void shutdown() {
    if (pool != null) {
      pool.shutdown();
      pool = null;
    }
  }
}
