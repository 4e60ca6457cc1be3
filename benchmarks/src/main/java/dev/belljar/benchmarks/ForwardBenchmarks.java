package dev.belljar.benchmarks;

import static dev.belljar.namespaces.NamespaceType.NET;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.belljar.Belljar;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceSet;
import dev.belljar.namespaces.NewNamespaces;
import dev.belljar.namespaces.net.NetworkStack;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Measures published ports beside two C proxies: {@code benchmarks/forward}, see the README.
 *
 * <p>Everybody connects the same client, outside, with the same server, in a network namespace, and
 * they take turns, each round in another order. Belljar forwards in a JVM of its own.
 */
public final class ForwardBenchmarks {
  private static final String ADDRESS = "169.254.77.1"; // given by the first forwarder
  private static final int PORT = 7000;
  private static final int WARM_UP = 4; // rounds
  private static final int LARGE_PIPE = 256 << 10; // what Belljar gives its first pipes
  private static final int KILO = 1024;
  private static final int DIRECT = 0; // among the peers
  private static final int THREADS = 1;
  private static final int EPOLL = 2;
  private static final PrintStream OUT = System.out;

  private final Path folder;
  private final int rounds;
  private final List<ForwardPeer> peers = new ArrayList<>();
  private final Random random = new Random(1); // any, but the same in each run

  private ForwardBenchmarks(Path folder, int rounds) {
    this.folder = folder;
    this.rounds = rounds;
  }

  /**
   * Runs it.
   *
   * @param arguments the folder of the C sources, and how many rounds, 5 if not given
   */
  public static void main(String... arguments) throws Exception {
    Path sources = Path.of(arguments[0]);
    int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
    Path folder = Files.createTempDirectory("belljar-forward");
    try {
      for (String program : List.of("proxy", "traffic")) {
        compile(sources.resolve(program + ".c"), folder.resolve(program));
      }
      new ForwardBenchmarks(folder, rounds).run();
    } finally {
      for (String program : List.of("proxy", "traffic")) {
        Files.deleteIfExists(folder.resolve(program));
      }
      Files.delete(folder);
      Belljar.shutdown();
    }
  }

