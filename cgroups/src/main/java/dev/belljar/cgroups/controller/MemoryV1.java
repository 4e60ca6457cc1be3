package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.linux.LinuxException;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * The memory controller of version 1.
 *
 * <p>A group pays for the pages its processes were the first to touch, page cache included. What
 * was charged stays behind when a process moves to another group. A limit first costs the group its
 * page cache, and kills only when nothing more can be freed.
 *
 * {@snippet :
 * MemoryV1 memory = new MemoryV1(group);
 * memory.memory().setLimit(Limit.of(64 << 20));
 * memory.memoryAndSwap().setLimit(Limit.of(64 << 20)); // no swap
 * }
 *
 * @see MemoryV2
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/memory.html">cgroup-v1/memory</a>
 */
public final class MemoryV1 {
  /** The highest swappiness: 200. */
  public static final int MAX_SWAPPINESS = 200;

  private static final String SOFT_LIMIT = "memory.soft_limit_in_bytes";
  private static final String SWAPPINESS = "memory.swappiness";
  private static final String OOM_CONTROL = "memory.oom_control";
  private static final String STAT = "memory.stat";
  private static final String NUMA_STAT = "memory.numa_stat";
  private static final String FORCE_EMPTY = "memory.force_empty";
  private static final String USE_HIERARCHY = "memory.use_hierarchy";
  private static final String MOVE_CHARGE = "memory.move_charge_at_immigrate";
  private static final String SLAB_INFO = "memory.kmem.slabinfo";
  private static final String MEMSW = "memory.memsw";
  private static final String KMEM = "memory.kmem";
  private static final String KMEM_TCP = "memory.kmem.tcp";

  private final ControlFiles files;

  /** Which charges follow a process into another group. */
  public enum MovedCharge {
    /** Anonymous pages and their swap. */
    ANONYMOUS,
    /** Pages of files and shared memory. */
    FILE
  }

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, in the hierarchy of the memory controller
   * @throws IllegalArgumentException when it is of version 2
   */
  public MemoryV1(CgroupDirectory group) {
    this.files = ControlFiles.of(group, CgroupVersion.V1);
  }

  /**
   * Returns the memory of user space and the kernel, without swap.
   *
   * @return the files {@code memory.limit_in_bytes}, {@code usage_in_bytes}, {@code
   *     max_usage_in_bytes}, {@code failcnt}
   */
  public CounterV1 memory() {
    return new CounterV1(files, "memory", V1Limit.PAGE);
  }

  /**
   * Returns memory and swap together; its limit is never below that of {@link #memory}.
   *
   * @return the files {@code memory.memsw.*}
   * @throws UnsupportedOperationException when the kernel does not count swap
   */
  public CounterV1 memoryAndSwap() {
    files.require(MEMSW + ".limit_in_bytes", "CONFIG_SWAP, and swapaccount=1 at boot before 5.8");
    return new CounterV1(files, MEMSW, V1Limit.PAGE);
  }

  /**
   * Returns the kernel's memory, which is part of {@link #memory}.
   *
   * @return the files {@code memory.kmem.*}; the limit cannot be set
   * @throws UnsupportedOperationException when the kernel does not count it
   */
  public CounterV1 kernelMemory() {
    files.require(KMEM + ".usage_in_bytes", "CONFIG_MEMCG_KMEM");
    return new CounterV1(
        files,
        KMEM,
        V1Limit.PAGE,
        "since Linux 5.16 the kernel's memory has no limit of its own; it counts as memory");
  }

  /**
   * Returns the buffers of TCP sockets, which are limited apart.
   *
   * @return the files {@code memory.kmem.tcp.*}
   * @throws UnsupportedOperationException when the kernel does not count them
   */
  public CounterV1 tcpMemory() {
    files.require(KMEM_TCP + ".usage_in_bytes", "CONFIG_MEMCG_KMEM and CONFIG_INET");
    return new CounterV1(files, KMEM_TCP, V1Limit.PAGE);
  }

  /**
   * Returns the limit to which the group is pushed back when the machine is short of memory.
   *
   * @return bytes, or unlimited
   * @throws LinuxException when the kernel refuses
   */
  public Limit softLimit() {
    return V1Limit.parse(files.text(SOFT_LIMIT), V1Limit.PAGE);
  }

  /**
   * Sets the limit to which the group is pushed back when the machine is short of memory.
   *
   * @param limit bytes, rounded down to whole pages, or unlimited
   * @return what the kernel made of it
   * @throws LinuxException EOPNOTSUPP on a real-time kernel
   */
  public Written<Limit> setSoftLimit(Limit limit) {
    return files.write(
        SOFT_LIMIT, limit, V1Limit::print, text -> V1Limit.parse(text, V1Limit.PAGE));
  }

