package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.linux.LinuxException;
import java.util.Optional;

/**
 * The cpuset subsystem of a group of version 1: which processors and memory nodes its processes may
 * use.
 *
 * <p>A new group has none, and no process can join it before it is given both; {@link
 * CgroupDirectory#create} does that. A group never has more than the one above it.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/cpusets.html">cgroup-v1/cpusets</a>
 * @see <a href="https://man7.org/linux/man-pages/man7/cpuset.7.html">cpuset(7)</a>
 * @see CpusetV2
 */
public final class CpusetV1 {
  private static final String CPUS = "cpuset.cpus";
  private static final String MEMS = "cpuset.mems";
  private static final String EFFECTIVE_CPUS = "cpuset.effective_cpus";
  private static final String EFFECTIVE_MEMS = "cpuset.effective_mems";
  private static final String CPU_EXCLUSIVE = "cpuset.cpu_exclusive";
  private static final String MEM_EXCLUSIVE = "cpuset.mem_exclusive";
  private static final String MEM_HARDWALL = "cpuset.mem_hardwall";
  private static final String MEMORY_MIGRATE = "cpuset.memory_migrate";
  private static final String SPREAD_PAGE = "cpuset.memory_spread_page";
  private static final String SPREAD_SLAB = "cpuset.memory_spread_slab";
  private static final String LOAD_BALANCE = "cpuset.sched_load_balance";
  private static final String PRESSURE = "cpuset.memory_pressure";
  private static final String PRESSURE_ENABLED = "cpuset.memory_pressure_enabled";
  private static final String RELAX_DOMAIN_LEVEL = "cpuset.sched_relax_domain_level";

  private final ControlFiles files;

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, in the hierarchy of the cpuset subsystem
   * @throws IllegalArgumentException when it is of version 2
   */
  public CpusetV1(CgroupDirectory group) {
    this.files = ControlFiles.of(group, CgroupVersion.V1);
  }

  /**
   * Returns its processors.
   *
   * @return the set, empty for a new group
   * @throws LinuxException when the kernel refuses
   */
  public CpuSet cpus() {
    return CpuSet.parse(files.text(CPUS));
  }

  /**
   * Sets its processors.
   *
   * @param cpus the set
   * @return what the kernel made of it
   * @throws LinuxException ERANGE for a number beyond the kernel's, EACCES for more than the group
   *     above has, EBUSY when a group below would have more, ENOSPC when it is empty and the group
   *     has processes, EINVAL when a sibling has one of them for itself or one is offline
   */
  public Written<CpuSet> setCpus(CpuSet cpus) {
    return files.writeCpus(CPUS, cpus);
  }

  /**
   * Returns its memory nodes.
   *
   * @return the set, empty for a new group
   * @throws LinuxException when the kernel refuses
   */
  public NodeSet mems() {
    return NodeSet.parse(files.text(MEMS));
  }

  /**
   * Sets its memory nodes.
   *
   * @param mems the set
   * @return what the kernel made of it
   * @throws LinuxException EINVAL for a node that the machine does not have, and else as {@link
   *     #setCpus}
   */
  public Written<NodeSet> setMems(NodeSet mems) {
    return files.writeNodes(MEMS, mems);
  }

  /**
   * Returns the processors that its processes use: those set that are online.
   *
   * @return the set
   * @throws LinuxException when the kernel refuses
   */
  public CpuSet effectiveCpus() {
    return CpuSet.parse(files.text(EFFECTIVE_CPUS));
  }

  /**
   * Returns the memory nodes that its processes use: those set that have memory.
   *
   * @return the set
   * @throws LinuxException when the kernel refuses
   */
  public NodeSet effectiveMems() {
    return NodeSet.parse(files.text(EFFECTIVE_MEMS));
  }

  /**
   * Tells whether no sibling may have processors of it.
   *
   * @return true when it is so
   * @throws LinuxException when the kernel refuses
   */
  public boolean cpuExclusive() {
    return files.flag(CPU_EXCLUSIVE);
  }

  /**
   * Sets whether no sibling may have processors of it.
   *
   * @param value true when it shall be so
   * @return what the kernel made of it
   * @throws LinuxException EINVAL when a sibling has one of its processors, EACCES when the group
   *     above is not exclusive
   */
  public Written<Boolean> setCpuExclusive(boolean value) {
    return files.writeFlag(CPU_EXCLUSIVE, value);
  }

  /**
   * Tells whether no sibling may have memory nodes of it, and kernel memory for its tasks comes
   * from them too.
   *
   * @return true when it is so
   * @throws LinuxException when the kernel refuses
   */
  public boolean memExclusive() {
    return files.flag(MEM_EXCLUSIVE);
  }

  /**
   * Sets whether no sibling may have memory nodes of it, and kernel memory for its tasks comes from
   * them too.
   *
   * @param value true when it shall be so
   * @return what the kernel made of it
   * @throws LinuxException EINVAL when a sibling has one of its nodes, EACCES when the group above
   *     is not exclusive
   */
  public Written<Boolean> setMemExclusive(boolean value) {
    return files.writeFlag(MEM_EXCLUSIVE, value);
  }

