package dev.belljar.cgroups.event;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What is to be told of a group.
 *
 * @param kinds what needs no number
 * @param thresholds bytes
 * @param levels of memory pressure
 * @param stalls triggers of pressure stall information
 * @param interval how often to look at what is not announced
 */
record Choice(
    Set<Kind> kinds,
    Set<Long> thresholds,
    Set<PressureLevel> levels,
    Set<StallTrigger> stalls,
    Duration interval) {
  /** What needs no number. */
  enum Kind {
    /** All the others, as far as the group has them. */
    EVERYTHING,
    OOM,
    MEMORY_LIMITS,
    PIDS_LIMIT,
    POPULATION,
    FREEZING
  }

  static final Choice NOTHING =
      new Choice(Set.of(), Set.of(), Set.of(), Set.of(), Duration.ofSeconds(1));

  boolean isEmpty() {
    return kinds.isEmpty() && thresholds.isEmpty() && levels.isEmpty() && stalls.isEmpty();
  }

  Choice and(Kind kind) {
    return new Choice(added(kinds, kind), thresholds, levels, stalls, interval);
  }

  Choice andThreshold(long bytes) {
    return new Choice(kinds, added(thresholds, bytes), levels, stalls, interval);
  }

  Choice andLevel(PressureLevel level) {
    return new Choice(kinds, thresholds, added(levels, level), stalls, interval);
  }

  Choice andStall(StallTrigger trigger) {
    return new Choice(kinds, thresholds, levels, added(stalls, trigger), interval);
  }

  Choice every(Duration newInterval) {
    return new Choice(kinds, thresholds, levels, stalls, newInterval);
  }

  private static <T> Set<T> added(Set<T> set, T element) {
    Set<T> wider = new LinkedHashSet<>(set);
    wider.add(element);
    return Set.copyOf(wider);
  }
}
