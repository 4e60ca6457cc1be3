package dev.belljar.cgroups.stats;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Maps in the kernel's order that cannot be changed. */
final class Maps {
  private Maps() {}

  static <K, V> Map<K, V> copy(Map<K, V> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
