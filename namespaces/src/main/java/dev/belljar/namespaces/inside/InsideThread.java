package dev.belljar.namespaces.inside;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.launch.CloneFailure;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The one thread that goes into namespaces and comes back, for system calls of this library only.
 *
 * <p>No other code may run inside: whatever thread, carrier or pool is first used there stays there
 * for good. The thread ends by itself when it has not been needed for a second.
 */
final class InsideThread {
  private static final long IDLE_MILLIS = 1000;
  private static final Queue<FutureTask<?>> TASKS = new ArrayDeque<>();
  private static Thread thread;

  private InsideThread() {}

  /**
   * Runs calls inside a namespace.
   *
   * @param namespace the namespace
   * @param kind its {@code CLONE_NEW*} flag: one that a single thread can enter and leave
   * @param file the name of its kind in /proc/self/ns
   * @param calls the calls, which must not block
   * @return what they returned
   */
  static <T> T call(Descriptor namespace, long kind, String file, Supplier<T> calls) {
    FutureTask<T> task = new FutureTask<>(() -> inside(namespace, kind, file, calls));
    submit(task);
    return result(task);
  }

  private static void submit(FutureTask<?> task) {
    synchronized (TASKS) {
      TASKS.add(task);
      TASKS.notifyAll();
      if (thread == null) {
        thread = new Thread(null, InsideThread::run, "belljar-inside", 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(null);
        thread.start();
      }
    }
  }

  private static <T> T result(FutureTask<T> task) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          switch (e.getCause()) {
            case RuntimeException cause -> throw cause;
            case Error cause -> throw cause;
            default -> throw new AssertionError(e.getCause());
          }
        } catch (CancellationException e) {
          throw new IllegalStateException("the thread could not leave another namespace", e);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static <T> T inside(Descriptor namespace, long kind, String file, Supplier<T> calls) {
    // That of the process, not of whoever happened to start this thread.
    try (Descriptor home = FileCalls.open("/proc/self/ns/" + file, OpenFlags.O_RDONLY)) {
      enter(namespace, kind);
      try {
        return calls.get();
      } finally {
        goHome(home, kind);
      }
    }
  }

  private static void enter(Descriptor namespace, long kind) {
    int fd = namespace.number();
    check(
        Syscall.call(SyscallNumber.SETNS, fd, kind),
        () -> "setns(" + fd + ", " + CloneFailure.flags(kind) + ")");
  }

  private static void goHome(Descriptor home, long kind) {
    try {
      enter(home, kind);
    } catch (LinuxException e) {
      List<FutureTask<?>> waiting;
      synchronized (TASKS) { // this thread ends, and the next one is started by somebody else
        thread = null;
        waiting = new ArrayList<>(TASKS);
        TASKS.clear();
      }
      waiting.forEach(task -> task.cancel(false));
      throw e.doing("coming back from a namespace");
    }
  }

  private static void run() {
    while (true) {
      FutureTask<?> task = next();
      if (task == null) {
        return;
      }
      task.run();
    }
  }

  private static FutureTask<?> next() {
    synchronized (TASKS) {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(IDLE_MILLIS);
      while (isCurrent() && TASKS.isEmpty()) {
        long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
        if (left <= 0) {
          thread = null;
          return null;
        }
        try {
          TASKS.wait(left);
        } catch (InterruptedException e) {
          // nobody has this thread to interrupt it; it looks again
        }
      }
      return isCurrent() ? TASKS.poll() : null;
    }
  }

  private static boolean isCurrent() {
    return Thread.currentThread().equals(thread);
  }
}
