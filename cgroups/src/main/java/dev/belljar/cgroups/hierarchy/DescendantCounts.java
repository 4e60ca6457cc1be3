package dev.belljar.cgroups.hierarchy;

import dev.belljar.cgroups.tree.FlatKeyed;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many groups there are below one, as {@code cgroup.stat} of version 2 says.
 *
 * @param living those that can be used
 * @param dying those that were removed and still hold memory, which the kernel gives back in time
 *     or under pressure
 * @param all every number by its key, in the kernel's order: since Linux 6.12 also {@code
 *     nr_subsys_memory}, {@code nr_dying_subsys_memory} and so on, for each controller
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#core-interface-files">
 *     cgroup.stat</a>
 */
public record DescendantCounts(long living, long dying, Map<String, Long> all) {
  /** Makes counts. */
  public DescendantCounts {
    all = Collections.unmodifiableMap(new LinkedHashMap<>(all));
  }

  static DescendantCounts parse(String text) {
    Map<String, Long> all = FlatKeyed.parse(text);
    return new DescendantCounts(
        all.getOrDefault("nr_descendants", 0L), all.getOrDefault("nr_dying_descendants", 0L), all);
  }
}
