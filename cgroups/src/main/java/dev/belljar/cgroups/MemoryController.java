package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.tree.FlatKeyed;
import java.util.OptionalLong;

/**
 * The files of the memory controller.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#memory">cgroup-v2, Memory</a>
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/memory.html">cgroup-v1/memory</a>
 */
final class MemoryController {
  private static final String V1_LIMIT = "memory.limit_in_bytes";
  private static final String V1_USAGE = "memory.usage_in_bytes";
  private static final String V1_OOM_CONTROL = "memory.oom_control";
  private static final String V2_MAX = "memory.max";
  private static final String V2_CURRENT = "memory.current";
  private static final String V2_EVENTS = "memory.events";

  // "Unlimited" of version 1 is LONG_MAX rounded down to pages, huge ones of at most 1 GiB too.
  private static final long V1_UNLIMITED = Long.MAX_VALUE >> 30 << 30;

  private MemoryController() {}

  static Limit limit(GroupDirectory group) {
    return group.version() == CgroupVersion.V1
        ? parseV1Limit(group.read(V1_LIMIT))
        : Limit.parse(group.read(V2_MAX));
  }

  static Limit parseV1Limit(String text) {
    return orUnlimited(Limit.parse(text));
  }

  /** What version 1 prints for no limit, as such. */
  static Limit orUnlimited(Limit limit) {
    return limit.value().orElse(0) >= V1_UNLIMITED ? Limit.UNLIMITED : limit;
  }

  static long usage(GroupDirectory group) {
    return group.readNumber(group.version() == CgroupVersion.V1 ? V1_USAGE : V2_CURRENT);
  }

  /** How many processes of the group were killed for lack of memory. */
  static OptionalLong oomKills(GroupDirectory group) {
    String file = group.version() == CgroupVersion.V1 ? V1_OOM_CONTROL : V2_EVENTS;
    return FlatKeyed.value(group.read(file), "oom_kill");
  }
}
