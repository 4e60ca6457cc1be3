package dev.belljar.benchmarks;

import java.util.List;

/**
 * What is done through each published port.
 *
 * @param title what is measured, and its unit
 * @param arguments those of {@code traffic.c}, without the port
 * @param aim what Belljar is to reach
 */
record ForwardTest(String title, List<String> arguments, String aim) {
  private static final int BURST = 1000;

  /** All of them, in their order; the last one is the burst. */
  static List<ForwardTest> all() {
    return List.of(
        new ForwardTest(
            "stream, 8 connections, MB/s",
            List.of("stream", "8", "128"),
            "at least 0.9 x C, threads; CPU per GB at most 1.2 x C, epoll"),
        new ForwardTest(
            "stream, 1 connection, MB/s",
            List.of("stream", "1", "512"),
            "at least 0.85 x C, threads; CPU per GB at most 1.2 x C, epoll"),
        new ForwardTest("ping-pong, us", List.of("pingpong", "5000"), "at most 1.5 x C, threads"),
        new ForwardTest(
            "connect and first answer, us", List.of("connect", "1000"), "at most 2 x C, threads"),
        new ForwardTest(
            BURST + " connections at once, per s",
            List.of("burst", Integer.toString(BURST), "64"),
            "all complete, else the run fails; at least 0.6 x C, threads; the JVM grows by at most"
                + " 128 MiB"));
  }

  boolean isStream() {
    return arguments.getFirst().equals("stream");
  }

  boolean isBurst() {
    return arguments.getFirst().equals("burst");
  }

  /** How much one run of a stream moves, in GB. */
  double gigabytes() {
    long megabytes = Long.parseLong(arguments.get(1)) * Long.parseLong(arguments.get(2));
    return (megabytes << 20) / 1e9;
  }
}
