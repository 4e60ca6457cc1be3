package dev.belljar.cgroups.hierarchy;

import dev.belljar.cgroups.tree.Words;
import dev.belljar.linux.Errno;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Why the kernel refuses a write to a control file with a certain error: the rule that was broken,
 * and what to do.
 *
 * @param version the version whose files these are; empty for both
 * @param file the file's name, in which {@code *} stands for any text, or several names with a
 *     blank between them; {@code mkdir} and {@code rmdir} for making and removing groups
 * @param errno the error
 * @param kernels the kernels on which this was seen or read in the source, such as {@code since
 *     5.14}; {@code all} for all that this library supports
 * @param when tells this cause from others of the same error; asked after the write has failed
 * @param cause the rule that was broken, a clause without a full stop
 * @param remedy what to do, a clause without a full stop
 */
public record ControlFileError(
    Optional<CgroupVersion> version,
    String file,
    Errno errno,
    String kernels,
    Predicate<RefusedWrite> when,
    String cause,
    String remedy) {
  /**
   * Makes a row of the table.
   *
   * @throws IllegalArgumentException when a text is empty
   */
  public ControlFileError {
    Objects.requireNonNull(version, "version");
    Objects.requireNonNull(errno, "errno");
    Objects.requireNonNull(when, "when");
    if (file.isEmpty() || kernels.isEmpty() || cause.isEmpty() || remedy.isEmpty()) {
      throw new IllegalArgumentException("a row without file, kernels, cause or remedy: " + file);
    }
  }

  /**
   * Makes a row for files of version 1.
   *
   * @param file the file, as {@link #file()}
   * @param errno the error
   * @param cause the rule that was broken
   * @param remedy what to do
   * @return a row for all kernels
   */
  public static ControlFileError v1(String file, Errno errno, String cause, String remedy) {
    return row(Optional.of(CgroupVersion.V1), file, errno, cause, remedy);
  }

  /**
   * Makes a row for files of version 2.
   *
   * @param file the file, as {@link #file()}
   * @param errno the error
   * @param cause the rule that was broken
   * @param remedy what to do
   * @return a row for all kernels
   */
  public static ControlFileError v2(String file, Errno errno, String cause, String remedy) {
    return row(Optional.of(CgroupVersion.V2), file, errno, cause, remedy);
  }

  /**
   * Makes a row for files of both versions.
   *
   * @param file the file, as {@link #file()}
   * @param errno the error
   * @param cause the rule that was broken
   * @param remedy what to do
   * @return a row for all kernels
   */
  public static ControlFileError both(String file, Errno errno, String cause, String remedy) {
    return row(Optional.empty(), file, errno, cause, remedy);
  }

  private static ControlFileError row(
      Optional<CgroupVersion> version, String file, Errno errno, String cause, String remedy) {
    return new ControlFileError(version, file, errno, "all", _ -> true, cause, remedy);
  }

  /**
   * Limits a row to one of several causes.
   *
   * @param condition tells whether it is this one; it may read the group's files
   * @return the row with this condition besides those it has
   */
  public ControlFileError when(Predicate<RefusedWrite> condition) {
    return new ControlFileError(version, file, errno, kernels, when.and(condition), cause, remedy);
  }

  /**
   * Says on which kernels it holds.
   *
   * @param known for example {@code since 6.6}
   * @return the row with the kernels
   */
  public ControlFileError on(String known) {
    return new ControlFileError(version, file, errno, known, when, cause, remedy);
  }

  /**
   * Tells whether this row explains a refusal.
   *
   * @param refused what was refused
   * @return true when it does
   */
  public boolean explains(RefusedWrite refused) {
    return refused.errno() == errno
        && version.map(refused.group().version()::equals).orElse(true)
        && matches(refused.file())
        && when.test(refused);
  }

  private boolean matches(String name) {
    return Words.of(file).stream()
        .map(pattern -> Pattern.quote(pattern).replace("*", "\\E.*\\Q"))
        .anyMatch(pattern -> Pattern.matches(pattern, name));
  }

  /** Returns the cause and the remedy as a sentence without a full stop. */
  @Override
  public String toString() {
    return cause + ": " + remedy;
  }
}
