package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.CpuQuota;
import dev.belljar.cgroups.controller.CpuShares;
import dev.belljar.cgroups.controller.DeviceRules;
import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.linux.DeviceNumber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Collects the limits of a group; of several calls for one limit the last counts.
 *
 * <p>Values are checked by {@link #build} all at once. What a version of cgroups cannot express is
 * said at each method, and is found out when a group is made.
 */
public final class ResourcesBuilder {
  private final Map<ResourceKey<?>, Object> values = new LinkedHashMap<>();
  private final Map<ResourceKey<?>, List<String>> wrong = new LinkedHashMap<>();
  private final SortedMap<String, String> unified = new TreeMap<>();

  ResourcesBuilder() {}

  /**
   * Sets how much processor time the group gets beside its siblings when there is not enough.
   *
   * <p>Needs {@link Subsystem#CPU}. On version 2 the weight of {@link CpuShares#toWeight} is set.
   *
   * @param shares 2 to 262144; a new group has 1024
   * @return this
   */
  public ResourcesBuilder cpuShares(long shares) {
    return cpuShares(shares, CpuShares.Conversion.CURVE);
  }

  /**
   * Sets how much processor time the group gets beside its siblings; see {@link #cpuShares(long)}.
   *
   * @param shares 2 to 262144; a new group has 1024
   * @param conversion how they become a weight on version 2
   * @return this
   */
  public ResourcesBuilder cpuShares(long shares, CpuShares.Conversion conversion) {
    return set(ResourceKeys.CPU_WEIGHT, new CpuWeight.Shares(shares, conversion));
  }

  /**
   * Sets how much processor time the group gets beside its siblings, in the words of version 2; the
   * same limit as {@link #cpuShares(long)}.
   *
   * <p>Needs {@link Subsystem#CPU}. On version 1 the shares of {@link CpuShares#ofWeight} are set.
   *
   * @param weight 1 to 10000; a new group has 100
   * @return this
   */
  public ResourcesBuilder cpuWeight(long weight) {
    return set(ResourceKeys.CPU_WEIGHT, new CpuWeight.Weight(weight));
  }

  /**
   * Limits processor time to a number of processors; see {@link CpuQuota#ofCpus}.
   *
   * <p>Needs {@link Subsystem#CPU}. Sets the same limit as {@link #cpuQuota}.
   *
   * @param cpus 0.01 to 8192, for example 1.5
   * @return this
   */
  public ResourcesBuilder cpus(double cpus) {
    return set(ResourceKeys.CPU_TIME, new CpuTime.Cpus(cpus));
  }

  /**
   * Limits processor time to a quota in each period.
   *
   * <p>Needs {@link Subsystem#CPU}. Sets the same limit as {@link #cpus}.
   *
   * @param quota 1 ms to 8192 times the period, in whole microseconds
   * @param period 1 ms to 1 s, in whole microseconds
   * @return this
   */
  public ResourcesBuilder cpuQuota(Duration quota, Duration period) {
    return set(ResourceKeys.CPU_TIME, new CpuTime.Quota(quota, period));
  }

  /**
   * Takes the limit of processor time away again, in an update.
   *
   * @return this
   */
  public ResourcesBuilder cpuUnlimited() {
    return set(ResourceKeys.CPU_TIME, new CpuTime.Unlimited());
  }

  /**
   * Sets how much of its quota a group that was idle may save up, and use at once later.
   *
   * <p>Needs {@link Subsystem#CPU}, and Linux 5.14.
   *
   * @param time at most the quota, in whole microseconds; a new group has none
   * @return this
   */
  public ResourcesBuilder cpuBurst(Duration time) {
    return set(ResourceKeys.CPU_BURST, time);
  }

  /**
   * Sets how much time real-time tasks (SCHED_FIFO, SCHED_RR) get in each period; without any, no
   * such task can join the group.
   *
   * <p>Needs {@link Subsystem#CPU} on version 1, and a kernel with {@code CONFIG_RT_GROUP_SCHED};
   * the groups above must have as much to give.
   *
   * @param runtime the time, at most the period, in whole microseconds; a new group has none
   * @param period 1 microsecond to 4294 seconds, in whole microseconds
   * @return this
   */
  public ResourcesBuilder cpuRealtime(Duration runtime, Duration period) {
    return set(ResourceKeys.CPU_REALTIME, new CpuRealtime(runtime, period));
  }

  /**
   * Lets the group have only processor time that no other wants, as SCHED_IDLE does.
   *
   * <p>Needs {@link Subsystem#CPU}, and Linux 5.15. An idle group has no share of its own: this and
   * {@link #cpuShares(long)} exclude each other.
   *
   * @param idle whether it is idle
   * @return this
   */
  public ResourcesBuilder cpuIdle(boolean idle) {
    return set(ResourceKeys.CPU_IDLE, idle);
  }

  /**
   * Sets which processors may be used.
   *
   * <p>Needs {@link Subsystem#CPUSET}.
   *
   * @param cpus a list such as {@code 0-3,8}
   * @return this
   */
  public ResourcesBuilder cpusetCpus(String cpus) {
    return set(ResourceKeys.CPUSET_CPUS, cpus);
  }

  /**
   * Sets which memory nodes may be used.
   *
   * <p>Needs {@link Subsystem#CPUSET}.
   *
   * @param nodes a list such as {@code 0,2}
   * @return this
   */
  public ResourcesBuilder cpusetMems(String nodes) {
    return set(ResourceKeys.CPUSET_MEMS, nodes);
  }

  /**
   * Limits memory, page cache included; a process that goes beyond it is killed when nothing can be
   * reclaimed.
   *
   * <p>Needs {@link Subsystem#MEMORY}. The kernel rounds down to pages. Swap is not limited by it.
   *
   * @param bytes at least 65536
   * @return this
   */
  public ResourcesBuilder memory(long bytes) {
    return limit(ResourceKeys.MEMORY, bytes, Resources.MIN_MEMORY, Long.MAX_VALUE);
  }

  /**
   * Limits memory; see {@link #memory(long)}.
   *
   * @param limit bytes, at least 65536; {@link Limit#UNLIMITED} takes the limit away in an update
   * @return this
   */
  public ResourcesBuilder memory(Limit limit) {
    return set(ResourceKeys.MEMORY, limit);
  }

  /**
   * Limits memory and swap together.
   *
   * <p>Needs {@link Subsystem#MEMORY}, and a kernel that counts swap. On version 2, which limits
   * swap alone, the difference to {@link #memory(long)} is set.
   *
   * @param limit bytes, at least as many as the memory limit, without which it cannot be set;
   *     unlimited lets swap grow as there is
   * @return this
   */
  public ResourcesBuilder memorySwap(Limit limit) {
    return set(ResourceKeys.MEMORY_SWAP, limit);
  }

  /**
   * Sets how much memory the group is left with when the machine has too little.
   *
   * <p>Needs {@link Subsystem#MEMORY}. On version 1 the soft limit, above which memory is reclaimed
   * first; on version 2 {@code memory.low}, below which it is reclaimed last.
   *
   * @param limit bytes
   * @return this
   */
  public ResourcesBuilder memoryReservation(Limit limit) {
    return set(ResourceKeys.MEMORY_RESERVATION, limit);
  }

  /**
   * Sets how readily memory is swapped out instead of dropping page cache.
   *
   * <p>Needs {@link Subsystem#MEMORY} on version 1; version 2 cannot express it.
   *
   * @param swappiness 0 to 200; a new group has that of the group above
   * @return this
   */
  public ResourcesBuilder swappiness(long swappiness) {
    return set(ResourceKeys.SWAPPINESS, swappiness);
  }

  /**
   * Sets whether a process is killed when the memory limit is reached; else it waits until there is
   * memory again.
   *
   * <p>Needs {@link Subsystem#MEMORY} on version 1; version 2 cannot switch it off.
   *
   * @param on false to let processes wait
   * @return this
   */
  public ResourcesBuilder oomKiller(boolean on) {
    return set(ResourceKeys.OOM_KILLER, on);
  }

  /**
   * Limits how many processes and threads there may be; beyond it fork(2) fails with EAGAIN.
   *
   * <p>Needs {@link Subsystem#PIDS}.
   *
   * @param count 1 to 4194304
   * @return this
   */
  public ResourcesBuilder pids(long count) {
    return limit(ResourceKeys.PIDS, count, 1, Resources.MAX_PIDS);
  }

  /**
   * Limits how many processes and threads there may be; see {@link #pids(long)}.
   *
   * @param limit 1 to 4194304; {@link Limit#UNLIMITED} takes the limit away in an update
   * @return this
   */
  public ResourcesBuilder pids(Limit limit) {
    return set(ResourceKeys.PIDS, limit);
  }

  /**
   * Sets how much of block devices' time the group gets beside its siblings.
   *
   * <p>Needs {@link Subsystem#BLKIO} and the BFQ scheduler, or on version 2 iocost, for the device;
   * with neither the kernel takes the value and does nothing, which is a finding.
   *
   * @param weight 10 to 1000, of version 1; a new group has 100
   * @return this
   * @see dev.belljar.cgroups.controller.IoWeight
   */
  public ResourcesBuilder ioWeight(long weight) {
    return set(ResourceKeys.IO_WEIGHT, weight);
  }

  /**
   * Sets how much of one block device's time the group gets; see {@link #ioWeight(long)}.
   *
   * @param device the device
   * @param weight 10 to 1000
   * @return this
   */
  public ResourcesBuilder ioWeight(DeviceNumber device, long weight) {
    return set(ResourceKeys.IO_DEVICE_WEIGHT, PerDevice.of(device, weight));
  }

  /**
   * Limits how fast a block device is read.
   *
   * <p>Needs {@link Subsystem#BLKIO}.
   *
   * @param device the whole device, no partition
   * @param bytesPerSecond at least 1
   * @return this
   */
  public ResourcesBuilder ioReadBps(DeviceNumber device, long bytesPerSecond) {
    return set(ResourceKeys.IO_READ_BPS, PerDevice.of(device, bytesPerSecond));
  }

  /**
   * Limits how fast a block device is written.
   *
   * <p>Needs {@link Subsystem#BLKIO}. On version 1 only what is written past the page cache or
   * synchronously is limited: buffered writes are done later, by the kernel, in the root group.
   *
   * @param device the whole device, no partition
   * @param bytesPerSecond at least 1
   * @return this
   */
  public ResourcesBuilder ioWriteBps(DeviceNumber device, long bytesPerSecond) {
    return set(ResourceKeys.IO_WRITE_BPS, PerDevice.of(device, bytesPerSecond));
  }

  /**
   * Limits how often a block device is read; see {@link #ioReadBps}.
   *
   * @param device the whole device, no partition
   * @param perSecond 1 to 4294967295 operations
   * @return this
   */
  public ResourcesBuilder ioReadIops(DeviceNumber device, long perSecond) {
    return set(ResourceKeys.IO_READ_IOPS, PerDevice.of(device, perSecond));
  }

  /**
   * Limits how often a block device is written; see {@link #ioWriteBps}.
   *
   * @param device the whole device, no partition
   * @param perSecond 1 to 4294967295 operations
   * @return this
   */
  public ResourcesBuilder ioWriteIops(DeviceNumber device, long perSecond) {
    return set(ResourceKeys.IO_WRITE_IOPS, PerDevice.of(device, perSecond));
  }

  /**
   * Limits huge pages of one size; a process that touches more is killed by SIGBUS.
   *
   * <p>Needs {@link Subsystem#HUGETLB}.
   *
   * @param pageSize bytes, such as 2097152
   * @param bytes the limit, which the kernel rounds down to pages of the size
   * @return this
   */
  public ResourcesBuilder hugepages(long pageSize, long bytes) {
    return set(ResourceKeys.HUGEPAGES, new TreeMap<>(Map.of(pageSize, bytes)));
  }

  /**
   * Marks the network packets of the group with a class, for traffic control and firewalls.
   *
   * <p>Needs {@link Subsystem#NET_CLS}; version 2 cannot express it: match the group's path instead
   * (nft {@code socket cgroupv2}).
   *
   * @param classid major number times 65536 plus minor number
   * @return this
   */
  public ResourcesBuilder netClass(long classid) {
    return set(ResourceKeys.NET_CLASS, classid);
  }

  /**
   * Sets the priority of the group's network packets on one interface.
   *
   * <p>Needs {@link Subsystem#NET_PRIO}; version 2 cannot express it.
   *
   * @param networkInterface its name, such as {@code eth0}
   * @param priority 0 or more
   * @return this
   */
  public ResourcesBuilder netPriority(String networkInterface, long priority) {
    return set(ResourceKeys.NET_PRIORITY, new TreeMap<>(Map.of(networkInterface, priority)));
  }

  /**
   * Sets which devices may be opened, and which nodes may be made.
   *
   * <p>Needs {@link Subsystem#DEVICES}, or on version 2 the privilege to load a BPF program
   * (CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN). Version 1 cannot deny a part of what a rule with
   * a wildcard allows. Later rules replace all that were set before.
   *
   * @param rules the rules; of those that match a device the last holds, and what none matches is
   *     denied
   * @return this
   */
  public ResourcesBuilder devices(DeviceRules rules) {
    return set(ResourceKeys.DEVICES, rules);
  }

  /**
   * Limits what the group may have of an RDMA device.
   *
   * <p>Needs {@link Subsystem#RDMA}.
   *
   * @param device its name, such as {@code mlx4_0}
   * @param handles how many handles
   * @param objects how many objects
   * @return this
   */
  public ResourcesBuilder rdma(String device, Limit handles, Limit objects) {
    return set(ResourceKeys.RDMA, new TreeMap<>(Map.of(device, new RdmaLimit(handles, objects))));
  }

  /**
   * Writes a file of version 2 as it is, for what has no method here; after all other limits.
   *
   * @param file its name, such as {@code memory.high}
   * @param value what is written
   * @return this
   */
  public ResourcesBuilder unified(String file, String value) {
    unified.put(file, value);
    return this;
  }

  // A number that is no limit is kept as a mistake, to be told by build() with all others.
  private ResourcesBuilder limit(ResourceKey<Limit> key, long value, long min, long max) {
    if (value >= 0) {
      return set(key, Limit.of(value));
    }
    values.remove(key);
    wrong.put(key, ResourceKey.outside(key.name(), value, min, max));
    return this;
  }

  @SuppressWarnings("unchecked") // under a key of T there is a T only
  private <T> ResourcesBuilder set(ResourceKey<T> key, T value) {
    wrong.remove(key);
    values.merge(key, value, (earlier, later) -> key.join().apply((T) earlier, (T) later));
    return this;
  }

  /**
   * Takes over the limits that are set in other resources, and keeps the rest.
   *
   * @param other the other resources
   * @return this
   */
  public ResourcesBuilder with(Resources other) {
    ResourceKeys.ALL.forEach(key -> take(key, other));
    unified.putAll(other.rawFiles());
    return this;
  }

  private <T> void take(ResourceKey<T> key, Resources other) {
    other.get(key).ifPresent(value -> set(key, value));
  }

  /**
   * Checks the limits without making anything.
   *
   * @return every mistake, a sentence each; none when {@link #build} will succeed
   */
  public List<String> mistakes() {
    Resources asked = new Resources(values, unified);
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

  /**
   * Checks the limits for a new group, whose memory and swap can only be limited together with its
   * memory.
   *
   * @return every mistake, those of {@link #mistakes} included
   */
  public List<String> mistakesInNewGroup() {
    List<String> mistakes = new ArrayList<>(mistakes());
    mistakes.addAll(SwapLimit.mistakesInNewGroup(new Resources(values, unified)));
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
        && asked.memory().isPresent()
        && asked.memorySwap().getAsLong() < asked.memory().getAsLong()) {
      found.add(
          "memorySwap counts memory and swap together, so it must be at least the memory limit of"
              + " %d, not %d"
                  .formatted(asked.memory().getAsLong(), asked.memorySwap().getAsLong()));
    }
    return found;
  }

  /**
   * Makes the resources.
   *
   * @return the limits collected so far
   * @throws IllegalArgumentException when any is out of its range, or two contradict each other;
   *     the message lists all mistakes
   */
  public Resources build() {
    List<String> mistakes = mistakes();
    if (!mistakes.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", mistakes));
    }
    return new Resources(values, unified);
  }
}