  /**
   * Tells whether kernel memory for its tasks comes from its memory nodes too.
   *
   * @return true when it is so
   * @throws LinuxException when the kernel refuses
   */
  public boolean memHardwall() {
    return files.flag(MEM_HARDWALL);
  }

  /**
   * Sets whether kernel memory for its tasks comes from its memory nodes too.
   *
   * @param value true when it shall be so
   * @return what the kernel made of it
   * @throws LinuxException when the kernel refuses
   */
  public Written<Boolean> setMemHardwall(boolean value) {
    return files.writeFlag(MEM_HARDWALL, value);
  }

  /**
   * Tells whether memory moves along when its nodes change, or a task joins.
   *
   * @return true when it is so
   * @throws LinuxException when the kernel refuses
   */
  public boolean memoryMigrate() {
    return files.flag(MEMORY_MIGRATE);
  }

  /**
   * Sets whether memory moves along when its nodes change, or a task joins.
   *
   * @param value true when it shall be so
   * @return what the kernel made of it
   * @throws LinuxException when the kernel refuses
   */
  public Written<Boolean> setMemoryMigrate(boolean value) {
    return files.writeFlag(MEMORY_MIGRATE, value);
  }

  /**
   * Tells whether page cache is spread evenly over its memory nodes.
   *
   * @return true when it is so
   * @throws LinuxException when the kernel refuses
   */
  public boolean memorySpreadPage() {
    return files.flag(SPREAD_PAGE);
  }

  /**
   * Sets whether page cache is spread evenly over its memory nodes.
   *
   * @param value true when it shall be so
   * @return what the kernel made of it
   * @throws LinuxException when the kernel refuses
   */
  public Written<Boolean> setMemorySpreadPage(boolean value) {
    return files.writeFlag(SPREAD_PAGE, value);
  }

  /**
   * Tells whether memory for inodes and directory entries is spread evenly over its memory nodes;
   * without effect since Linux 6.8 or so, where the SLAB allocator is gone.
   *
   * @return true when it is so
   * @throws LinuxException when the kernel refuses
   */
  public boolean memorySpreadSlab() {
    return files.flag(SPREAD_SLAB);
  }

  /**
   * Sets whether memory for inodes and directory entries is spread evenly over its memory nodes;
   * without effect since Linux 6.8 or so, where the SLAB allocator is gone.
   *
   * @param value true when it shall be so
   * @return what the kernel made of it
   * @throws LinuxException when the kernel refuses
   */
  public Written<Boolean> setMemorySpreadSlab(boolean value) {
    return files.writeFlag(SPREAD_SLAB, value);
  }

  /**
   * Tells whether the scheduler balances load among its processors.
   *
   * @return true when it is so
   * @throws LinuxException when the kernel refuses
   */
  public boolean schedLoadBalance() {
    return files.flag(LOAD_BALANCE);
  }

  /**
   * Sets whether the scheduler balances load among its processors.
   *
   * @param value true when it shall be so
   * @return what the kernel made of it
   * @throws LinuxException when the kernel refuses
   */
  public Written<Boolean> setSchedLoadBalance(boolean value) {
    return files.writeFlag(LOAD_BALANCE, value);
  }

  /**
   * Returns how hard its tasks press for memory: direct reclaims.
   *
   * @return a running average, in thousandths of a reclaim per second; 0 while it is not
   *     {@linkplain #memoryPressureEnabled counted}
   * @throws LinuxException when the kernel refuses
   */
  public long memoryPressure() {
    return files.number(PRESSURE);
  }

  /**
   * Tells whether memory pressure is counted, for all groups of the machine.
   *
   * @return true when it is; empty on groups other than the root
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Boolean> memoryPressureEnabled() {
    return files.ifThere(PRESSURE_ENABLED, text -> !text.strip().equals("0"));
  }

  /**
   * Sets whether memory pressure is counted, for all groups of the machine.
   *
   * @param value true when it shall be
   * @return what the kernel made of it
   * @throws LinuxException when the kernel refuses
   * @throws UnsupportedOperationException on groups other than the root
   */
  public Written<Boolean> setMemoryPressureEnabled(boolean value) {
    files.require(PRESSURE_ENABLED, "the root of the cpuset hierarchy");
    return files.writeFlag(PRESSURE_ENABLED, value);
  }

  /**
   * Returns how far the scheduler looks for a task or an idle processor.
   *
   * @return -1 for the system's default, 0 for no search, 1 for the threads of a core, 2 for a
   *     package, and so on up to 5
   * @throws LinuxException when the kernel refuses
   */
  public int schedRelaxDomainLevel() {
    return (int) files.number(RELAX_DOMAIN_LEVEL);
  }

  /**
   * Sets how far the scheduler looks for a task or an idle processor.
   *
   * @param level as {@link #schedRelaxDomainLevel}
   * @return what the kernel made of it
   * @throws LinuxException EINVAL for a level that the machine does not have
   */
  public Written<Integer> setSchedRelaxDomainLevel(int level) {
    return files.write(
        RELAX_DOMAIN_LEVEL, level, String::valueOf, text -> Integer.valueOf(text.strip()));
  }
}
