package dev.belljar;

import dev.belljar.cgroups.SweptGroup;
import dev.belljar.linux.Finding;
import java.util.List;

/**
 * What {@link Belljar#sweep} did.
 *
 * @param groups the control groups that were removed
 * @param links the names of the network links that were deleted: bridges, and what was plugged in
 * @param failures what was found but could not be removed, and why
 */
public record Swept(List<SweptGroup> groups, List<String> links, List<Finding> failures) {
  /** Makes a report. */
  public Swept {
    groups = List.copyOf(groups);
    links = List.copyOf(links);
    failures = List.copyOf(failures);
  }

  /**
   * Tells whether there was nothing to do.
   *
   * @return true when nothing was found
   */
  public boolean isEmpty() {
    return groups.isEmpty() && links.isEmpty() && failures.isEmpty();
  }
}
