package dev.belljar.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.belljar.Container;
import dev.belljar.ContainerProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Starts a container on the machine's own files and prints what commands inside it see.
 *
 * <p>Runs as root and as an ordinary user; what this host cannot give is printed as a warning.
 */
public final class Hello {
  private static final String HOSTNAME = "hello";
  private static final long MEMORY = 64 << 20;
  private static final int PIDS = 32;

  // Where the limits stand on cgroup v1, and on v2.
  private static final String READ_MEMORY =
      "cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null"
          + " || cat /sys/fs/cgroup/memory.max 2>/dev/null || echo none";
  private static final String READ_PIDS =
      "cat /sys/fs/cgroup/pids/pids.max 2>/dev/null"
          + " || cat /sys/fs/cgroup/pids.max 2>/dev/null || echo none";

  /** What each line shows, and the command inside that tells it. */
  static final Map<String, List<String>> QUESTIONS = questions();

  private Hello() {}

  private static Map<String, List<String>> questions() {
    Map<String, List<String>> all = new LinkedHashMap<>();
    all.put("hostname", List.of("hostname"));
    all.put("user", List.of("id", "-un"));
    all.put("processes", List.of("ps", "-e", "-o", "pid=,comm="));
    all.put("network", List.of("sh", "-c", "tail -n +3 /proc/net/dev | cut -d: -f1"));
    all.put("root", List.of("sh", "-c", "touch /new 2>&1; grep ' / / ' /proc/self/mountinfo"));
    all.put("memory limit", List.of("sh", "-c", READ_MEMORY));
    all.put("process limit", List.of("sh", "-c", READ_PIDS));
    return all;
  }

  /**
   * Runs the example.
   *
   * @param arguments none
   * @throws IOException when a command's output cannot be read
   * @throws InterruptedException when interrupted while waiting
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    List<String> lines = new ArrayList<>();
    long began = System.nanoTime();
    try (Container container =
        Container.builder().hostname(HOSTNAME).memory(MEMORY).pids(PIDS).lenient().start()) {
      long first = System.nanoTime() - began;
      for (Map.Entry<String, List<String>> question : QUESTIONS.entrySet()) {
        ContainerProcess process = container.exec(question.getValue().toArray(String[]::new));
        String answer = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
        process.waitFor();
        lines.add("%-14s %s".formatted(question.getKey(), answer.replace("\n", " | ").strip()));
      }
      container.plan().warnings().forEach(warning -> lines.add("warning        " + warning));
      lines.add("first start    %.1f ms, in a JVM that has just begun".formatted(first / 1e6));
    }
    lines.add("next start     %.2f ms, to the exit of its command".formatted(again() / 1e6));
    lines.forEach(System.out::println);
  }

  /** How long the same container takes when started again, the shortest of some tries. */
  private static long again() throws InterruptedException {
    var spec =
        Container.builder()
            .hostname(HOSTNAME)
            .memory(MEMORY)
            .pids(PIDS)
            .lenient()
            .command("true")
            .build();
    long shortest = Long.MAX_VALUE;
    for (int i = 0; i < 50; i++) {
      long began = System.nanoTime();
      try (Container container = spec.start()) {
        container.waitFor();
      }
      shortest = Math.min(shortest, System.nanoTime() - began);
    }
    return shortest;
  }
}
