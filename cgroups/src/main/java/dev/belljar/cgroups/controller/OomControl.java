package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.tree.FlatKeyed;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What happens on version 1 when a group is out of memory, and whether it is.
 *
 * @param killerOn true when the kernel kills a process of the group, false when processes that ask
 *     for memory wait until there is some
 * @param underOom true while processes wait
 * @param kills how many processes of the group were killed; empty before Linux 4.13
 */
public record OomControl(boolean killerOn, boolean underOom, OptionalLong kills) {
  /**
   * Parses {@code memory.oom_control}.
   *
   * @param text the file's contents
   * @return the values
   * @throws IllegalArgumentException when it is not of this form
   */
  public static OomControl parse(String text) {
    Map<String, Long> values = FlatKeyed.parse(text);
    Long disabled = values.get("oom_kill_disable");
    Long under = values.get("under_oom");
    if (disabled == null || under == null) {
      throw new IllegalArgumentException("not a memory.oom_control: " + text);
    }
    return new OomControl(disabled == 0, under != 0, FlatKeyed.value(text, "oom_kill"));
  }

  String print() {
    return "oom_kill_disable %d\nunder_oom %d%s"
        .formatted(
            killerOn ? 0 : 1,
            underOom ? 1 : 0,
            kills.isPresent() ? "\noom_kill " + kills.getAsLong() : "");
  }
}
