package dev.belljar.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToIntFunction;

/** The system calls of some work, as {@code strace -f -c} counts them, of several peers. */
final class CallCounts {
  private static final int STARTS = 100;
  private static final double SELDOM = 0.1;
  private static final int FIELDS = 5; // share, seconds, microseconds a call, calls, call

  private final String work;
  private final Path folder;
  private final Map<String, Map<String, Integer>> counts = new LinkedHashMap<>();

  /**
   * Begins to count.
   *
   * @param work what is done, for the title
   * @param folder for strace's output
   */
  CallCounts(String work, Path folder) {
    this.work = work;
    this.folder = folder;
  }

  /** Counts the calls of a peer and the processes it starts, while it starts some. */
  void count(NativePeer peer) throws IOException, InterruptedException {
    Path summary = folder.resolve("strace" + counts.size());
    List<String> command = List.of("strace", "-f", "-c", "-o", summary.toString(), "-p");
    List<String> all = new ArrayList<>(command);
    all.add(Long.toString(peer.pid()));
    peer.run();
    Process strace =
        new ProcessBuilder(all).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
    try (BufferedReader messages = strace.errorReader()) {
      String attached = messages.readLine();
      if (attached == null || !attached.contains("attached")) {
        throw new IllegalStateException("strace: " + attached);
      }
      for (int i = 0; i < STARTS; i++) {
        peer.run();
      }
      strace.toHandle().destroy(); // it lets go and writes the summary
      while (messages.readLine() != null) {
        // it tells of each process
      }
    }
    strace.waitFor();
    counts.put(peer.name(), parse(Files.readAllLines(summary)));
  }

  private static Map<String, Integer> parse(List<String> summary) {
    Map<String, Integer> calls = new LinkedHashMap<>();
    for (String line : summary) {
      List<String> fields = List.of(line.strip().split(" +"));
      if (fields.size() >= FIELDS && Character.isDigit(fields.getFirst().charAt(0))) {
        calls.put(fields.getLast(), Integer.parseInt(fields.get(3)));
      }
    }
    calls.remove("total");
    return calls;
  }

  void print(PrintStream out) {
    out.println();
    out.println("### system calls per " + work + ", by strace -f -c over " + STARTS + " of them");
    out.println();
    out.println("| call | " + String.join(" | ", counts.keySet()) + " |");
    out.println("| :--- |" + " ---: |".repeat(counts.size()));
    TreeSet<String> names = new TreeSet<>();
    counts.values().forEach(calls -> names.addAll(calls.keySet()));
    names.forEach(name -> print(name, counts.values(), calls -> calls.getOrDefault(name, 0), out));
    print(
        "all",
        counts.values(),
        calls -> calls.values().stream().mapToInt(Integer::intValue).sum(),
        out);
    out.println();
    out.println(verdict(names));
  }

  /** Says whether the first peer, the limit, makes calls that another one does not. */
  private String verdict(Set<String> names) {
    List<String> sentences = new ArrayList<>();
    Map.Entry<String, Map<String, Integer>> limit = counts.entrySet().iterator().next();
    counts.entrySet().stream()
        .skip(1)
        .forEach(other -> {
          List<String> more =
              names.stream()
                  .filter(name -> perStart(limit, name) - perStart(other, name) >= SELDOM)
                  .toList();
          sentences.add(
              "%s makes %s."
                  .formatted(
                      limit.getKey(),
                      more.isEmpty()
                          ? "no call that " + other.getKey() + " does not"
                          : "more than " + other.getKey() + " of " + String.join(", ", more)));
        });
    return String.join(" ", sentences);
  }

  private static double perStart(Map.Entry<String, Map<String, Integer>> peer, String name) {
    return (double) peer.getValue().getOrDefault(name, 0) / STARTS;
  }

  private static void print(
      String name,
      Iterable<Map<String, Integer>> columns,
      ToIntFunction<Map<String, Integer>> count,
      PrintStream out) {
    StringBuilder row = new StringBuilder("| ").append(name).append(" |");
    boolean any = false;
    for (Map<String, Integer> calls : columns) {
      double perStart = (double) count.applyAsInt(calls) / STARTS;
      any |= perStart >= SELDOM;
      row.append(String.format(Locale.ROOT, " %.1f |", perStart));
    }
    if (any) { // not what a JVM does now and then
      out.println(row);
    }
  }
}
