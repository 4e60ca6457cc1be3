package dev.belljar.namespaces.inside;

import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Starts what the JDK and this library start by themselves, before code of others runs inside a
 * namespace: a thread has the namespaces of whoever starts it.
 */
public final class JdkThreads {
  private static final long PATIENCE_NANOS = Duration.ofMillis(200).toNanos();

  // Carriers end after 30 s without work, from the last time on that all had some.
  static final long KEPT_NANOS = Duration.ofSeconds(10).toNanos();
  private static long carriersUntil = System.nanoTime();

  private static final class Once {
    static {
      pollers();
    }

    private Once() {}

    static void done() {}
  }

  private JdkThreads() {}

  /**
   * Starts the threads that carry virtual ones, those that poll for them, and the common pool.
   * Those that end when they idle are there for ten seconds at least; whoever runs code inside for
   * longer calls it again. It costs little while they are there, and does nothing on a thread that
   * is inside a namespace itself.
   */
  public static void startOutside() {
    if (ForeignThread.isOne((int) Syscall.call(SyscallNumber.GETTID))) {
      return; // whoever started that one has them
    }
    EventLoop.shared();
    keepCarriers();
    Once.done();
    commonPool(); // each time: its threads end when they idle for a minute
  }

  private static synchronized void keepCarriers() {
    if (System.nanoTime() - carriersUntil >= 0) {
      carriers();
      carriersUntil = System.nanoTime() + KEPT_NANOS;
    }
  }

  // As many at once as there are processors: each takes a carrier, and none gives it back before
  // all have one.
  private static void carriers() {
    int count = Runtime.getRuntime().availableProcessors();
    AtomicInteger running = new AtomicInteger();
    long end = System.nanoTime() + PATIENCE_NANOS;
    Thread[] threads = new Thread[count];
    for (int i = 0; i < count; i++) {
      threads[i] =
          Thread.startVirtualThread(() -> {
            running.incrementAndGet();
            while (running.get() < count && System.nanoTime() < end) {
              Thread.onSpinWait();
            }
          });
    }
    for (Thread thread : threads) {
      join(thread);
    }
  }

  private static void pollers() {
    try {
      Pipe pipe = Pipe.open();
      try (Pipe.SinkChannel sink = pipe.sink();
          Pipe.SourceChannel source = pipe.source()) {
        Thread reader =
            Thread.startVirtualThread(() -> {
              try {
                source.read(ByteBuffer.allocate(1));
              } catch (IOException closed) {
                // it was only there to be waited for
              }
            });
        Thread sleeper = Thread.startVirtualThread(() -> sleep(1));
        join(sleeper); // which has started the timer
        sink.write(ByteBuffer.allocate(1));
        join(reader);
      }
    } catch (IOException e) {
      throw new IllegalStateException("a pipe could not be made", e);
    }
  }

  private static void commonPool() {
    int count = ForkJoinPool.getCommonPoolParallelism();
    CountDownLatch all = new CountDownLatch(count);
    for (int i = 0; i < count; i++) {
      ForkJoinPool.commonPool()
          .execute(() -> {
            all.countDown();
            await(all);
          });
    }
    await(all);
  }

  private static void await(CountDownLatch latch) {
    try {
      var _ = latch.await(PATIENCE_NANOS, TimeUnit.NANOSECONDS); // a busy pool has its threads
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
