package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.tree.Words;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A statistic of each memory node.
 *
 * @param total the sum as the kernel gives it; empty in {@code memory.numa_stat} of version 2,
 *     which has none
 * @param nodes by the number of the node; pages in {@code memory.numa_stat} of version 1, bytes
 *     elsewhere
 */
public record NumaCount(OptionalLong total, SortedMap<Integer, Long> nodes) {
  /** Makes a statistic. */
  public NumaCount {
    nodes = Collections.unmodifiableSortedMap(new TreeMap<>(nodes));
  }

  /**
   * Parses {@code numa_stat} files of both versions: lines such as {@code anon N0=4096 N1=0} or
   * {@code total=1 N0=1}.
   *
   * @param text the file's contents
   * @return the statistics by name, in the kernel's order
   * @throws IllegalArgumentException when it is not of this form
   */
  public static Map<String, NumaCount> parse(String text) {
    Map<String, NumaCount> all = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      List<String> words = Words.of(line);
      if (words.isEmpty()) {
        throw new IllegalArgumentException("an empty line in a numa_stat file");
      }
      String[] head = words.getFirst().split("=", 2);
      SortedMap<Integer, Long> nodes = new TreeMap<>();
      for (String word : words.subList(1, words.size())) {
        String[] node = word.split("=", 2);
        if (node.length != 2 || !node[0].startsWith("N")) {
          throw new IllegalArgumentException("not a line of a numa_stat file: " + line);
        }
        nodes.put(Integer.parseInt(node[0].substring(1)), Long.parseLong(node[1]));
      }
      OptionalLong total =
          head.length == 2 ? OptionalLong.of(Long.parseLong(head[1])) : OptionalLong.empty();
      all.put(head[0], new NumaCount(total, nodes));
    }
    return Collections.unmodifiableMap(all);
  }

  static String print(Map<String, NumaCount> all) {
    StringBuilder text = new StringBuilder();
    all.forEach((name, count) -> {
      text.append(text.isEmpty() ? "" : "\n").append(name);
      count.total.ifPresent(total -> text.append('=').append(total));
      count.nodes.forEach((node, n) -> text.append(" N").append(node).append('=').append(n));
    });
    return text.toString();
  }
}
