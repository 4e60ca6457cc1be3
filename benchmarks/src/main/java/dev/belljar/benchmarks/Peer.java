package dev.belljar.benchmarks;

import java.util.concurrent.Callable;

/** One way of doing what is being measured. */
interface Peer extends AutoCloseable {
  /** Returns the name for the table. */
  String name();

  /**
   * Does it once.
   *
   * @return how long it took, in nanoseconds
   */
  long run() throws Exception;

  @Override
  default void close() {}

  /** Makes a peer of something that this JVM does. */
  static Peer of(String name, Callable<Integer> work) {
    return new Peer() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public long run() throws Exception {
        long begin = System.nanoTime();
        int status = work.call();
        long took = System.nanoTime() - begin;
        if (status != 0) {
          throw new IllegalStateException(name + " ended with status " + status);
        }
        return took;
      }
    };
  }
}
