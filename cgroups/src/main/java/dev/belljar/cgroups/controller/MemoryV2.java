package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The memory controller of version 2. The root has only {@link #stat}, {@link #numaStat}, {@link
 * #reclaim(long)} and {@link #pressure}.
 *
 * <p>Four bounds, from gentle to hard: below {@code min} a group keeps its memory whatever happens
 * to others, below {@code low} as long as others have some to spare; above {@code high} its
 * processes are slowed down and its memory reclaimed; above {@code max} they are killed.
 *
 * @see MemoryV1
 * @see MemoryV2Swap
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#memory">cgroup-v2, Memory</a>
 */
public final class MemoryV2 {
  private static final String CURRENT = "memory.current";
  private static final String PEAK = "memory.peak";
  private static final String MIN = "memory.min";
  private static final String LOW = "memory.low";
  private static final String HIGH = "memory.high";
  private static final String MAX = "memory.max";
  private static final String OOM_GROUP = "memory.oom.group";
  private static final String EVENTS = "memory.events";
  private static final String EVENTS_LOCAL = "memory.events.local";
  private static final String STAT = "memory.stat";
  private static final String NUMA_STAT = "memory.numa_stat";
  private static final String RECLAIM = "memory.reclaim";
  private static final String PRESSURE = "memory.pressure";

  private final ControlFiles files;

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, with the memory controller enabled
   * @throws IllegalArgumentException when it is of version 1
   */
  public MemoryV2(CgroupDirectory group) {
    this.files = ControlFiles.of(group, CgroupVersion.V2);
  }

  /**
   * Returns how much is used, in the groups below too.
   *
   * @return bytes
   * @throws LinuxException when the kernel refuses
   */
  public long current() {
    return files.number(CURRENT);
  }

  /**
   * Returns the most that was used.
   *
   * @return bytes; empty before Linux 5.19
   * @throws LinuxException when the kernel refuses
   */
  public OptionalLong peak() {
    return files.numberIfThere(PEAK);
  }

  /**
   * Returns the memory that is never taken away.
   *
   * @return bytes, or unlimited; 0 in a new group
   * @throws LinuxException when the kernel refuses
   */
  public Limit min() {
    return files.limit(MIN);
  }

  /**
   * Sets the memory that is never taken away; when the machine has none left, something is killed
   * elsewhere.
   *
   * @param min bytes, rounded down to whole pages, or unlimited
   * @return what the kernel made of it
   * @throws LinuxException when the kernel refuses
   */
  public Written<Limit> setMin(Limit min) {
    return files.writeLimit(MIN, min);
  }

  /**
   * Returns the memory that is not taken away as long as other groups have some to spare.
   *
   * @return bytes, or unlimited; 0 in a new group
   * @throws LinuxException when the kernel refuses
   */
  public Limit low() {
    return files.limit(LOW);
  }

  /**
   * Sets the memory that is not taken away as long as other groups have some to spare.
   *
   * @param low bytes, rounded down to whole pages, or unlimited
   * @return what the kernel made of it
   * @throws LinuxException when the kernel refuses
   */
  public Written<Limit> setLow(Limit low) {
    return files.writeLimit(LOW, low);
  }

  /**
   * Returns the usage above which the group is slowed down.
   *
   * @return bytes, or unlimited as in a new group
   * @throws LinuxException when the kernel refuses
   */
  public Limit high() {
    return files.limit(HIGH);
  }

  /**
   * Sets the usage above which the group is slowed down; it never kills.
   *
   * @param high bytes, rounded down to whole pages, or unlimited
   * @return what the kernel made of it
   * @throws IllegalStateException when it is lowered and the calling JVM is in the group or below
   *     it
   * @throws LinuxException when the kernel refuses
   */
  public Written<Limit> setHigh(Limit high) {
    LoweredMemory.check(files, HIGH, high(), high);
    return files.writeLimit(HIGH, high);
  }

  /**
   * Returns the usage above which processes are killed.
   *
   * @return bytes, or unlimited as in a new group
   * @throws LinuxException when the kernel refuses
   */
  public Limit max() {
    return files.limit(MAX);
  }

  /**
   * Sets the usage above which processes are killed.
   *
   * <p>The kernel sets it at once, unlike version 1, then reclaims and at last kills until usage is
   * below: ask {@link #isBelowUsage} first.
   *
   * @param max bytes, rounded down to whole pages, or unlimited
   * @return what the kernel made of it
   * @throws IllegalStateException when it is lowered and the calling JVM is in the group or below
   *     it
   * @throws LinuxException when the kernel refuses
   */
  public Written<Limit> setMax(Limit max) {
    LoweredMemory.check(files, MAX, max(), max);
    return files.writeLimit(MAX, max);
  }

  /**
   * Tells whether a limit is below what is used now, so that setting it may kill.
   *
   * @param max the limit
   * @return true when it is
   * @throws LinuxException when the kernel refuses
   */
  public boolean isBelowUsage(Limit max) {
    return LoweredMemory.isLower(max, Limit.of(current()));
  }

  /**
   * Estimates what would be left if all page cache and all reclaimable objects of the kernel were
   * dropped; a limit below it kills where there is no swap.
   *
   * @return bytes
   * @throws LinuxException when the kernel refuses
   */
  public long unreclaimable() {
    long current = current();
    Map<String, Long> stat = stat();
    long droppable =
        stat.getOrDefault("active_file", 0L)
            + stat.getOrDefault("inactive_file", 0L)
            + stat.getOrDefault("slab_reclaimable", 0L);
    return Math.max(0, current - droppable);
  }

  /**
   * Tells whether all processes of the group and below are killed together when one must be.
   *
   * @return false in a new group
   * @throws LinuxException when the kernel refuses
   */
  public boolean isOomGroup() {
    return files.flag(OOM_GROUP);
  }

  /**
   * Sets whether all processes of the group and below are killed together when one must be, but for
   * those whose {@code oom_score_adj} is -1000.
   *
   * @param together true to kill them together
   * @return what the kernel made of it
   * @throws LinuxException when the kernel refuses
   */
  public Written<Boolean> setOomGroup(boolean together) {
    return files.writeFlag(OOM_GROUP, together);
  }

  /**
   * Returns what happened in the group and below it.
   *
   * @return the numbers
   * @throws LinuxException when the kernel refuses
   */
  public MemoryEvents events() {
    return MemoryEvents.parse(files.text(EVENTS));
  }

  /**
   * Returns what happened in the group itself.
   *
   * @return the numbers
   * @throws LinuxException when the kernel refuses
   */
  public MemoryEvents eventsHere() {
    return MemoryEvents.parse(files.text(EVENTS_LOCAL));
  }

  /**
   * Returns the statistics of the group and below.
   *
   * @return by the kernel's key, in its order; bytes or numbers, as the kernel's document says
   * @throws LinuxException when the kernel refuses
   */
  public Map<String, Long> stat() {
    return files.flatKeyed(STAT);
  }

  /**
   * Returns how much is on which memory node.
   *
   * @return by the kernel's key, in bytes or numbers; empty without CONFIG_NUMA
   * @throws LinuxException when the kernel refuses
   */
  public Map<String, NumaCount> numaStat() {
    return files.ifThere(NUMA_STAT, NumaCount::parse).orElse(Map.of());
  }

  /**
   * Reclaims memory of the group now.
   *
   * @param bytes how much
   * @return true when at least that much was, false when less
   * @throws UnsupportedOperationException before Linux 5.19
   * @throws LinuxException when the kernel refuses
   */
  public boolean reclaim(long bytes) {
    files.require(RECLAIM, "Linux 5.19");
    try {
      files.group().write(RECLAIM, Long.toString(bytes));
      return true;
    } catch (LinuxException e) {
      if (e.is(Errno.EAGAIN)) {
        return false;
      }
      throw e;
    }
  }

  /**
   * Returns how long processes waited for memory.
   *
   * @return the shares; empty without CONFIG_PSI, and since Linux 6.1 when it is switched off
   *     ({@code psi=0} at boot)
   * @throws LinuxException EOPNOTSUPP before Linux 6.1 when it is switched off
   */
  public Optional<Pressure> pressure() {
    return files.ifThere(PRESSURE, Pressure::parse);
  }
}
