package dev.belljar.benchmarks;

import static dev.belljar.namespaces.NamespaceType.IPC;
import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.PID;
import static dev.belljar.namespaces.NamespaceType.UTS;

import dev.belljar.Belljar;
import dev.belljar.Container;
import dev.belljar.ContainerBuilder;
import dev.belljar.ContainerSpec;
import dev.belljar.Stdio;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceSet;
import dev.belljar.namespaces.NewNamespaces;
import dev.belljar.namespaces.net.BridgeNetwork;
import dev.belljar.namespaces.net.Network;
import dev.belljar.namespaces.pool.NetworkPool;
import dev.belljar.namespaces.pool.ReadyNetwork;
import dev.belljar.rootfs.Rootfs;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Measures starts in network namespaces made ahead, beside a C program that enters one and one that
 * makes one: {@code benchmarks/pool}, see the README.
 */
public final class PoolBenchmarks {
  private static final int WARM_UP = 6_000;
  private static final int WARM_UP_ON_BRIDGE = 300;
  private static final String SUBNET = "10.88.0.0/16";
  private static final int FREED = 500;
  private static final int SLICE_SECONDS = 5;
  private static final Duration FREEING = Duration.ofSeconds(2);
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final PrintStream OUT = System.out;

  private final Workbench workbench;
  private final int rounds;
  private final NetworkPool pool;

  private PoolBenchmarks(Workbench workbench, int rounds, NetworkPool pool) {
    this.workbench = workbench;
    this.rounds = rounds;
    this.pool = pool;
  }

  /**
   * Runs it.
   *
   * @param arguments the folder of the C sources; how many rounds, 500 if not given; for how many
   *     seconds without a pause, 30 if not given
   */
  public static void main(String... arguments) throws Exception {
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 500;
    int seconds = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 30;
    try (Workbench workbench = Workbench.make(Path.of(arguments[0]), false);
        NetworkPool pool = NetworkPool.open()) {
      OUT.println(MachineDescription.get());
      PoolBenchmarks benchmarks = new PoolBenchmarks(workbench, rounds, pool);
      benchmarks.starts(
          "PID and a NET namespace, lo up, and no root of its own",
          benchmarks::bareContainer,
          benchmarks.bareContainerOfC());
      benchmarks.starts(
          "PID+MOUNT+UTS+IPC and a NET namespace, lo up",
          benchmarks::container,
          benchmarks.containerOfC());
      benchmarks.startsOnABridge();
      benchmarks.sustained(seconds);
      benchmarks.whileOthersAreFreed();
    } finally {
      Belljar.shutdown();
    }
  }

  private ContainerBuilder container() {
    return silent()
        .rootfs(Rootfs.directory(workbench.root()).withProcOnly())
        .namespaces(PID, MOUNT, UTS, IPC, NET)
        .command(Workbench.TRUE);
  }

  private ContainerBuilder bareContainer() {
    return silent().namespaces(PID, NET).command(workbench.root() + Workbench.TRUE);
  }

  private static ContainerBuilder silent() {
    return Container.builder()
        .stdin(Stdio.discard())
        .stdout(Stdio.discard())
        .stderr(Stdio.discard());
  }

  private Peer belljar(String name, ContainerSpec spec) {
    return Peer.of(
        name,
        () -> {
          try (Container container = spec.start()) {
            return container.waitFor();
          }
        });
  }

  private Peer withStock(ContainerBuilder builder) throws InterruptedException {
    return withStock("Belljar, with stock", pool, builder);
  }

  /**
   * Has stock for each start: the refilling is not timed, as that of the C program is not. It comes
   * after each, so that whoever is measured next waits as long as this one, and finds as little in
   * the processors' caches.
   */
  private Peer withStock(String name, NetworkPool pool, ContainerBuilder builder)
      throws InterruptedException {
    requireFull(pool);
    Peer peer = belljar(name, builder.networkPool(pool).build());
    return new Peer() {
      @Override
      public String name() {
        return peer.name();
      }

      @Override
      public long run() throws Exception {
        long nanos = peer.run();
        requireFull(pool);
        return nanos;
      }
    };
  }

