package dev.belljar.benchmarks;

import static dev.belljar.namespaces.NamespaceType.NET;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.belljar.Belljar;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceSet;
import dev.belljar.namespaces.NewNamespaces;
import dev.belljar.namespaces.forward.PortForwarder;
import dev.belljar.namespaces.net.NetworkStack;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Measures published ports beside two C proxies: {@code benchmarks/forward}, see the README.
 *
 * <p>Everybody connects the same client, outside, with the same server, in a network namespace, and
 * they take turns.
 */
public final class ForwardBenchmarks {
  private static final String ADDRESS = "169.254.77.1"; // given by the first forwarder
  private static final int PORT = 7000;
  private static final int BURST = 1000;
  private static final int WARM_UP = 4; // rounds
  private static final PrintStream OUT = System.out;

  private final Path folder;
  private final int rounds;
  private final List<ForwardPeer> peers = new ArrayList<>();

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
      String path = "/proc/" + ProcessHandle.current().pid() + "/fd/" + net.descriptor().number();
      try (PortForwarder forwarder = PortForwarder.open(net)) {
        int port = forwarder.publish(0, PORT);
        try (ForwardPeer server = server(path, ADDRESS);
            ForwardPeer outside = server("/proc/self/ns/net", "127.0.0.1")) {
          peers.add(ForwardPeer.of("direct, loopback", outside.pid(), PORT));
          peers.add(proxy("C, a thread per direction", "threads", path));
          peers.add(proxy("C, epoll", "epoll", path));
          peers.add(ForwardPeer.of("Belljar", ProcessHandle.current().pid(), port));
          measure();
          server.check();
        } finally {
          peers.forEach(ForwardPeer::close);
        }
      }
    }
  }

  private ForwardPeer server(String path, String address) throws IOException {
    return ForwardPeer.start(
        "server",
        List.of(
            folder.resolve("traffic").toString(), "serve", path, address, Integer.toString(PORT)));
  }

  private ForwardPeer proxy(String name, String kind, String path) throws IOException {
    return ForwardPeer.start(
        name,
        List.of(folder.resolve("proxy").toString(), kind, path, ADDRESS, Integer.toString(PORT)));
  }

  private void measure() throws Exception {
    OUT.println(MachineDescription.get());
    Map<String, List<String>> tests = new LinkedHashMap<>();
    tests.put("stream, 8 connections, MB/s", List.of("stream", "8", "128"));
    tests.put("stream, 1 connection, MB/s", List.of("stream", "1", "512"));
    tests.put("ping-pong, us", List.of("pingpong", "5000"));
    tests.put("connect and first answer, us", List.of("connect", "1000"));
    tests.put(BURST + " connections at once, per s", List.of("burst", "" + BURST, "64"));
    for (int i = 0; i < WARM_UP; i++) {
      for (List<String> test : tests.values()) {
        for (ForwardPeer peer : peers) {
          run(peer, test);
        }
      }
    }
    for (Map.Entry<String, List<String>> test : tests.entrySet()) {
      measure(test.getKey(), test.getValue());
    }
  }

  private void measure(String title, List<String> test) throws Exception {
    Map<ForwardPeer, List<Double>> results = new LinkedHashMap<>();
    Map<ForwardPeer, List<Double>> cpu = new LinkedHashMap<>();
    for (int i = 0; i < rounds; i++) {
      for (ForwardPeer peer : peers) {
        double before = peer.cpuSeconds();
        results.computeIfAbsent(peer, _ -> new ArrayList<>()).add(run(peer, test));
        cpu.computeIfAbsent(peer, _ -> new ArrayList<>()).add(peer.cpuSeconds() - before);
      }
    }
    double reference = median(results.get(peers.get(1)));
    boolean streams = test.getFirst().equals("stream");
    OUT.println();
    OUT.println("| " + title + " | median | / C threads |" + (streams ? " CPU s / GB |" : ""));
    OUT.println("| :--- | ---: | ---: |" + (streams ? " ---: |" : ""));
    for (ForwardPeer peer : peers) {
      double median = median(results.get(peer));
      String row =
          String.format(
              Locale.ROOT, "| %s | %.1f | %.2f |", peer.name(), median, median / reference);
      if (streams) {
        double gigabytes =
            Integer.parseInt(test.get(1)) * Integer.parseInt(test.get(2)) * 1048576.0 / 1e9;
        row += String.format(Locale.ROOT, " %.3f |", median(cpu.get(peer)) / gigabytes);
      }
      OUT.println(row);
    }
    if (test.getFirst().equals("burst")) {
      OUT.printf(
          Locale.ROOT,
          "%nThis JVM's memory, at most since it began: %d MiB, now %d MiB%n",
          kilobytes("VmHWM") >> 10,
          kilobytes("VmRSS") >> 10);
    }
  }

  private static long kilobytes(String field) throws IOException {
    Optional<String> line =
        Files.readAllLines(Path.of("/proc/self/status")).stream()
            .filter(each -> each.startsWith(field + ":"))
            .findFirst();
    return Long.parseLong(line.orElseThrow().replaceAll("\\D", ""));
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
