package dev.belljar.cgroups.stats;

import dev.belljar.cgroups.controller.Limit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@link PidsStats} and {@link HugetlbStats}. */
final class OtherReading {
  private static final Pattern HUGETLB =
      Pattern.compile("hugetlb\\.([^.]+)\\.(current|usage_in_bytes)");

  private OtherReading() {}

  static Optional<PidsStats> pids(GroupFiles files) {
    OptionalLong current = files.number("pids.current");
    Optional<Limit> limit = files.limit("pids.max");
    if (current.isEmpty() || limit.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new PidsStats(
            current.getAsLong(),
            limit.get(),
            files.number("pids.peak"),
            GroupFiles.of(files.counters("pids.events").orElse(Map.of()), "max")));
  }

  static Map<String, HugetlbStats> hugetlb(GroupFiles files) {
    Map<String, HugetlbStats> sizes = new LinkedHashMap<>();
    for (String name : files.names()) {
      Matcher matcher = HUGETLB.matcher(name);
      if (matcher.matches()) {
        sizes.put(matcher.group(1), hugetlb(files, "hugetlb." + matcher.group(1) + "."));
      }
    }
    return sizes;
  }

  private static HugetlbStats hugetlb(GroupFiles files, String prefix) {
    OptionalLong failures = files.number(prefix + "failcnt");
    return new HugetlbStats(
        files.number(prefix + "usage_in_bytes", prefix + "current").orElseThrow(),
        files.limit(prefix + "limit_in_bytes", prefix + "max").orElse(Limit.UNLIMITED),
        files.number(prefix + "max_usage_in_bytes"),
        failures.isPresent()
            ? failures
            : GroupFiles.of(files.counters(prefix + "events").orElse(Map.of()), "max"),
        files.number(prefix + "rsvd.usage_in_bytes", prefix + "rsvd.current"));
  }
}
