package dev.belljar.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** How many times a second something is done by several threads at once. */
final class Throughput {
  private static final int[] THREADS = {1, 2, 4, 8};

  private final List<String> names = new ArrayList<>();
  private final List<Callable<Peer>> peers = new ArrayList<>();

  /**
   * Adds a peer.
   *
   * @param name the name for the table
   * @param peer makes the one of a thread
   */
  void add(String name, Callable<Peer> peer) {
    names.add(name);
    peers.add(peer);
  }

  /**
   * Measures and prints the table.
   *
   * @param nanos how long each peer runs at each number of threads, in nanoseconds
   */
  void run(long nanos, PrintStream out) throws Exception {
    out.println();
    out.println("### starts of (a) per second, by the number of threads");
    out.println();
    out.println("| threads | " + String.join(" | ", names) + " |");
    out.println("| ---: |" + " ---: |".repeat(names.size()));
    for (int threads : THREADS) {
      StringBuilder row = new StringBuilder("| %7d |".formatted(threads));
      for (Callable<Peer> peer : peers) {
        row.append(String.format(Locale.ROOT, " %.0f |", perSecond(threads, peer, nanos)));
      }
      out.println(row);
    }
  }

  private static double perSecond(int threads, Callable<Peer> peer, long nanos) throws Exception {
    List<Peer> peers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      peers.add(peer.call());
    }
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      long begin = System.nanoTime();
      List<Future<Integer>> counts = new ArrayList<>();
      for (Peer each : peers) {
        counts.add(executor.submit(() -> runUntil(begin + nanos, each)));
      }
      long count = 0;
      for (Future<Integer> future : counts) {
        count += future.get();
      }
      return count * (double) TimeUnit.SECONDS.toNanos(1) / (System.nanoTime() - begin);
    }
  }

  private static int runUntil(long deadline, Peer peer) throws Exception {
    try (peer) {
      int count = 0;
      while (System.nanoTime() < deadline) {
        peer.run();
        count++;
      }
      return count;
    }
  }
}
