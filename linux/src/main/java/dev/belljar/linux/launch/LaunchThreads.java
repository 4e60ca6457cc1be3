package dev.belljar.linux.launch;

import dev.belljar.linux.call.Threads;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
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
  static final int SIZE = Math.max(2, Runtime.getRuntime().availableProcessors());
  private static final boolean MORE_PROCESSORS = Runtime.getRuntime().availableProcessors() > 1;
  private static final Set<Integer> IDS = ConcurrentHashMap.newKeySet();

  private static ThreadPoolExecutor pool;
  private static Set<Thread> threads = Set.of(); // those of the pool
  private static Lookout lookout = new Lookout();

  private LaunchThreads() {}

  private static ThreadPoolExecutor newPool() {
    int[] count = {0};
    Set<Thread> made = ConcurrentHashMap.newKeySet();
    threads = made;
    return new ThreadPoolExecutor(
        SIZE,
        SIZE,
        0,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(),
        work -> {
          Thread thread = newThread(work, ++count[0]);
          made.add(thread);
          return thread;
        });
  }

  private static Thread newThread(Runnable work, int number) {
    Runnable known =
        () -> {
          int id = (int) Syscall.call(SyscallNumber.GETTID); // which cannot fail
          IDS.add(id);
          try {
            work.run();
          } finally {
            IDS.remove(id);
          }
        };
    Thread thread = new Thread(null, known, "belljar-launch-" + number, 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    return thread;
  }

  /** Returns the threads' numbers, as the kernel has them. */
  static Set<Integer> ids() {
    return Set.copyOf(IDS);
  }

  /**
   * Tells that a task will follow within a fraction of a millisecond: by then a thread is awake,
   * and takes it at once. Does nothing where that would keep the only processor from the caller.
   */
  static synchronized void expect() {
    if (MORE_PROCESSORS && lookout.begin()) {
      open().execute(lookout);
    }
  }

  /** Runs a task on one of the threads. */
  static synchronized <T> Future<T> submit(Callable<T> task) {
    FutureTask<T> future = new FutureTask<>(task);
    if (!lookout.leave(future)) {
      open().execute(future);
    }
    return future;
  }

  private static ThreadPoolExecutor open() {
    if (pool == null) {
      pool = newPool();
    }
    return pool;
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
  static void shutdown() {
    ThreadPoolExecutor ending;
    Set<Thread> ended;
    synchronized (LaunchThreads.class) {
      if (pool == null) {
        return;
      }
      ending = pool;
      pool = null;
      ended = threads;
      lookout = new Lookout(); // the other is still looked at by a thread that is about to end
    }
    ending.shutdown();
    ended.forEach(Threads::join); // a pool says that it has terminated a little before they end
  }
}
