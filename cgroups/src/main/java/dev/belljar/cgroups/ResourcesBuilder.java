package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.DeviceRules;
import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.linux.DeviceNumber;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Collects the limits of a group; of several calls for one limit the last counts.
 *
 * <p>Values are checked by {@link #build} all at once. What a version of cgroups cannot express is
 * said at each method, and is found out when a group is made.
 */
public final class ResourcesBuilder extends CpuResources {
  ResourcesBuilder() {}

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
   * @param limit bytes; unlimited leaves the group as much as it has: on version 1 nothing of it is
   *     reclaimed before that of others, as in a new group; on version 2 all of it is reclaimed
   *     last, while a new group has a reservation of 0
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
   * <p>Needs {@link Subsystem#BLKIO} and some disk that heeds weights: one scheduled by BFQ, or on
   * version 2 one for which {@code io.cost.qos} enables the cost model. Without, the kernel takes
   * the value and does nothing: so it counts as what the machine cannot express.
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
    return perDevice(ResourceKeys.IO_DEVICE_WEIGHT, device, weight);
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
    return perDevice(ResourceKeys.IO_READ_BPS, device, bytesPerSecond);
  }

  /**
   * Limits how fast a block device is read; see {@link #ioReadBps(DeviceNumber, long)}.
   *
   * @param device the whole device, no partition
   * @param limit bytes a second, at least 1; {@link Limit#UNLIMITED} takes the limit away in an
   *     update
   * @return this
   */
  public ResourcesBuilder ioReadBps(DeviceNumber device, Limit limit) {
    return set(ResourceKeys.IO_READ_BPS, PerDevice.of(device, limit));
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
    return perDevice(ResourceKeys.IO_WRITE_BPS, device, bytesPerSecond);
  }

  /**
   * Limits how fast a block device is written; see {@link #ioWriteBps(DeviceNumber, long)}.
   *
   * @param device the whole device, no partition
   * @param limit bytes a second, at least 1; {@link Limit#UNLIMITED} takes the limit away in an
   *     update
   * @return this
   */
  public ResourcesBuilder ioWriteBps(DeviceNumber device, Limit limit) {
    return set(ResourceKeys.IO_WRITE_BPS, PerDevice.of(device, limit));
  }

  /**
   * Limits how often a block device is read; see {@link #ioReadBps(DeviceNumber, long)}.
   *
   * @param device the whole device, no partition
   * @param perSecond 1 to 4294967295 operations
   * @return this
   */
  public ResourcesBuilder ioReadIops(DeviceNumber device, long perSecond) {
    return perDevice(ResourceKeys.IO_READ_IOPS, device, perSecond);
  }

  /**
   * Limits how often a block device is read; see {@link #ioReadIops(DeviceNumber, long)}.
   *
   * @param device the whole device, no partition
   * @param limit 1 to 4294967295 operations a second; {@link Limit#UNLIMITED} takes the limit away
   *     in an update
   * @return this
   */
  public ResourcesBuilder ioReadIops(DeviceNumber device, Limit limit) {
    return set(ResourceKeys.IO_READ_IOPS, PerDevice.of(device, limit));
  }

  /**
   * Limits how often a block device is written; see {@link #ioWriteBps(DeviceNumber, long)}.
   *
   * @param device the whole device, no partition
   * @param perSecond 1 to 4294967295 operations
   * @return this
   */
  public ResourcesBuilder ioWriteIops(DeviceNumber device, long perSecond) {
    return perDevice(ResourceKeys.IO_WRITE_IOPS, device, perSecond);
  }

  /**
   * Limits how often a block device is written; see {@link #ioWriteIops(DeviceNumber, long)}.
   *
   * @param device the whole device, no partition
   * @param limit 1 to 4294967295 operations a second; {@link Limit#UNLIMITED} takes the limit away
   *     in an update
   * @return this
   */
  public ResourcesBuilder ioWriteIops(DeviceNumber device, Limit limit) {
    return set(ResourceKeys.IO_WRITE_IOPS, PerDevice.of(device, limit));
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
    return bytes >= 0
        ? hugepages(pageSize, Limit.of(bytes))
        : refuse(ResourceKeys.HUGEPAGES, bytes, 0, Long.MAX_VALUE);
  }

  /**
   * Limits huge pages of one size; see {@link #hugepages(long, long)}.
   *
   * @param pageSize bytes, such as 2097152
   * @param limit bytes; {@link Limit#UNLIMITED} takes the limit away in an update
   * @return this
   */
  public ResourcesBuilder hugepages(long pageSize, Limit limit) {
    return set(ResourceKeys.HUGEPAGES, new TreeMap<>(Map.of(pageSize, limit)));
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
   * @param device its name, such as {@code mlx4_0}, without blanks
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
   * @param file its name, such as {@code memory.high}; not one by which something is done to the
   *     group: {@code cgroup.procs}, {@code cgroup.threads}, {@code cgroup.kill}, {@code
   *     cgroup.freeze}, {@code memory.reclaim}
   * @param value what is written
   * @return this
   */
  public ResourcesBuilder unified(String file, String value) {
    limits.setRaw(file, value);
    return this;
  }

  @Override
  ResourcesBuilder self() {
    return this;
  }

  private <T> ResourcesBuilder set(ResourceKey<T> key, T value) {
    limits.set(key, value);
    return this;
  }

  // A number that is no limit is kept as a mistake, to be told by build() with all others.
  private ResourcesBuilder limit(ResourceKey<Limit> key, long value, long min, long max) {
    return value >= 0 ? set(key, Limit.of(value)) : refuse(key, value, min, max);
  }

  private ResourcesBuilder perDevice(ResourceKey<PerDevice> key, DeviceNumber device, long value) {
    return value >= 0
        ? set(key, PerDevice.of(device, Limit.of(value)))
        : refuse(key, value, 0, Long.MAX_VALUE);
  }

  private ResourcesBuilder refuse(ResourceKey<?> key, long value, long min, long max) {
    limits.refuse(key, ResourceKey.outside(key.name(), value, min, max));
    return this;
  }

  /**
   * Takes over the limits that are set in other resources, and keeps the rest.
   *
   * @param other the other resources
   * @return this
   */
  public ResourcesBuilder with(Resources other) {
    limits.takeAll(other);
    return this;
  }

  /**
   * Checks the limits without making anything.
   *
   * @return every mistake, a sentence each; none when {@link #build} will succeed
   */
  public List<String> mistakes() {
    return limits.mistakes();
  }

  /**
   * Checks the limits for a new group, whose memory and swap can only be limited together with its
   * memory.
   *
   * @return every mistake, those of {@link #mistakes} included
   */
  public List<String> mistakesInNewGroup() {
    List<String> mistakes = new ArrayList<>(mistakes());
    mistakes.addAll(SwapLimit.mistakesInNewGroup(limits.asked()));
    return mistakes;
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
    return limits.asked();
  }
}
