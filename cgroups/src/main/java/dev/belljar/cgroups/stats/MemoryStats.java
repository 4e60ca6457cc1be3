package dev.belljar.cgroups.stats;

import dev.belljar.cgroups.controller.Limit;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Memory of a group and those below it, in bytes.
 *
 * @param usage what it uses, page cache included; empty for a root of version 2
 * @param peak the most it used; empty on version 2 before Linux 5.19
 * @param limit its limit; empty for a root of version 2
 * @param cache page cache: {@code total_cache} of version 1, {@code file} of version 2
 * @param anonymous memory without a file: {@code total_rss}, {@code anon}
 * @param swap what is swapped out: {@code total_swap}, {@code memory.swap.current}
 * @param kernel memory of the kernel: {@code memory.kmem.usage_in_bytes}, {@code kernel}; empty on
 *     version 2 before Linux 5.18
 * @param oomKills how many of its processes were killed for lack of memory; on version 1 without
 *     the groups below it
 * @param counters all of {@code memory.stat}
 * @param numa {@code memory.numa_stat} by memory node, in bytes on version 1 too, where the kernel
 *     prints pages; empty without it
 */
public record MemoryStats(
    OptionalLong usage,
    OptionalLong peak,
    Optional<Limit> limit,
    OptionalLong cache,
    OptionalLong anonymous,
    OptionalLong swap,
    OptionalLong kernel,
    OptionalLong oomKills,
    Map<String, Long> counters,
    Map<Integer, Map<String, Long>> numa) {
  /** Makes a reading. */
  public MemoryStats {
    counters = Maps.copy(counters);
    numa = Maps.copy(numa);
  }
}
