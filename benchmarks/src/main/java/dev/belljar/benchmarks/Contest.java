package dev.belljar.benchmarks;

import static java.util.stream.Collectors.toCollection;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Peers doing the same in turn, round after round, so that what else the machine does meanwhile
 * troubles all of them alike. Each round has an order of its own, since a peer also pays for what
 * the kernel still has to free of the one before it.
 */
final class Contest implements AutoCloseable {
  private static final double NANOS_PER_MICRO = 1_000;
  private static final double MEDIAN = 0.5;
  private static final int WARM_UP_OF_PROGRAMS = 10;
  private static final long SEED = 1; // any, but the same in each run

  private final String title;
  private final List<Peer> peers = new ArrayList<>();

  /**
   * Begins a contest.
   *
   * @param title says what is done
   */
  Contest(String title) {
    this.title = title;
  }

  /** Adds a peer; the first two are what the others are compared with. */
  void add(Peer peer) {
    peers.add(peer);
  }

  /**
   * Lets all peers run and prints the table.
   *
   * @param warmUp rounds that are not counted
   * @param rounds rounds that are counted
   */
  void run(int warmUp, int rounds, PrintStream out) throws Exception {
    List<Samples> samples = peers.stream().map(_ -> new Samples()).toList();
    List<Integer> order =
        IntStream.range(0, peers.size()).boxed().collect(toCollection(ArrayList::new));
    Random random = new Random(SEED);
    for (int round = -warmUp; round < rounds; round++) {
      Collections.shuffle(order, random);
      for (int i : order) {
        if (round < -WARM_UP_OF_PROGRAMS && peers.get(i) instanceof NativePeer) {
          continue; // it is this JVM that needs many
        }
        long nanos = peers.get(i).run();
        if (round >= 0) {
          samples.get(i).add(nanos);
        }
      }
    }
    out.println();
    out.println("### " + title);
    out.println();
    String first = peers.get(0).name();
    String second = peers.get(1).name();
    out.printf(
        "| | p50 us | p99 us | min us | p50 / %s | min / %1$s | p50 / %s |%n", first, second);
    out.println("| :--- | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (int i = 0; i < peers.size(); i++) {
      print(peers.get(i).name(), samples.get(i), samples.get(0), samples.get(1), out);
    }
  }

  private static void print(
      String name, Samples samples, Samples first, Samples second, PrintStream out) {
    out.printf(
        Locale.ROOT,
        "| %s | %.0f | %.0f | %.0f | %.2f | %.2f | %.2f |%n",
        name,
        samples.percentile(MEDIAN) / NANOS_PER_MICRO,
        samples.percentile(0.99) / NANOS_PER_MICRO,
        samples.percentile(0) / NANOS_PER_MICRO,
        (double) samples.percentile(MEDIAN) / first.percentile(MEDIAN),
        (double) samples.percentile(0) / first.percentile(0),
        (double) samples.percentile(MEDIAN) / second.percentile(MEDIAN));
  }

  @Override
  public void close() {
    peers.forEach(Peer::close);
  }
}
