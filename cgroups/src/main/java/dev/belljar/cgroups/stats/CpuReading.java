package dev.belljar.cgroups.stats;

import dev.belljar.cgroups.hierarchy.CgroupVersion;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads {@link CpuStats}. */
final class CpuReading {
  private static final long NANOS_PER_MICRO = 1_000;

  private CpuReading() {}

  static Optional<CpuStats> read(GroupFiles files) {
    Optional<Map<String, Long>> own = files.counters("cpu.stat");
    // The twin in the tree of version 2 counts time even where cpu and cpuacct are on version 1.
    Map<String, Long> v2 =
        files.text(CgroupVersion.V2, "cpu.stat").map(GroupFiles::parse).orElse(Map.of());
    Map<String, Long> stat = own.orElse(Map.of());
    OptionalLong usage = files.number("cpuacct.usage");
    OptionalLong user = files.number("cpuacct.usage_user");
    OptionalLong system = files.number("cpuacct.usage_sys");
    if (own.isEmpty() && usage.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new CpuStats(
            nanos(usage).or(() -> micros(v2, "usage_usec")),
            nanos(user).or(() -> micros(v2, "user_usec")),
            nanos(system).or(() -> micros(v2, "system_usec")),
            files.text("cpuacct.usage_percpu").map(CpuReading::perCpu).orElse(List.of()),
            throttling(stat),
            burst(stat),
            stat));
  }

  private static Optional<Duration> nanos(OptionalLong nanos) {
    return nanos.isPresent() ? Optional.of(Duration.ofNanos(nanos.getAsLong())) : Optional.empty();
  }

  private static Optional<Duration> micros(Map<String, Long> counters, String key) {
    return Optional.ofNullable(counters.get(key)).map(n -> Duration.ofNanos(n * NANOS_PER_MICRO));
  }

  static List<Duration> perCpu(String text) {
    return Arrays.stream(text.strip().split(" "))
        .map(nanos -> Duration.ofNanos(Long.parseLong(nanos)))
        .toList();
  }

  private static Optional<Duration> time(Map<String, Long> stat, String nanos, String micros) {
    return nanos(GroupFiles.of(stat, nanos)).or(() -> micros(stat, micros));
  }

  private static Optional<CpuStats.Throttling> throttling(Map<String, Long> stat) {
    return time(stat, "throttled_time", "throttled_usec")
        .filter(_ -> stat.containsKey("nr_periods") && stat.containsKey("nr_throttled"))
        .map(time ->
            new CpuStats.Throttling(stat.get("nr_periods"), stat.get("nr_throttled"), time));
  }

  private static Optional<CpuStats.Burst> burst(Map<String, Long> stat) {
    return time(stat, "burst_time", "burst_usec")
        .filter(_ -> stat.containsKey("nr_bursts"))
        .map(time -> new CpuStats.Burst(stat.get("nr_bursts"), time));
  }
}
