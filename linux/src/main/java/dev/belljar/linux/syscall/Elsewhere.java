package dev.belljar.linux.syscall;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Another process that makes a thread's system calls, for work that this JVM's user may not do. The
 * memory of the calls' operands is the same in both, at the same addresses; descriptors are the
 * other process's.
 */
public final class Elsewhere {
  private static final ThreadLocal<Elsewhere> OF_THREAD = new ThreadLocal<>();

  /** How many threads work elsewhere, so that all others need not look. */
  private static final AtomicInteger THREADS = new AtomicInteger();

  /** Makes a call in the other process. */
  @FunctionalInterface
  public interface Caller {
    /**
     * Makes a call.
     *
     * @param number which
     * @param operands its six operands
     * @return its result, or the negative errno
     */
    long call(SyscallNumber number, long... operands);
  }

  private final Caller caller;
  private final Scratch.Block block;

  private Elsewhere(Caller caller, Scratch.Block block) {
    this.caller = caller;
    this.block = block;
  }

  /**
   * Runs something whose system calls, as far as this thread makes them, another process makes.
   *
   * @param caller makes them
   * @param memory where their operands go, which both processes have at the same address
   * @param work what to run; descriptors that it opens are closed in it, and none comes in
   * @return what it returned
   */
  public static <T> T run(Caller caller, MemorySegment memory, Supplier<T> work) {
    Elsewhere before = OF_THREAD.get();
    OF_THREAD.set(new Elsewhere(caller, new Scratch.Block(memory)));
    THREADS.incrementAndGet();
    try {
      return work.get();
    } finally {
      THREADS.decrementAndGet();
      restore(before);
    }
  }

  private static void restore(Elsewhere before) {
    if (before == null) {
      OF_THREAD.remove();
    } else {
      OF_THREAD.set(before);
    }
  }

  static Elsewhere ofThread() {
    return THREADS.get() == 0 ? null : OF_THREAD.get();
  }

  Scratch.Block block() {
    return block;
  }

  // Whoever makes it talks to the other process by calls of this one.
  long call(SyscallNumber number, long... operands) {
    OF_THREAD.remove();
    try {
      return caller.call(number, operands);
    } finally {
      OF_THREAD.set(this);
    }
  }
}
