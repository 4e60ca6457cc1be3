package dev.belljar.cgroups.hierarchy;

import java.util.Arrays;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A resource controller of the kernel: what it can limit, count or mark for a group of processes.
 *
 * <p>The field calls them subsystems (version 1) and controllers (version 2). See <a
 * href="https://man7.org/linux/man-pages/man7/cgroups.7.html">cgroups(7)</a>.
 */
public enum Subsystem {
  /** Share and quota of processor time. */
  CPU("cpu", "cpu", "CONFIG_CGROUP_SCHED"),
  /** Counts processor time; a part of {@code cpu} on version 2. */
  CPUACCT("cpuacct", "", "CONFIG_CGROUP_CPUACCT"),
  /** Which processors and memory nodes may be used. */
  CPUSET("cpuset", "cpuset", "CONFIG_CPUSETS"),
  /** Memory and swap. */
  MEMORY("memory", "memory", "CONFIG_MEMCG"),
  /** Block devices; called {@code io} on version 2. */
  BLKIO("blkio", "io", "CONFIG_BLK_CGROUP"),
  /** Which device nodes may be used; without files on version 2. */
  DEVICES("devices", "", "CONFIG_CGROUP_DEVICE"),
  /** Stops and continues whole groups; built in on version 2. */
  FREEZER("freezer", "", "CONFIG_CGROUP_FREEZER"),
  /** Marks network packets with a class; not on version 2. */
  NET_CLS("net_cls", "", "CONFIG_CGROUP_NET_CLASSID"),
  /** Priority of network packets by interface; not on version 2. */
  NET_PRIO("net_prio", "", "CONFIG_CGROUP_NET_PRIO"),
  /** Performance counters of a group. */
  PERF_EVENT("perf_event", "perf_event", "CONFIG_CGROUP_PERF"),
  /** Huge pages. */
  HUGETLB("hugetlb", "hugetlb", "CONFIG_CGROUP_HUGETLB"),
  /** Number of processes and threads. */
  PIDS("pids", "pids", "CONFIG_CGROUP_PIDS"),
  /** RDMA devices. */
  RDMA("rdma", "rdma", "CONFIG_CGROUP_RDMA"),
  /** Scalar resources such as encryption ids. */
  MISC("misc", "misc", "CONFIG_CGROUP_MISC"),
  /** Memory of devices. */
  DMEM("dmem", "dmem", "CONFIG_CGROUP_DMEM");

  private final String v1Name;
  private final String v2Name;
  private final String kernelOption;

  Subsystem(String v1Name, String v2Name, String kernelOption) {
    this.v1Name = v1Name;
    this.v2Name = v2Name;
    this.kernelOption = kernelOption;
  }

  /**
   * Returns the name the kernel uses in {@code /proc/cgroups} and in version 1.
   *
   * @return for example {@code blkio}
   */
  public String v1Name() {
    return v1Name;
  }

  /**
   * Returns the name of the controller on version 2.
   *
   * @return for example {@code io}; empty when it is not a controller there
   */
  public Optional<String> v2Name() {
    return v2Name.isEmpty() ? Optional.empty() : Optional.of(v2Name);
  }

  /**
   * Returns the name in one version.
   *
   * @param version the version
   * @return the name, empty when the version has no such controller
   */
  public Optional<String> name(CgroupVersion version) {
    return version == CgroupVersion.V1 ? Optional.of(v1Name) : v2Name();
  }

  /**
   * Returns the option that a kernel must be built with to have this subsystem.
   *
   * @return for example {@code CONFIG_MEMCG}
   */
  public String kernelOption() {
    return kernelOption;
  }

  /**
   * Finds a subsystem by its name in one version.
   *
   * @param version the version
   * @param name for example {@code io} on version 2
   * @return the subsystem, empty when this library knows none of the name
   */
  public static Optional<Subsystem> named(CgroupVersion version, String name) {
    return Arrays.stream(values())
        .filter(subsystem -> !name.isEmpty() && subsystem.name(version).orElse("").equals(name))
        .findFirst();
  }

  /**
   * Finds the subsystems of some names in one version.
   *
   * @param version the version
   * @param names for example those in {@code cgroup.controllers}
   * @return those this library knows
   */
  public static Set<Subsystem> allNamed(CgroupVersion version, Collection<String> names) {
    return names.stream()
        .flatMap(name -> named(version, name).stream())
        .collect(Collectors.toUnmodifiableSet());
  }
}
