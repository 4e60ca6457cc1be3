package dev.belljar.cgroups.hierarchy;

import dev.belljar.linux.LinuxException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the errors of control files mean: the table from which {@link CgroupDirectory} explains what
 * the kernel refuses.
 *
 * <p>Each concept has its rows in a class of its own; the first that fits explains an error.
 */
public final class ControlFileErrors {
  private static final List<ControlFileError> ROWS =
      Stream.<List<ControlFileError>>of(
              CpuErrors.ROWS,
              CpusetErrors.ROWS,
              CountingErrors.ROWS,
              DeviceErrors.ROWS,
              HugetlbErrors.ROWS,
              IoErrors.ROWS,
              MemoryErrors.ROWS,
              CoreErrors.ROWS)
          .flatMap(List::stream)
          .toList();

  private ControlFileErrors() {}

  /**
   * Returns the whole table.
   *
   * @return its rows, in the order in which they are tried
   */
  public static List<ControlFileError> all() {
    return ROWS;
  }

  /**
   * Finds what a refusal means.
   *
   * @param refused what was refused
   * @return the first row that explains it, empty when none does
   */
  public static Optional<ControlFileError> find(RefusedWrite refused) {
    return ROWS.stream().filter(row -> row.explains(refused)).findFirst();
  }

  /**
   * Completes an exception with what the table knows.
   *
   * @param e the exception
   * @param group the group
   * @param file the file or act, as in {@link RefusedWrite}
   * @param value what was written
   * @return the exception, with cause and remedy where they are known
   */
  static LinuxException explain(
      LinuxException e, CgroupDirectory group, String file, String value) {
    return e.error()
        .flatMap(errno -> find(new RefusedWrite(group, file, value, errno)))
        .map(row -> e.withRemedy(row.toString()))
        .orElse(e);
  }
}
