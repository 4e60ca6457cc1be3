package dev.belljar.linux.event;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;

/** What the loop's thread runs, by the tokens that the kernel gives back with its events. */
final class Handlers {
  private final Map<Long, IntConsumer> handlers = new ConcurrentHashMap<>();
  private final AtomicLong tokens = new AtomicLong(); // 0 is the loop's own

  long nextToken() {
    return tokens.incrementAndGet();
  }

  void put(long token, IntConsumer handler) {
    handlers.put(token, handler);
  }

  void remove(long token) {
    handlers.remove(token);
  }

  boolean isEmpty() {
    return handlers.isEmpty();
  }

  /** Runs the handler of a token, if it has not been cancelled meanwhile. */
  void run(long token, int events) {
    IntConsumer handler = handlers.get(token);
    if (handler != null) {
      run(() -> handler.accept(events));
    }
  }

  /** Runs something; the loop's thread must not end by it. */
  static void run(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException | Error failure) {
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, failure);
    }
  }
}
