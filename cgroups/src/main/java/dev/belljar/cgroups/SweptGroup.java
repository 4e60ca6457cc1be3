package dev.belljar.cgroups;

import dev.belljar.linux.BytePath;
import java.util.Objects;

/**
 * A group that a killed JVM had left behind, and that is removed now.
 *
 * @param path where it was
 * @param killed how many processes were still in it and were killed
 */
public record SweptGroup(BytePath path, int killed) {
  /** Makes a report of one group. */
  public SweptGroup {
    Objects.requireNonNull(path, "path");
  }
}
