package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.Limit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The limits that were asked for so far, right or wrong, and what is wrong with them. */
final class CollectedLimits {
  private final Map<ResourceKey<?>, Object> values = new LinkedHashMap<>();
  private final Map<ResourceKey<?>, List<String>> wrong = new LinkedHashMap<>();
  private final SortedMap<String, String> unified = new TreeMap<>();

  @SuppressWarnings("unchecked") // under a key of T there is a T only
  <T> void set(ResourceKey<T> key, T value) {
    wrong.remove(key);
    values.merge(key, value, (earlier, later) -> key.join().apply((T) earlier, (T) later));
  }

  /** Keeps a mistake in place of a value that has no form. */
  void refuse(ResourceKey<?> key, List<String> mistakes) {
    values.remove(key);
    wrong.put(key, mistakes);
  }

  /** Sets a file of version 2 as it is. */
  void setRaw(String file, String value) {
    unified.put(file, value);
  }

  void takeAll(Resources other) {
    ResourceKeys.ALL.forEach(key -> take(key, other));
    unified.putAll(other.rawFiles());
  }

  private <T> void take(ResourceKey<T> key, Resources other) {
    other.get(key).ifPresent(value -> set(key, value));
  }

  /** The limits, which need not be right. */
  Resources asked() {
    return new Resources(values, unified);
  }

  /** Every mistake, a sentence each. */
  List<String> mistakes() {
    Resources asked = asked();
    List<String> mistakes = new ArrayList<>();
    for (ResourceKey<?> key : ResourceKeys.ALL) {
      mistakes.addAll(wrong.getOrDefault(key, List.of()));
      mistakes.addAll(mistakes(key, asked));
    }
    unified.forEach((file, value) -> mistakes.addAll(ResourceKeys.unifiedMistakes(file, value)));
    if (mistakes.isEmpty()) {
      mistakes.addAll(contradictions(asked));
    }
    return mistakes;
  }

  private static <T> List<String> mistakes(ResourceKey<T> key, Resources asked) {
    return asked.get(key).map(key.mistakes()).orElse(List.of());
  }

  private static List<String> contradictions(Resources asked) {
    List<String> found = new ArrayList<>();
    if (asked.get(ResourceKeys.CPU_IDLE).orElse(false)
        && asked.get(ResourceKeys.CPU_WEIGHT).isPresent()) {
      found.add("cpuIdle and cpuShares exclude each other: an idle group has no share");
    }
    Optional<Duration> burst = asked.cpuBurst();
    asked
        .cpuQuota()
        .filter(quota -> burst.isPresent() && burst.get().compareTo(quota.quota()) > 0)
        .ifPresent(quota ->
            found.add(
                "cpuBurst must be at most the quota of %s, not %s"
                    .formatted(quota.quota(), burst.get())));
    if (asked.memorySwap().isPresent()
        && asked.get(ResourceKeys.MEMORY).map(Limit::isUnlimited).orElse(false)) {
      found.add(
          "memorySwap counts memory and swap together, so it cannot be limited where memory is"
              + " not");
    }
    if (asked.memorySwap().isPresent()
        && asked.memory().isPresent()
        && asked.memorySwap().getAsLong() < asked.memory().getAsLong()) {
      found.add(
          "memorySwap counts memory and swap together, so it must be at least the memory limit of"
              + " %d, not %d"
                  .formatted(asked.memory().getAsLong(), asked.memorySwap().getAsLong()));
    }
    return found;
  }
}
