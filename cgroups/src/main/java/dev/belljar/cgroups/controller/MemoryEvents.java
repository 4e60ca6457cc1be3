package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.tree.FlatKeyed;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How often things happened to the memory of a group of version 2.
 *
 * @param low it was reclaimed although below its {@code memory.low}
 * @param high processes were slowed down for {@code memory.high}
 * @param max usage was about to go above {@code memory.max}
 * @param oom an allocation was about to fail, so that the killer was called
 * @param oomKills processes that were killed for it
 * @param oomGroupKills times that the whole group was killed; empty before Linux 5.17
 * @param socketsThrottled times that network buffers were held back; empty on kernels that do not
 *     count them, such as 6.12
 */
public record MemoryEvents(
    long low,
    long high,
    long max,
    long oom,
    long oomKills,
    OptionalLong oomGroupKills,
    OptionalLong socketsThrottled) {
  /**
   * Parses {@code memory.events} and {@code memory.events.local}.
   *
   * @param text the file's contents
   * @return the numbers
   * @throws IllegalArgumentException when one that every kernel has is missing
   */
  public static MemoryEvents parse(String text) {
    Map<String, Long> values = FlatKeyed.parse(text);
    return new MemoryEvents(
        required(values, "low"),
        required(values, "high"),
        required(values, "max"),
        required(values, "oom"),
        required(values, "oom_kill"),
        optional(values, "oom_group_kill"),
        optional(values, "sock_throttled"));
  }

  static long required(Map<String, Long> values, String key) {
    Long value = values.get(key);
    if (value == null) {
      throw new IllegalArgumentException("no " + key + " in " + values);
    }
    return value;
  }

  private static OptionalLong optional(Map<String, Long> values, String key) {
    Long value = values.get(key);
    return value == null ? OptionalLong.empty() : OptionalLong.of(value);
  }
}