  private static void compile(Path source, Path program) throws IOException, InterruptedException {
    List<String> command =
        List.of("cc", "-O2", "-pthread", "-o", program.toString(), source.toString());
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IllegalStateException(String.join(" ", command) + " failed");
    }
  }

  private void run() throws Exception {
    try (NamespaceSet made = NewNamespaces.of(NET).create()) {
      Namespace net = made.get(NET);
      try (NetworkStack stack = NetworkStack.of(net)) {
        stack.links().up(stack.links().get("lo"));
      }
      net.call(ForwardBenchmarks::letPortsBeUsedAgain);
      String path = "/proc/" + ProcessHandle.current().pid() + "/fd/" + net.descriptor().number();
      try (ForwardPeer belljar =
              ForwardPeer.start("Belljar", ForwardingJvm.command(path, PORT)); // gives the address
          ForwardPeer server = server(path, ADDRESS);
          ForwardPeer outside = server("/proc/self/ns/net", "127.0.0.1")) {
        peers.add(ForwardPeer.of("direct, loopback", outside.pid(), PORT));
        peers.add(proxy("C, threads", "threads", path, 0));
        peers.add(proxy("C, epoll", "epoll", path, 0));
        peers.add(proxy("C, threads, larger pipes", "threads", path, LARGE_PIPE));
        peers.add(proxy("C, epoll, larger pipes", "epoll", path, LARGE_PIPE));
        peers.add(belljar);
        measure();
        server.check();
      } finally {
        peers.forEach(ForwardPeer::close);
      }
    }
  }

  // All connections inside are to one address and port. Those that have ended hold their own ports
  // for a minute, and of the usual 28,232 too few would be left: they took milliseconds to find.
  private static Void letPortsBeUsedAgain() throws IOException {
    Path sysctls = Path.of("/proc/sys/net/ipv4");
    Files.writeString(sysctls.resolve("tcp_tw_reuse"), "1");
    Files.writeString(sysctls.resolve("ip_local_port_range"), "10000 65535");
    return null;
  }

  private ForwardPeer server(String path, String address) throws IOException {
    return ForwardPeer.start(
        "server",
        List.of(
            folder.resolve("traffic").toString(), "serve", path, address, Integer.toString(PORT)));
  }

  private ForwardPeer proxy(String name, String kind, String path, int pipe) throws IOException {
    String proxy = folder.resolve("proxy").toString();
    List<String> command = List.of(proxy, kind, path, ADDRESS, "" + PORT, "" + pipe);
    return ForwardPeer.start(name, command);
  }

  private void measure() throws Exception {
    OUT.println(MachineDescription.get());
    List<ForwardTest> tests = ForwardTest.all();
    for (ForwardTest test : tests) {
      if (!test.isBurst()) { // what the first of them costs in memory is measured
        warmUp(test);
      }
    }
    for (ForwardTest test : tests) {
      long before = belljar().kilobytes("VmRSS");
      if (test.isBurst()) {
        belljar().forgetPeak();
        warmUp(test);
      }
      measure(test);
      if (test.isBurst()) {
        OUT.printf(
            Locale.ROOT,
            "%nThe forwarding JVM grew by %d MiB (VmRSS after all bursts minus before the first),"
                + " by %d MiB at most meanwhile (VmHWM)%n",
            (belljar().kilobytes("VmRSS") - before) / KILO,
            (belljar().kilobytes("VmHWM") - before) / KILO);
      }
    }
  }

  private ForwardPeer belljar() {
    return peers.getLast();
  }

  private void warmUp(ForwardTest test) throws Exception {
    for (int i = 0; i < WARM_UP; i++) {
      for (ForwardPeer peer : peers) {
        run(peer, test.arguments());
      }
    }
  }

  private void measure(ForwardTest test) throws Exception {
    Map<ForwardPeer, List<Double>> results = new HashMap<>();
    Map<ForwardPeer, Double> cpu = new HashMap<>();
    List<ForwardPeer> order = new ArrayList<>(peers);
    for (int i = 0; i < rounds; i++) {
      Collections.shuffle(order, random);
      for (ForwardPeer peer : order) {
        double before = peer.cpuSeconds();
        results.computeIfAbsent(peer, _ -> new ArrayList<>()).add(run(peer, test.arguments()));
        cpu.merge(peer, peer.cpuSeconds() - before, Double::sum);
      }
    }
    OUT.println();
    OUT.println("Aim: " + test.aim());
    OUT.println();
    boolean streams = test.isStream();
    OUT.println(
        "| "
            + test.title()
            + " | median | / C, threads |"
            + (streams ? " CPU s / GB | / C, epoll |" : ""));
    OUT.println("| :--- | ---: | ---: |" + (streams ? " ---: | ---: |" : ""));
    for (ForwardPeer peer : peers) {
      double median = median(results.get(peer));
      double reference = median(results.get(peers.get(THREADS)));
      String row =
          String.format(
              Locale.ROOT, "| %s | %.1f | %.2f |", peer.name(), median, median / reference);
      if (streams) {
        row +=
            peer.equals(peers.get(DIRECT))
                ? "  |  |" // nobody forwards
                : String.format(
                    Locale.ROOT,
                    " %.3f | %.2f |",
                    cpu.get(peer) / (rounds * test.gigabytes()),
                    cpu.get(peer) / cpu.get(peers.get(EPOLL)));
      }
      OUT.println(row);
    }
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  private double run(ForwardPeer peer, List<String> test) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(folder.resolve("traffic").toString());
    command.add(test.getFirst());
    command.add(Integer.toString(peer.port()));
    command.addAll(test.subList(1, test.size()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IllegalStateException(peer.name() + ": " + String.join(" ", command) + " failed");
    }
    return Double.parseDouble(printed);
  }
}
