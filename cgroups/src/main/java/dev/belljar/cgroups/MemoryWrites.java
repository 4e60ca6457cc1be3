package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;
import java.util.Optional;

/**
 * The limits of the memory controller as writes.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#memory">cgroup-v2, Memory</a>
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/memory.html">cgroup-v1/memory</a>
 */
final class MemoryWrites {
  static final String V1_LIMIT = "memory.limit_in_bytes";
  static final String V1_MEMSW = "memory.memsw.limit_in_bytes";
  static final String V1_SOFT = "memory.soft_limit_in_bytes";
  static final String V1_SWAPPINESS = "memory.swappiness";
  static final String V1_OOM_CONTROL = "memory.oom_control";
  static final String V2_MAX = "memory.max";
  static final String V2_SWAP = "memory.swap.max";
  static final String V2_LOW = "memory.low";

  // A multiple of the largest page of any architecture needs no rounding on any.
  private static final long LARGEST_PAGE = 65_536;

  private MemoryWrites() {}

  static void add(Translation to, Resources resources, CgroupVersion version) {
    if (version == CgroupVersion.V1) {
      addV1(to, resources);
    } else {
      addV2(to, resources);
    }
  }

  private static void addV1(Translation to, Resources resources) {
    resources
        .get(ResourceKeys.MEMORY)
        .ifPresent(limit -> to.write(v1("memory " + limit, V1_LIMIT, limit)));
    resources
        .get(ResourceKeys.MEMORY_SWAP)
        .ifPresent(limit ->
            to.write(
                v1("memorySwap " + limit, V1_MEMSW, limit)
                    .needing("CONFIG_SWAP, without swapaccount=0")));
    resources
        .get(ResourceKeys.MEMORY_RESERVATION)
        .ifPresent(limit -> to.write(v1("memoryReservation " + limit, V1_SOFT, limit)));
    resources
        .get(ResourceKeys.SWAPPINESS)
        .ifPresent(value ->
            to.write(
                ControlWrite.exact("swappiness " + value, Subsystem.MEMORY, V1_SWAPPINESS, value)));
    resources
        .get(ResourceKeys.OOM_KILLER)
        .ifPresent(on ->
            to.write(
                ControlWrite.exact("oomKiller " + on, Subsystem.MEMORY, V1_OOM_CONTROL, on ? 0 : 1)
                    .showing(Contents.OOM_CONTROL)));
  }

  private static void addV2(Translation to, Resources resources) {
    resources
        .get(ResourceKeys.MEMORY)
        .ifPresent(limit -> to.write(v2("memory " + limit, V2_MAX, limit)));
    resources
        .get(ResourceKeys.MEMORY_SWAP)
        .ifPresent(limit ->
            to.write(
                v2("memorySwap " + limit, V2_SWAP, swap(resources, limit))
                    .needing("CONFIG_SWAP, without swapaccount=0")));
    resources
        .get(ResourceKeys.MEMORY_RESERVATION)
        .ifPresent(limit -> to.write(v2("memoryReservation " + limit, V2_LOW, limit)));
    resources
        .get(ResourceKeys.SWAPPINESS)
        .ifPresent(value ->
            to.cannot(
                ResourceKeys.SWAPPINESS, value, "cgroup v2 has no swappiness for single groups"));
    resources
        .get(ResourceKeys.OOM_KILLER)
        .filter(on -> !on)
        .ifPresent(on ->
            to.cannot(
                ResourceKeys.OOM_KILLER,
                on,
                "cgroup v2 cannot switch the OOM killer off; memory.high slows processes down"
                    + " instead"));
  }

  /** Version 2 limits swap alone. */
  private static Limit swap(Resources resources, Limit together) {
    Optional<Limit> memory = resources.get(ResourceKeys.MEMORY);
    if (together.isUnlimited() || memory.isEmpty() || memory.get().isUnlimited()) {
      return together; // what is missing is found when the group's own limit is known
    }
    return Limit.of(together.value().getAsLong() - memory.get().value().getAsLong());
  }

  private static ControlWrite v1(String text, String file, Limit limit) {
    return write(text, file, limit, "-1");
  }

  private static ControlWrite v2(String text, String file, Limit limit) {
    return write(text, file, limit, "max");
  }

  private static ControlWrite write(String text, String file, Limit limit, String unlimited) {
    ControlWrite write =
        ControlWrite.exact(
                text, Subsystem.MEMORY, file, limit.isUnlimited() ? unlimited : limit.toString())
            .showing(Contents.BYTES);
    return limit.isUnlimited() || limit.value().getAsLong() % LARGEST_PAGE == 0
        ? write
        : write.rounded();
  }
}
