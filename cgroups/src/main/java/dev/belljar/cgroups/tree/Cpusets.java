package dev.belljar.cgroups.tree;

import dev.belljar.linux.call.FileCalls;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The processors and memory nodes of new groups, on a version 1 hierarchy where cpuset is mounted
 * together with a subsystem that a limit needs.
 *
 * <p>A new group there has none, and no process may join it until it has. See <a
 * href="https://docs.kernel.org/admin-guide/cgroup-v1/cpusets.html">cgroup-v1/cpusets</a>.
 */
public final class Cpusets {
  private static final List<String> FILES = List.of("cpuset.cpus", "cpuset.mems");

  private Cpusets() {}

  /**
   * Gives a new group all that the group above it has.
   *
   * @param above the open directory of the group above
   * @param group that of the new one
   */
  public static void fill(int above, int group) {
    for (String file : FILES) {
      byte[] value = FileCalls.readFile(above, file);
      FileCalls.writeFile(group, file, new String(value, StandardCharsets.US_ASCII));
    }
  }
}