  private static void requireFull(NetworkPool pool) throws InterruptedException {
    if (!pool.awaitFull(LONG)) {
      throw new IllegalStateException("the pool did not fill: " + pool.failure());
    }
  }

  private NativePeer c(String name, String option, List<String> container) throws IOException {
    List<String> words = new ArrayList<>(List.of("start"));
    words.addAll(container);
    words.add(option);
    return NativePeer.start(name, workbench.peer(), words);
  }

  private List<String> containerOfC() {
    return List.of(workbench.root().toString(), Workbench.TRUE, "--proc-only");
  }

  private List<String> bareContainerOfC() {
    return List.of("/", workbench.root() + Workbench.TRUE, "--bare");
  }

  private void starts(String title, Supplier<ContainerBuilder> container, List<String> ofC)
      throws Exception {
    try (Contest contest = new Contest(title)) {
      contest.add(c("C, enters a ready one", "--net-ready", ofC));
      contest.add(c("C, makes one", "--net", ofC));
      contest.add(withStock(container.get()));
      contest.add(belljar("Belljar, makes one", container.get().build()));
      contest.run(WARM_UP, rounds, OUT);
    }
  }

  /** The bridge is in a NET namespace that plays the host: the machine's own is spared. */
  private void startsOnABridge() throws Exception {
    try (NamespaceSet made = NewNamespaces.of(NET).create()) {
      Namespace host = made.get(NET);
      BridgeNetwork lan = Network.bridge("lan0", SUBNET).in(host);
      try (Contest contest = new Contest("the same on a bridge");
          NetworkPool onBridge = NetworkPool.of(NetworkPool.USUAL_SIZE, lan)) {
        contest.add(belljar("Belljar, puts each on the bridge", container().network(lan).build()));
        contest.add(withStock("Belljar, with stock on none", pool, container().network(lan)));
        contest.add(
            withStock("Belljar, with stock on the bridge", onBridge, container().network(lan)));
        contest.run(WARM_UP_ON_BRIDGE, rounds, OUT);
      }
    }
  }

  private void sustained(int seconds) throws Exception {
    OUT.printf("%n### starts per second, without a pause, for %d s%n%n", seconds);
    try (NativePeer c = c("C, makes one", "--net", containerOfC())) {
      List<Peer> peers =
          List.of(
              c,
              belljar("Belljar, with a pool", container().networkPool(pool).build()),
              belljar("Belljar, makes each", container().build()));
      long[] counts = new long[peers.size()];
      for (int done = 0; done < seconds; done += SLICE_SECONDS) {
        for (int i = 0; i < counts.length; i++) {
          Thread.sleep(FREEING); // what the one before left
          counts[i] += startsIn(TimeUnit.SECONDS.toNanos(SLICE_SECONDS), peers.get(i));
        }
      }
      double time = Math.ceilDiv(seconds, SLICE_SECONDS) * (double) SLICE_SECONDS;
      for (int i = 0; i < counts.length; i++) {
        OUT.printf(Locale.ROOT, "%s: %.0f%n", peers.get(i).name(), counts[i] / time);
      }
    }
  }

  private static long startsIn(long nanos, Peer peer) throws Exception {
    long begin = System.nanoTime();
    long count = 0;
    while (System.nanoTime() - begin < nanos) {
      peer.run();
      count++;
    }
    return count;
  }

  private void whileOthersAreFreed() throws Exception {
    List<ReadyNetwork> taken = new ArrayList<>();
    try (NetworkPool large = NetworkPool.of(FREED)) {
      requireFull(large);
      while (taken.size() < FREED) {
        Optional<ReadyNetwork> one = large.take();
        one.ifPresent(taken::add);
      }
    }
    Peer peer = withStock(container());
    Samples samples = new Samples();
    taken.forEach(ReadyNetwork::close);
    for (int i = 0; i < FREED / 2; i++) {
      samples.add(peer.run());
    }
    OUT.printf(
        "%nBelljar, with stock, while %d namespaces are being freed: p50 %d us, p99 %d us%n",
        FREED, samples.percentile(0.5) / 1000, samples.percentile(0.99) / 1000);
  }
}
