package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.CpuSet;
import dev.belljar.cgroups.controller.DeviceRules;
import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.controller.NodeSet;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.tree.Names;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** All that {@link Resources} can say. */
final class ResourceKeys {
  static final long MAX_MEMORY = Long.MAX_VALUE;

  static final ResourceKey<CpuWeight> CPU_WEIGHT =
      ResourceKey.<CpuWeight>of("cpuShares", Subsystem.CPU)
          .checked(CpuWeight::mistakes)
          .printed(CpuWeight::text);
  static final ResourceKey<CpuTime> CPU_TIME =
      ResourceKey.<CpuTime>of("cpus", Subsystem.CPU)
          .checked(CpuTime::mistakes)
          .printed(CpuTime::text);
  static final ResourceKey<Duration> CPU_BURST =
      ResourceKey.<Duration>of("cpuBurst", Subsystem.CPU)
          .checked(time -> micros("cpuBurst", time, Duration.ZERO, Duration.ofSeconds(8192)));
  static final ResourceKey<CpuRealtime> CPU_REALTIME =
      ResourceKey.<CpuRealtime>of("cpuRealtime", Subsystem.CPU).checked(CpuRealtime::mistakes);
  static final ResourceKey<Boolean> CPU_IDLE = ResourceKey.of("cpuIdle", Subsystem.CPU);
  static final ResourceKey<String> CPUSET_CPUS =
      ResourceKey.<String>of("cpusetCpus", Subsystem.CPUSET)
          .checked(list -> listMistakes("cpusetCpus", list, CpuSet::parse));
  static final ResourceKey<String> CPUSET_MEMS =
      ResourceKey.<String>of("cpusetMems", Subsystem.CPUSET)
          .checked(list -> listMistakes("cpusetMems", list, NodeSet::parse));
  static final ResourceKey<Limit> MEMORY =
      ResourceKey.<Limit>of("memory", Subsystem.MEMORY)
          .checked(limit -> bound("memory", limit, Resources.MIN_MEMORY, MAX_MEMORY));
  static final ResourceKey<Limit> MEMORY_SWAP =
      ResourceKey.<Limit>of("memorySwap", Subsystem.MEMORY)
          .checked(limit -> bound("memorySwap", limit, Resources.MIN_MEMORY, MAX_MEMORY));
  static final ResourceKey<Limit> MEMORY_RESERVATION =
      ResourceKey.<Limit>of("memoryReservation", Subsystem.MEMORY)
          .checked(limit -> bound("memoryReservation", limit, 0, MAX_MEMORY));
  static final ResourceKey<Long> SWAPPINESS =
      ResourceKey.range("swappiness", Subsystem.MEMORY, 0, 200);
  static final ResourceKey<Boolean> OOM_KILLER = ResourceKey.of("oomKiller", Subsystem.MEMORY);
  static final ResourceKey<Limit> PIDS =
      ResourceKey.<Limit>of("pids", Subsystem.PIDS)
          .checked(limit -> bound("pids", limit, 1, Resources.MAX_PIDS));
  static final ResourceKey<Long> IO_WEIGHT =
      ResourceKey.range("ioWeight", Subsystem.BLKIO, 10, 1000);
  static final ResourceKey<PerDevice> IO_DEVICE_WEIGHT = perDevice("ioWeight", 10, 1000);
  static final ResourceKey<PerDevice> IO_READ_BPS = perDevice("ioReadBps", 1, Long.MAX_VALUE);
  static final ResourceKey<PerDevice> IO_WRITE_BPS = perDevice("ioWriteBps", 1, Long.MAX_VALUE);
  static final ResourceKey<PerDevice> IO_READ_IOPS = perDevice("ioReadIops", 1, 0xffff_ffffL);
  static final ResourceKey<PerDevice> IO_WRITE_IOPS = perDevice("ioWriteIops", 1, 0xffff_ffffL);
  static final ResourceKey<Map<Long, Limit>> HUGEPAGES =
      ResourceKey.<Map<Long, Limit>>of("hugepages", Subsystem.HUGETLB)
          .checked(ResourceKeys::hugepageMistakes)
          .joined(ResourceKeys::union);
  static final ResourceKey<Long> NET_CLASS =
      ResourceKey.range("netClass", Subsystem.NET_CLS, 0, 0xffff_ffffL);
  static final ResourceKey<Map<String, Long>> NET_PRIORITY =
      ResourceKey.<Map<String, Long>>of("netPriority", Subsystem.NET_PRIO)
          .checked(ResourceKeys::priorityMistakes)
          .joined(ResourceKeys::union);
  static final ResourceKey<Map<String, RdmaLimit>> RDMA =
      ResourceKey.<Map<String, RdmaLimit>>of("rdma", Subsystem.RDMA)
          .checked(limits -> nameMistakes("an RDMA device", limits.keySet()))
          .joined(ResourceKeys::union);

