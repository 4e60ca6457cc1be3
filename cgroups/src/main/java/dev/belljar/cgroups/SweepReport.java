package dev.belljar.cgroups;

import dev.belljar.linux.Finding;
import java.util.List;

/**
 * What a sweep did.
 *
 * @param swept the groups that were removed
 * @param failures what was found but could not be removed, and why
 */
public record SweepReport(List<SweptGroup> swept, List<Finding> failures) {
  /** Makes a report. */
  public SweepReport {
    swept = List.copyOf(swept);
    failures = List.copyOf(failures);
  }
}
