package dev.belljar.cgroups.hierarchy;

import java.util.Objects;

/**
 * What became of a value that was written to a control file: it is read back, since the kernel
 * rounds some (memory to pages) and clamps others (1 cpu share to 2) without a word.
 *
 * @param <T> the type of the value
 * @param file the file's name
 * @param requested what was asked for
 * @param actual what the kernel made of it
 */
public record Written<T>(String file, T requested, T actual) {
  /** Makes a report. */
  public Written {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(requested, "requested");
    Objects.requireNonNull(actual, "actual");
  }

  /**
   * Tells whether the kernel took the value as it is.
   *
   * @return false when it was rounded or clamped
   */
  public boolean isExact() {
    return requested.equals(actual);
  }

  /** Says what was written, and what the kernel made of it. */
  @Override
  public String toString() {
    return isExact()
        ? file + " = " + actual
        : file + " = " + actual + " (asked: " + requested + ")";
  }
}
