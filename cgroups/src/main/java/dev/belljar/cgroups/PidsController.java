package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;
import java.util.List;

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

  static void addWrites(List<ControlWrite> writes, Resources resources, CgroupVersion version) {
    resources
        .pids()
        .ifPresent(
            count -> writes.add(new ControlWrite(Subsystem.PIDS, MAX, Long.toString(count))));
  }

  static Limit limit(GroupDirectory group) {
    return Limit.parse(group.read(MAX));
  }

  static long current(GroupDirectory group) {
    return group.readNumber(CURRENT);
  }
}
