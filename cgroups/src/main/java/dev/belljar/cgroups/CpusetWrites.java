package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.Subsystem;

/**
 * The limits of the cpuset controller as writes, the same in both versions.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#cpuset">cgroup-v2, Cpuset</a>
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/cpusets.html">cgroup-v1/cpusets</a>
 */
final class CpusetWrites {
  static final String CPUS = "cpuset.cpus";
  static final String MEMS = "cpuset.mems";

  private CpusetWrites() {}

  static void add(Translation to, Resources resources) {
    add(to, resources, ResourceKeys.CPUSET_CPUS, CPUS);
    add(to, resources, ResourceKeys.CPUSET_MEMS, MEMS);
  }

  private static void add(
      Translation to, Resources resources, ResourceKey<String> key, String file) {
    resources
        .get(key)
        .ifPresent(list ->
            to.write(
                ControlWrite.exact(key.name() + " " + list, Subsystem.CPUSET, file, list)
                    .showing(Contents.LIST)));
  }
}
