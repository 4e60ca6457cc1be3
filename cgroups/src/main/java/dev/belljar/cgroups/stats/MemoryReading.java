package dev.belljar.cgroups.stats;

import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Reads {@link MemoryStats}. */
final class MemoryReading {
  private static final String V1_USAGE = "memory.usage_in_bytes";

  private MemoryReading() {}

  static Optional<MemoryStats> read(GroupFiles files) {
    Optional<Map<String, Long>> stat = files.counters("memory.stat");
    if (stat.isEmpty()) {
      return Optional.empty();
    }
    Map<String, Long> counters = stat.get();
    boolean v1 = files.text(V1_USAGE).isPresent();
    Map<String, Long> events =
        files.counters(v1 ? "memory.oom_control" : "memory.events").orElse(Map.of());
    OptionalLong swapped = files.number("memory.swap.current");
    OptionalLong kernel = files.number("memory.kmem.usage_in_bytes");
    return Optional.of(
        new MemoryStats(
            files.number(V1_USAGE, "memory.current"),
            files.number("memory.max_usage_in_bytes", "memory.peak"),
            files.limit("memory.limit_in_bytes", "memory.max"),
            GroupFiles.of(counters, "total_cache", "file"),
            GroupFiles.of(counters, "total_rss", "anon"),
            swapped.isPresent() ? swapped : GroupFiles.of(counters, "total_swap"),
            kernel.isPresent() ? kernel : GroupFiles.of(counters, "kernel"),
            GroupFiles.of(events, "oom_kill"),
            counters,
            files
                .text("memory.numa_stat")
                .map(text -> v1 ? numaV1(text, pageSize()) : numaV2(text))
                .orElse(Map.of())));
  }

  /** Lines {@code anon N0=4096 N1=0}. */
  static Map<Integer, Map<String, Long>> numaV2(String text) {
    Map<Integer, Map<String, Long>> nodes = new TreeMap<>();
    GroupFiles.parseNested(text)
        .forEach((key, values) -> values.forEach((node, value) -> put(nodes, node, key, value)));
    return nodes;
  }

  /** Lines {@code file=5 N0=5 N1=0} of pages, each key of the group and, hierarchical, of all. */
  static Map<Integer, Map<String, Long>> numaV1(String text, long pageSize) {
    Map<Integer, Map<String, Long>> nodes = new TreeMap<>();
    GroupFiles.parseNested(text)
        .forEach((total, values) -> {
          String key = total.substring(0, total.indexOf('='));
          values.forEach((node, pages) -> put(nodes, node, key, pages * pageSize));
        });
    return nodes;
  }

  private static void put(
      Map<Integer, Map<String, Long>> nodes, String node, String key, long value) {
    if (node.startsWith("N")) {
      nodes
          .computeIfAbsent(Integer.valueOf(node.substring(1)), _ -> new LinkedHashMap<>())
          .put(key, value);
    }
  }

  // AT_PAGESZ of the auxiliary vector, see getauxval(3): pairs of numbers.
  private static long pageSize() {
    ByteBuffer vector =
        ByteBuffer.wrap(FileCalls.readFile(Syscall.AT_FDCWD, "/proc/self/auxv"))
            .order(ByteOrder.nativeOrder());
    while (vector.remaining() >= 2 * Long.BYTES) {
      long kind = vector.getLong();
      long value = vector.getLong();
      if (kind == 6) {
        return value;
      }
    }
    throw new IllegalStateException("/proc/self/auxv has no AT_PAGESZ");
  }
}
