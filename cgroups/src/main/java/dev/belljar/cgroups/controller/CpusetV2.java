package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.linux.LinuxException;
import java.util.Optional;

/**
 * The cpuset controller of a group of version 2: which processors and memory nodes its processes
 * may use.
 *
 * <p>An empty set is the group above's. What is asked for may be more than the group above has: the
 * effective sets say what is used.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#cpuset">cgroup-v2, Cpuset</a>
 * @see CpusetV1
 */
public final class CpusetV2 {
  private static final String CPUS = "cpuset.cpus";
  private static final String MEMS = "cpuset.mems";
  private static final String CPUS_EFFECTIVE = "cpuset.cpus.effective";
  private static final String MEMS_EFFECTIVE = "cpuset.mems.effective";
  private static final String EXCLUSIVE = "cpuset.cpus.exclusive";
  private static final String EXCLUSIVE_EFFECTIVE = "cpuset.cpus.exclusive.effective";
  private static final String ISOLATED = "cpuset.cpus.isolated";
  private static final String PARTITION = "cpuset.cpus.partition";

  private final ControlFiles files;

  /**
   * Makes a view of a group's files.
   *
   * @param group a group of version 2; the root has only the effective sets and the isolated
   *     processors
   * @throws IllegalArgumentException when it is of version 1
   */
  public CpusetV2(CgroupDirectory group) {
    this.files = ControlFiles.of(group, CgroupVersion.V2);
  }

  /**
   * Returns the processors asked for.
   *
   * @return the set; empty for those of the group above
   * @throws LinuxException when the kernel refuses
   */
  public CpuSet cpus() {
    return CpuSet.parse(files.text(CPUS));
  }

  /**
   * Asks for processors.
   *
   * <p>Since Linux 6.1 those that a sibling's {@linkplain #partition partition} has are taken too,
   * and make that partition invalid.
   *
   * @param cpus the set; empty for those of the group above
   * @return what the kernel made of it; see {@link #effectiveCpus} for what is used
   * @throws LinuxException ERANGE for a number beyond the kernel's, EINVAL for a processor that the
   *     machine can never have and, before Linux 6.1, that a sibling has for itself, ENOSPC for an
   *     empty set while the group has processes (seen on 6.1)
   */
  public Written<CpuSet> setCpus(CpuSet cpus) {
    return files.writeCpus(CPUS, cpus);
  }

  /**
   * Returns the memory nodes asked for.
   *
   * @return the set; empty for those of the group above
   * @throws LinuxException when the kernel refuses
   */
  public NodeSet mems() {
    return NodeSet.parse(files.text(MEMS));
  }

  /**
   * Asks for memory nodes; memory on others is moved to these.
   *
   * @param mems the set; empty for those of the group above
   * @return what the kernel made of it; see {@link #effectiveMems} for what is used
   * @throws LinuxException EINVAL for a node that the machine does not have, ENOSPC for an empty
   *     set while the group has processes (seen on 6.1)
   */
  public Written<NodeSet> setMems(NodeSet mems) {
    return files.writeNodes(MEMS, mems);
  }

  /**
   * Returns the processors that its processes use.
   *
   * @return the set
   * @throws LinuxException when the kernel refuses
   */
  public CpuSet effectiveCpus() {
    return CpuSet.parse(files.text(CPUS_EFFECTIVE));
  }

  /**
   * Returns the memory nodes that its processes use.
   *
   * @return the set
   * @throws LinuxException when the kernel refuses
   */
  public NodeSet effectiveMems() {
    return NodeSet.parse(files.text(MEMS_EFFECTIVE));
  }

  /**
   * Returns the processors that the group may make a partition of, not right below its parent.
   *
   * @return the set asked for; without a value before Linux 6.7
   * @throws LinuxException when the kernel refuses
   */
  public Optional<CpuSet> exclusiveCpus() {
    return files.ifThere(EXCLUSIVE, CpuSet::parse);
  }

  /**
   * Asks for processors that no sibling may have for itself.
   *
   * @param cpus the set
   * @return what the kernel made of it
   * @throws LinuxException EINVAL when a sibling's exclusive set has one of them
   * @throws UnsupportedOperationException before Linux 6.7
   */
  public Written<CpuSet> setExclusiveCpus(CpuSet cpus) {
    files.require(EXCLUSIVE, "Linux 6.7");
    return files.writeCpus(EXCLUSIVE, cpus);
  }

  /**
   * Returns the exclusive processors that it can hand to partitions.
   *
   * @return the set; without a value before Linux 6.7
   * @throws LinuxException when the kernel refuses
   */
  public Optional<CpuSet> effectiveExclusiveCpus() {
    return files.ifThere(EXCLUSIVE_EFFECTIVE, CpuSet::parse);
  }

  /**
   * Returns the processors of all isolated partitions of the machine.
   *
   * @return the set; without a value before Linux 6.8, and on groups other than the root
   * @throws LinuxException when the kernel refuses
   */
  public Optional<CpuSet> isolatedCpus() {
    return files.ifThere(ISOLATED, CpuSet::parse);
  }

  /**
   * Tells whether it has processors for itself.
   *
   * @return the state, which may become invalid at any time
   * @throws LinuxException when the kernel refuses
   */
  public CpusetPartition partition() {
    return CpusetPartition.parse(files.text(PARTITION));
  }

  /**
   * Asks for processors of its own.
   *
   * @param type what it shall be
   * @return what the kernel made of it: {@link CpusetPartition#invalid} says why it is not so
   * @throws LinuxException EINVAL for a type that the kernel does not know (isolated before 6.1)
   */
  public Written<CpusetPartition> setPartition(CpusetPartition.Type type) {
    return files.write(
        PARTITION, CpusetPartition.of(type), CpusetPartition::typeName, CpusetPartition::parse);
  }
}
