package dev.belljar.cgroups;

import java.util.OptionalLong;

/** Files of lines {@code key value}, such as {@code memory.events}. */
final class FlatKeyed {
  private FlatKeyed() {}

  /** Returns the number of a key; empty when the kernel prints no such key. */
  static OptionalLong value(String text, String key) {
    return text.lines()
        .filter(line -> line.startsWith(key + " "))
        .mapToLong(line -> Long.parseLong(line.substring(key.length() + 1).strip()))
        .findFirst();
  }
}
