package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.linux.LinuxException;
import java.util.Map;

/**
 * The hugetlb controller of version 2: how many huge pages of each size a group may have. The root
 * has no files of it.
 *
 * <p>They are charged when they are touched: a process that touches one too many gets SIGBUS.
 * Reservations are charged when they are mapped: mmap(2) fails with ENOMEM, which a program can
 * handle.
 *
 * @see HugetlbV1
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#hugetlb">cgroup-v2, HugeTLB</a>
 */
public final class HugetlbV2 {
  private final ControlFiles files;

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, with the hugetlb controller enabled
   * @throws IllegalArgumentException when it is of version 1
   */
  public HugetlbV2(CgroupDirectory group) {
    this.files = ControlFiles.of(group, CgroupVersion.V2);
  }

  /**
   * Returns how much of a size may be in use.
   *
   * @param size the size
   * @return bytes, or unlimited as in a new group
   * @throws UnsupportedOperationException when this machine has no such size
   * @throws LinuxException when the kernel refuses
   */
  public Limit max(HugePageSize size) {
    return files.limit(file(size, ".max"));
  }

  /**
   * Sets how much of a size may be in use.
   *
   * @param size the size
   * @param max bytes, rounded down to whole huge pages, or unlimited
   * @return what the kernel made of it
   * @throws UnsupportedOperationException when this machine has no such size
   * @throws IllegalStateException when it is lowered and the calling JVM is in the group or below
   *     it
   * @throws LinuxException when the kernel refuses
   */
  public Written<Limit> setMax(HugePageSize size, Limit max) {
    return write(file(size, ".max"), max);
  }

  /**
   * Returns how much of a size is in use.
   *
   * @param size the size
   * @return bytes
   * @throws UnsupportedOperationException when this machine has no such size
   * @throws LinuxException when the kernel refuses
   */
  public long current(HugePageSize size) {
    return files.number(file(size, ".current"));
  }

  /**
   * Returns how much of a size may be reserved.
   *
   * @param size the size
   * @return bytes, or unlimited as in a new group
   * @throws UnsupportedOperationException when this machine has no such size
   * @throws LinuxException when the kernel refuses
   */
  public Limit maxReserved(HugePageSize size) {
    return files.limit(file(size, ".rsvd.max"));
  }

  /**
   * Sets how much of a size may be reserved.
   *
   * @param size the size
   * @param max bytes, rounded down to whole huge pages, or unlimited
   * @return what the kernel made of it
   * @throws UnsupportedOperationException when this machine has no such size
   * @throws IllegalStateException when it is lowered and the calling JVM is in the group or below
   *     it
   * @throws LinuxException when the kernel refuses
   */
  public Written<Limit> setMaxReserved(HugePageSize size, Limit max) {
    return write(file(size, ".rsvd.max"), max);
  }

  /**
   * Returns how much of a size is reserved.
   *
   * @param size the size
   * @return bytes
   * @throws UnsupportedOperationException when this machine has no such size
   * @throws LinuxException when the kernel refuses
   */
  public long reserved(HugePageSize size) {
    return files.number(file(size, ".rsvd.current"));
  }

  /**
   * Returns how often the limit of use was hit in the group and below it.
   *
   * @param size the size
   * @return a number
   * @throws UnsupportedOperationException when this machine has no such size
   * @throws LinuxException when the kernel refuses
   */
  public long breaches(HugePageSize size) {
    return files.flatKeyed(file(size, ".events")).getOrDefault("max", 0L);
  }

  /**
   * Returns how often the limit of use was hit in the group itself.
   *
   * @param size the size
   * @return a number
   * @throws UnsupportedOperationException when this machine has no such size
   * @throws LinuxException when the kernel refuses
   */
  public long breachesHere(HugePageSize size) {
    return files.flatKeyed(file(size, ".events.local")).getOrDefault("max", 0L);
  }

  /**
   * Returns how much of a size is on which memory node.
   *
   * @param size the size
   * @return bytes by the kernel's key; empty before Linux 5.17
   * @throws LinuxException when the kernel refuses
   */
  public Map<String, NumaCount> numaStat(HugePageSize size) {
    return files.ifThere("hugetlb." + size + ".numa_stat", NumaCount::parse).orElse(Map.of());
  }

  private Written<Limit> write(String file, Limit max) {
    LoweredMemory.check(files, file, files.limit(file), max);
    return files.writeLimit(file, max);
  }

  private String file(HugePageSize size, String end) {
    String file = "hugetlb." + size + end;
    files.require(file, "huge pages of " + size);
    return file;
  }
}
