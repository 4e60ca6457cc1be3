package dev.belljar.benchmarks;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Peers doing the same in turn, round after round, so that what else the machine does meanwhile
 * troubles all of them alike.
 */
final class Contest implements AutoCloseable {
  private static final double NANOS_PER_MICRO = 1_000;

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

  /** Adds a peer; the first one is what the others are compared with. */
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
    for (int round = -warmUp; round < rounds; round++) {
      for (int i = 0; i < peers.size(); i++) {
        long nanos = peers.get(i).run();
        if (round >= 0) {
          samples.get(i).add(nanos);
        }
      }
    }
    out.println();
    out.println("### " + title);
    out.println();
    out.printf("| %-26s | p50 us | p99 us | min us | p50 ratio | min ratio |%n", "peer");
    out.println("| :--- | ---: | ---: | ---: | ---: | ---: |");
    for (int i = 0; i < peers.size(); i++) {
      print(peers.get(i).name(), samples.get(i), samples.getFirst(), out);
    }
  }

  private static void print(String name, Samples samples, Samples first, PrintStream out) {
    out.printf(
        Locale.ROOT,
        "| %-26s | %6.0f | %6.0f | %6.0f | %9.2f | %9.2f |%n",
        name,
        samples.percentile(0.5) / NANOS_PER_MICRO,
        samples.percentile(0.99) / NANOS_PER_MICRO,
        samples.percentile(0) / NANOS_PER_MICRO,
        (double) samples.percentile(0.5) / first.percentile(0.5),
        (double) samples.percentile(0) / first.percentile(0));
  }

  @Override
  public void close() {
    peers.forEach(Peer::close);
  }
}
