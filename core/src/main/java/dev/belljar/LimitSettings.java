package dev.belljar;

import dev.belljar.cgroups.Resources;
import dev.belljar.cgroups.ResourcesBuilder;
import dev.belljar.cgroups.controller.DeviceRule;
import dev.belljar.cgroups.controller.DeviceRules;
import dev.belljar.cgroups.controller.Limit;
import dev.belljar.linux.DeviceNumber;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The limits of a container, as its builder takes them; of calls for one limit the last holds,
 * those by {@link #resources} included.
 *
 * <p>A limit whose controller this host lacks is an error at the start, or with {@link
 * ContainerBuilder#lenient()} a warning of the plan. What each limit is on either version of
 * cgroups is said at {@link ResourcesBuilder}.
 *
 * @param <B> the builder
 */
public abstract sealed class LimitSettings<B extends LimitSettings<B>> permits FileSettings {
  final ResourcesBuilder resources = Resources.builder();

  LimitSettings() {}

  abstract B self();

  /**
   * Sets limits; those that are set here replace the ones set before.
   *
   * @param limits the limits
   * @return this builder
   */
  public B resources(Resources limits) {
    resources.with(limits);
    return self();
  }

  /**
   * Sets the share of CPU time relative to others when there is not enough for all.
   *
   * @param shares 2 to 262,144; a group without a share has 1,024. On cgroup v2 they are converted
   *     to a weight
   * @return this builder
   */
  public B cpuShares(long shares) {
    resources.cpuShares(shares);
    return self();
  }

  /**
   * Limits CPU time.
   *
   * @param count how many CPUs the container may keep busy, such as 0.5; at least 0.01
   * @return this builder
   */
  public B cpus(double count) {
    resources.cpus(count);
    return self();
  }

  /**
   * Limits CPU time to a quota in each period; the same limit as {@link #cpus}.
   *
   * @param quota 1 ms to 8192 times the period
   * @param period 1 ms to 1 s
   * @return this builder
   */
  public B cpuQuota(Duration quota, Duration period) {
    resources.cpuQuota(quota, period);
    return self();
  }

  /**
   * Sets which CPUs may be used.
   *
   * @param cpus a list such as {@code 0-3,8}
   * @return this builder
   */
  public B cpuset(String cpus) {
    resources.cpusetCpus(cpus);
    return self();
  }

  /**
   * Sets which memory nodes may be used.
   *
   * @param nodes a list such as {@code 0,2}
   * @return this builder
   */
  public B cpusetMems(String nodes) {
    resources.cpusetMems(nodes);
    return self();
  }

  /**
   * Limits memory, page cache included.
   *
   * @param bytes the limit in bytes, rounded down to whole pages by the kernel
   * @return this builder
   */
  public B memory(long bytes) {
    resources.memory(bytes);
    return self();
  }

  /**
   * Limits memory and swap together.
   *
   * @param bytes at least the limit of {@link #memory}, without which it cannot be set
   * @return this builder
   */
  public B memorySwap(long bytes) {
    resources.memorySwap(Limit.of(bytes));
    return self();
  }

  /**
   * Sets how much memory the container is left with when the machine has too little.
   *
   * @param bytes the amount in bytes
   * @return this builder
   */
  public B memoryReservation(long bytes) {
    resources.memoryReservation(Limit.of(bytes));
    return self();
  }

  /**
   * Limits the number of processes and threads.
   *
   * @param count how many, at least 1
   * @return this builder
   */
  public B pids(long count) {
    resources.pids(count);
    return self();
  }

  /**
   * Sets the share of block devices' time relative to others.
   *
   * @param weight 10 to 1000; a group without a weight has 100
   * @return this builder
   */
  public B ioWeight(long weight) {
    resources.ioWeight(weight);
    return self();
  }

  /**
   * Limits how fast a block device is read and written.
   *
   * @param device the whole device, no partition
   * @param readBytesPerSecond at least 1
   * @param writeBytesPerSecond at least 1
   * @return this builder
   */
  public B ioThrottle(DeviceNumber device, long readBytesPerSecond, long writeBytesPerSecond) {
    resources.ioReadBps(device, readBytesPerSecond).ioWriteBps(device, writeBytesPerSecond);
    return self();
  }

  /**
   * Limits huge pages of one size.
   *
   * @param pageSize bytes, such as 2097152
   * @param bytes the limit in bytes
   * @return this builder
   */
  public B hugepages(long pageSize, long bytes) {
    resources.hugepages(pageSize, bytes);
    return self();
  }

  /**
   * Sets which devices may be opened inside; by default what the container's own {@code /dev} holds
   * is what there is. Nodes may be made of any, as the container's {@code /dev} is made that way,
   * unless a rule denies it: inside, it takes a capability that only {@link
   * ContainerBuilder#privileged()} gives.
   *
   * @param rules the rules, the last that matches holds; what none matches cannot be opened
   * @return this builder
   */
  public B devices(DeviceRule... rules) {
    List<DeviceRule> all = new ArrayList<>();
    all.add(DeviceRule.allow("c *:* m"));
    all.add(DeviceRule.allow("b *:* m"));
    all.addAll(List.of(rules));
    resources.devices(new DeviceRules(all));
    return self();
  }

  /**
   * Marks the container's network packets with a class, for traffic control; on cgroup v1 only.
   *
   * @param classid major number times 65536 plus minor number
   * @return this builder
   */
  public B netClass(long classid) {
    resources.netClass(classid);
    return self();
  }

  /**
   * Sets the priority of the container's packets on one interface of the host; on cgroup v1 only.
   *
   * @param networkInterface its name
   * @param priority 0 or more
   * @return this builder
   */
  public B netPriority(String networkInterface, long priority) {
    resources.netPriority(networkInterface, priority);
    return self();
  }
}
