package dev.belljar.cgroups.tree;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/** Files of lines {@code key value}, such as {@code memory.events}. */
public final class FlatKeyed {
  private FlatKeyed() {}

  /** Returns the number of a key; empty when the kernel prints no such key. */
  public static OptionalLong value(String text, String key) {
    return text.lines()
        .filter(line -> line.startsWith(key + " "))
        .mapToLong(line -> Long.parseLong(line.substring(key.length() + 1).strip()))
        .findFirst();
  }

  /**
   * Parses all lines, in their order.
   *
   * @throws IllegalArgumentException when one is not of this form
   */
  public static Map<String, Long> parse(String text) {
    Map<String, Long> values = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      int space = line.indexOf(' ');
      if (space < 0) {
        throw new IllegalArgumentException("not a key and a number: " + line);
      }
      values.put(line.substring(0, space), Long.parseLong(line.substring(space + 1).strip()));
    }
    return values;
  }
}