  /**
   * Returns how readily the kernel swaps anonymous pages out instead of dropping page cache.
   *
   * @return 0 (only when nothing else helps) to 200 (rather than page cache)
   * @throws LinuxException when the kernel refuses
   */
  public int swappiness() {
    return (int) files.number(SWAPPINESS);
  }

  /**
   * Sets how readily the kernel swaps; in the root it is that of the machine.
   *
   * @param swappiness 0 to 200
   * @return what the kernel made of it
   * @throws IllegalArgumentException when it is out of range
   * @throws LinuxException when the kernel refuses
   */
  public Written<Long> setSwappiness(int swappiness) {
    if (swappiness < 0 || swappiness > MAX_SWAPPINESS) {
      throw new IllegalArgumentException("swappiness is 0 to 200, not " + swappiness);
    }
    return files.writeNumber(SWAPPINESS, swappiness);
  }

  /**
   * Returns what happens when the group is out of memory, and whether it is.
   *
   * @return the values of {@code memory.oom_control}
   * @throws LinuxException when the kernel refuses
   */
  public OomControl oomControl() {
    return OomControl.parse(files.text(OOM_CONTROL));
  }

  /**
   * Sets what happens when the group is out of memory. A page fault waits where there is no killer,
   * until the limit is raised or something is freed; other requests fail with ENOMEM.
   *
   * @param on true for a process to be killed, false for those that want memory to wait
   * @return what the kernel made of it
   * @throws LinuxException EINVAL for the root
   */
  public Written<Boolean> setOomKiller(boolean on) {
    return files.write(
        OOM_CONTROL, on, killer -> killer ? "0" : "1", text -> OomControl.parse(text).killerOn());
  }

  /**
   * Returns the statistics.
   *
   * @return by the kernel's key, in its order; bytes but for the keys that start with {@code pg} or
   *     {@code workingset}, which are numbers
   * @throws LinuxException when the kernel refuses
   */
  public Map<String, Long> stat() {
    return files.flatKeyed(STAT);
  }

  /**
   * Returns how many pages are on which memory node.
   *
   * @return by the kernel's key; empty without CONFIG_NUMA
   * @throws LinuxException when the kernel refuses
   */
  public Map<String, NumaCount> numaStat() {
    return files.ifThere(NUMA_STAT, NumaCount::parse).orElse(Map.of());
  }

  /**
   * Frees what can be freed, page cache above all; meant for a group without processes that is to
   * be removed.
   *
   * @throws LinuxException EINVAL for the root
   */
  public void forceEmpty() {
    files.group().write(FORCE_EMPTY, "0");
  }

  /**
   * Tells whether limits hold for the groups below too.
   *
   * @return true since Linux 5.11
   * @throws LinuxException when the kernel refuses
   */
  public boolean useHierarchy() {
    return files.flag(USE_HIERARCHY);
  }

  /**
   * Asks for limits to hold for the groups below too.
   *
   * @param on true; Linux 5.11 and later know nothing else
   * @return what the kernel made of it
   * @throws LinuxException EINVAL for false
   */
  public Written<Boolean> setUseHierarchy(boolean on) {
    return files.writeFlag(USE_HIERARCHY, on);
  }

  /**
   * Returns which charges follow a process that is moved into the group.
   *
   * @return what is moved; nothing unless set
   * @throws LinuxException when the kernel refuses
   */
  public Set<MovedCharge> movedCharges() {
    return parseMoved(files.text(MOVE_CHARGE));
  }

  /**
   * Sets which charges follow a process that is moved into the group.
   *
   * @param charges what is moved
   * @return what the kernel made of it
   * @throws LinuxException EINVAL since Linux 6.13, where charges always stay behind
   */
  public Written<Set<MovedCharge>> setMovedCharges(Set<MovedCharge> charges) {
    return files.write(
        MOVE_CHARGE,
        charges,
        set -> Integer.toString(set.stream().mapToInt(each -> 1 << each.ordinal()).sum()),
        MemoryV1::parseMoved);
  }

  private static Set<MovedCharge> parseMoved(String text) {
    int bits = Integer.parseInt(text.strip());
    EnumSet<MovedCharge> charges = EnumSet.noneOf(MovedCharge.class);
    for (MovedCharge each : MovedCharge.values()) {
      if ((bits & 1 << each.ordinal()) != 0) {
        charges.add(each);
      }
    }
    return charges;
  }

  /**
   * Returns the kernel's objects in the group, as it prints them.
   *
   * @return the text of {@code memory.kmem.slabinfo}; nothing since Linux 5.9, and where it is
   *     absent
   * @throws LinuxException when the kernel refuses
   */
  public String slabInfo() {
    return files.ifThere(SLAB_INFO, text -> text).orElse("");
  }
}
