package dev.belljar.cgroups.hierarchy;

/** The two designs of control groups that Linux has, which one machine may use side by side. */
public enum CgroupVersion {
  /**
   * Several hierarchies, each with some subsystems; see <a
   * href="https://docs.kernel.org/admin-guide/cgroup-v1/cgroups.html">cgroup-v1/cgroups</a>.
   */
  V1,
  /**
   * One hierarchy for all subsystems; see <a
   * href="https://docs.kernel.org/admin-guide/cgroup-v2.html">cgroup-v2</a>.
   */
  V2
}