  static final ResourceKey<DeviceRules> DEVICES = ResourceKey.of("devices", Subsystem.DEVICES);

  /** All but the raw files of version 2, whose subsystems are those of their names. */
  static final List<ResourceKey<?>> ALL =
      List.of(
          CPU_WEIGHT,
          CPU_TIME,
          CPU_BURST,
          CPU_REALTIME,
          CPU_IDLE,
          CPUSET_CPUS,
          CPUSET_MEMS,
          MEMORY,
          MEMORY_SWAP,
          MEMORY_RESERVATION,
          SWAPPINESS,
          OOM_KILLER,
          PIDS,
          IO_WEIGHT,
          IO_DEVICE_WEIGHT,
          IO_READ_BPS,
          IO_WRITE_BPS,
          IO_READ_IOPS,
          IO_WRITE_IOPS,
          HUGEPAGES,
          NET_CLASS,
          NET_PRIORITY,
          RDMA,
          DEVICES);

  /** Files of version 2 that set nothing, but move, kill, freeze or reclaim when written. */
  private static final Set<String> ACTS =
      Set.of("cgroup.procs", "cgroup.threads", "cgroup.kill", "cgroup.freeze", "memory.reclaim");

  private ResourceKeys() {}

  private static ResourceKey<PerDevice> perDevice(String name, long min, long max) {
    return ResourceKey.<PerDevice>of(name, Subsystem.BLKIO)
        .checked(values -> values.outside(name, min, max))
        .joined(PerDevice::and);
  }

  private static <K extends Comparable<K>, V> Map<K, V> union(Map<K, V> earlier, Map<K, V> later) {
    Map<K, V> all = new TreeMap<>(earlier);
    all.putAll(later);
    return all;
  }

  private static List<String> bound(String name, Limit limit, long min, long max) {
    return limit.isUnlimited()
        ? List.of()
        : ResourceKey.outside(name, limit.value().getAsLong(), min, max);
  }

  static List<String> micros(String name, Duration time, Duration min, Duration max) {
    boolean right =
        time.compareTo(min) >= 0
            && time.compareTo(max) <= 0
            && time.equals(time.truncatedTo(ChronoUnit.MICROS));
    return right
        ? List.of()
        : List.of(
            "%s must be %s to %s, in whole microseconds, not %s".formatted(name, min, max, time));
  }

  private static List<String> hugepageMistakes(Map<Long, Limit> limits) {
    List<String> mistakes = new ArrayList<>();
    for (long size : limits.keySet()) {
      if (size < 1024 || Long.bitCount(size) != 1) {
        mistakes.add("a huge page has a power of 2 of bytes, not " + size);
      }
    }
    return mistakes;
  }

  // An empty list would do nothing: the kernel takes no notice of an empty write.
  private static List<String> listMistakes(String name, String list, Function<String, ?> parser) {
    String mistake = "%s must be a list such as 0-3,8, not \"%s\"".formatted(name, list);
    if (list.isBlank()) {
      return List.of(mistake);
    }
    try {
      var _ = parser.apply(list);
      return List.of();
    } catch (IllegalArgumentException e) {
      return List.of(mistake);
    }
  }

  private static List<String> nameMistakes(String what, Set<String> names) {
    return names.stream()
        .filter(name -> name.isEmpty() || name.chars().anyMatch(c -> c <= ' '))
        .map(name -> "not the name of %s: \"%s\"".formatted(what, name))
        .toList();
  }

  private static List<String> priorityMistakes(Map<String, Long> priorities) {
    List<String> mistakes =
        new ArrayList<>(nameMistakes("a network interface", priorities.keySet()));
    priorities.forEach((name, priority) ->
        mistakes.addAll(
            ResourceKey.outside("netPriority of " + name, priority, 0, Integer.MAX_VALUE)));
    return mistakes;
  }

  /** Checks a key and value of {@code unified}. */
  static List<String> unifiedMistakes(String file, String value) {
    List<String> mistakes = new ArrayList<>();
    try {
      Names.checkFile(file);
    } catch (IllegalArgumentException e) {
      mistakes.add("unified: " + e.getMessage());
    }
    if (value.isEmpty()) {
      mistakes.add("unified " + file + " has no value");
    }
    if (ACTS.contains(file)) {
      mistakes.add("unified " + file + " does something to the group, it sets no limit");
    }
    int dot = file.indexOf('.');
    if (dot < 0 || (!file.startsWith("cgroup.") && subsystem(file).isEmpty())) {
      mistakes.add("unified " + file + " begins with no controller of version 2");
    }
    return mistakes;
  }

  /** The controller that a file of version 2 belongs to; none for {@code cgroup.max.depth}. */
  static Optional<Subsystem> subsystem(String file) {
    int dot = file.indexOf('.');
    return dot < 0 ? Optional.empty() : Subsystem.named(CgroupVersion.V2, file.substring(0, dot));
  }
}
