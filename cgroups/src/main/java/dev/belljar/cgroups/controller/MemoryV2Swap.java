package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.cgroups.tree.FlatKeyed;
import dev.belljar.linux.LinuxException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Swap of a group of version 2, and the compressed cache before it (zswap). Unlike version 1 it is
 * counted apart from memory.
 *
 * @see MemoryV2
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#memory">cgroup-v2, Memory</a>
 */
public final class MemoryV2Swap {
  private static final String CURRENT = "memory.swap.current";
  private static final String PEAK = "memory.swap.peak";
  private static final String HIGH = "memory.swap.high";
  private static final String MAX = "memory.swap.max";
  private static final String EVENTS = "memory.swap.events";
  private static final String ZSWAP_CURRENT = "memory.zswap.current";
  private static final String ZSWAP_MAX = "memory.zswap.max";
  private static final String ZSWAP_WRITEBACK = "memory.zswap.writeback";

  private final ControlFiles files;

  /**
   * How often things happened to the swap of a group.
   *
   * @param high usage was above {@code memory.swap.high}
   * @param max usage was about to go above {@code memory.swap.max}
   * @param fail a page could not be swapped out: for the limit, or since no swap is left
   */
  public record Events(long high, long max, long fail) {
    /**
     * Parses {@code memory.swap.events}.
     *
     * @param text the file's contents
     * @return the numbers
     * @throws IllegalArgumentException when one is missing
     */
    public static Events parse(String text) {
      Map<String, Long> values = FlatKeyed.parse(text);
      return new Events(
          MemoryEvents.required(values, "high"),
          MemoryEvents.required(values, "max"),
          MemoryEvents.required(values, "fail"));
    }
  }

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, with the memory controller enabled; not the root
   * @throws IllegalArgumentException when it is of version 1
   * @throws UnsupportedOperationException when the kernel does not count swap
   */
  public MemoryV2Swap(CgroupDirectory group) {
    this.files = ControlFiles.of(group, CgroupVersion.V2);
    files.require(CURRENT, "CONFIG_SWAP, and swapaccount=1 at boot before 5.8");
  }

  /**
   * Returns how much is swapped out.
   *
   * @return bytes
   * @throws LinuxException when the kernel refuses
   */
  public long current() {
    return files.number(CURRENT);
  }

  /**
   * Returns the most that was swapped out.
   *
   * @return bytes; empty before Linux 6.5
   * @throws LinuxException when the kernel refuses
   */
  public OptionalLong peak() {
    return files.numberIfThere(PEAK);
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
   * Sets the usage above which the group is slowed down.
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
   * Returns the usage above which nothing more is swapped out.
   *
   * @return bytes, or unlimited as in a new group
   * @throws LinuxException when the kernel refuses
   */
  public Limit max() {
    return files.limit(MAX);
  }

  /**
   * Sets the usage above which nothing more is swapped out; what is out stays out.
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
   * Returns what happened in the group and below it.
   *
   * @return the numbers
   * @throws LinuxException when the kernel refuses
   */
  public Events events() {
    return Events.parse(files.text(EVENTS));
  }

  /**
   * Returns how much memory the compressed cache takes.
   *
   * @return bytes; empty before Linux 5.19 and without CONFIG_ZSWAP
   * @throws LinuxException when the kernel refuses
   */
  public OptionalLong compressed() {
    return files.numberIfThere(ZSWAP_CURRENT);
  }

  /**
   * Returns how much memory the compressed cache may take.
   *
   * @return bytes, or unlimited as in a new group; empty before Linux 5.19 and without CONFIG_ZSWAP
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Limit> maxCompressed() {
    return files.ifThere(ZSWAP_MAX, text -> Limit.parse(text.strip()));
  }

  /**
   * Sets how much memory the compressed cache may take.
   *
   * @param max bytes, rounded down to whole pages, or unlimited
   * @return what the kernel made of it
   * @throws UnsupportedOperationException before Linux 5.19 and without CONFIG_ZSWAP
   * @throws LinuxException when the kernel refuses
   */
  public Written<Limit> setMaxCompressed(Limit max) {
    files.require(ZSWAP_MAX, "Linux 5.19 and CONFIG_ZSWAP");
    return files.writeLimit(ZSWAP_MAX, max);
  }

  /**
   * Tells whether what the compressed cache cannot hold is written to swap.
   *
   * @return true in a new group; empty before Linux 6.8 and without CONFIG_ZSWAP
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Boolean> writesBack() {
    return files.ifThere(ZSWAP_WRITEBACK, text -> !text.strip().equals("0"));
  }

  /**
   * Sets whether what the compressed cache cannot hold is written to swap.
   *
   * @param on false to keep it in memory
   * @return what the kernel made of it
   * @throws UnsupportedOperationException before Linux 6.8 and without CONFIG_ZSWAP
   * @throws LinuxException when the kernel refuses
   */
  public Written<Boolean> setWritesBack(boolean on) {
    files.require(ZSWAP_WRITEBACK, "Linux 6.8 and CONFIG_ZSWAP");
    return files.writeFlag(ZSWAP_WRITEBACK, on);
  }
}
