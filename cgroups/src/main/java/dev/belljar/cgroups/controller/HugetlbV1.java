package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.linux.LinuxException;
import java.util.Map;

/**
 * The hugetlb controller of version 1: how many huge pages of each size a group may have.
 *
 * <p>They are charged when they are touched: a process that touches one too many gets SIGBUS.
 * Reservations are charged when they are mapped: mmap(2) fails with ENOMEM, which a program can
 * handle.
 *
 * @see HugetlbV2
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/hugetlb.html">cgroup-v1/hugetlb</a>
 */
public final class HugetlbV1 {
  private final ControlFiles files;

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, in the hierarchy of the hugetlb controller
   * @throws IllegalArgumentException when it is of version 2
   */
  public HugetlbV1(CgroupDirectory group) {
    this.files = ControlFiles.of(group, CgroupVersion.V1);
  }

  /**
   * Returns the pages of a size that are in use.
   *
   * @param size the size
   * @return the files {@code hugetlb.<size>.*}
   * @throws UnsupportedOperationException when this machine has no such size
   */
  public CounterV1 pages(HugePageSize size) {
    return counter("hugetlb." + size, size);
  }

  /**
   * Returns the pages of a size that are reserved, by mappings that need not have touched them.
   *
   * @param size the size
   * @return the files {@code hugetlb.<size>.rsvd.*}
   * @throws UnsupportedOperationException when this machine has no such size
   */
  public CounterV1 reservations(HugePageSize size) {
    return counter("hugetlb." + size + ".rsvd", size);
  }

  private CounterV1 counter(String prefix, HugePageSize size) {
    files.require(prefix + ".limit_in_bytes", "huge pages of " + size);
    return new CounterV1(files, prefix, size.bytes());
  }

  /**
   * Returns how much is on which memory node.
   *
   * @param size the size
   * @return bytes by the kernel's key: {@code total} of the group itself, {@code
   *     hierarchical_total} with those below; empty before Linux 5.17
   * @throws LinuxException when the kernel refuses
   */
  public Map<String, NumaCount> numaStat(HugePageSize size) {
    return files.ifThere("hugetlb." + size + ".numa_stat", NumaCount::parse).orElse(Map.of());
  }
}
