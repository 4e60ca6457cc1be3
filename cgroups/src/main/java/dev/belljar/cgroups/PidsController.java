package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.Limit;

/**
 * The files of the pids controller, which are the same in both versions.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#pid">cgroup-v2, PID</a>
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/pids.html">cgroup-v1/pids</a>
 */
final class PidsController {
  private static final String MAX = "pids.max";
  private static final String CURRENT = "pids.current";

  private PidsController() {}

  static Limit limit(GroupDirectory group) {
    return Limit.parse(group.read(MAX));
  }

  static long current(GroupDirectory group) {
    return group.readNumber(CURRENT);
  }
}
