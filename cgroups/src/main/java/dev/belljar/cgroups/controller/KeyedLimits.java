package dev.belljar.cgroups.controller;

import java.util.LinkedHashMap;
import java.util.Map;

/** Lines of a key and a bound, such as {@code misc.max} and {@code dmem.max} have them. */
final class KeyedLimits {
  private KeyedLimits() {}

  static Map<String, Limit> parse(String text) {
    Map<String, Limit> limits = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      int blank = line.lastIndexOf(' ');
      if (blank < 1) {
        throw new IllegalArgumentException("not a key and a bound: " + line);
      }
      limits.put(line.substring(0, blank), Limit.parse(line.substring(blank + 1)));
    }
    return limits;
  }

  static String print(String key, Limit limit) {
    return key + " " + (limit.isUnlimited() ? "max" : limit.toString());
  }
}
