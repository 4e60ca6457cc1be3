package dev.belljar;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Exchanges two names all the time, at once: there is no moment in which one of them is missing.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/rename.2.html">renameat2(2)</a>
 */
final class Exchange implements AutoCloseable {
  private static final int AT_FDCWD = -100;
  private static final int RENAME_EXCHANGE = 2;
  private static final MethodHandle RENAMEAT2 = renameat2();

  private final Thread attacker;
  private final AtomicLong count = new AtomicLong();
  private volatile boolean isOver;

  private Exchange(Path one, Path other) {
    attacker = Thread.ofPlatform().start(() -> exchange(one.toString(), other.toString()));
  }

  // libc's, since Belljar itself never exchanges anything.
  @SuppressWarnings("restricted")
  private static MethodHandle renameat2() {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("renameat2"),
        FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT));
  }

  static Exchange of(Path one, Path other) {
    return new Exchange(one, other);
  }

  /** How often they have been exchanged so far. */
  long count() {
    return count.get();
  }

  /**
   * Waits until it is at work beside the caller, or 10 milliseconds where a name is missing: a race
   * on a busy machine would be none.
   */
  void awaitNext() {
    long before = count();
    long end = System.nanoTime() + 10_000_000;
    while (count() == before && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  private void exchange(String one, String other) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment first = arena.allocateFrom(one);
      MemorySegment second = arena.allocateFrom(other);
      while (!isOver) {
        int result =
            (int) RENAMEAT2.invokeExact(AT_FDCWD, first, AT_FDCWD, second, RENAME_EXCHANGE);
        if (result == 0) {
          count.incrementAndGet();
        }
        Thread.onSpinWait();
      }
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    isOver = true;
    try {
      attacker.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
