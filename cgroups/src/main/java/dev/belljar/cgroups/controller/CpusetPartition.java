package dev.belljar.cgroups.controller;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether a cpuset of version 2 has processors for itself.
 *
 * @param type what was asked for
 * @param invalid why it is not so at present, in the kernel's words, which may be empty; without a
 *     value when it is
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#cpuset">cgroup-v2, Cpuset</a>
 */
public record CpusetPartition(Type type, Optional<String> invalid) {
  private static final String INVALID = " invalid";

  /** What a cpuset is. */
  public enum Type {
    /** It shares its processors with others. */
    MEMBER,
    /** It has them for itself and those below it. */
    ROOT,
    /** As root, and the scheduler does not balance load among them; since Linux 6.1. */
    ISOLATED
  }

  /** Makes a state. */
  public CpusetPartition {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(invalid, "invalid");
  }

  /**
   * Returns the state that is asked for.
   *
   * @param type the type
   * @return a valid partition of it
   */
  public static CpusetPartition of(Type type) {
    return new CpusetPartition(type, Optional.empty());
  }

  /**
   * Parses what the kernel prints.
   *
   * @param text such as {@code root} or {@code root invalid (Parent is not a partition root)}
   * @return the state
   * @throws IllegalArgumentException when it is none
   */
  public static CpusetPartition parse(String text) {
    String line = text.strip();
    int blank = line.indexOf(' ');
    String type = blank < 0 ? line : line.substring(0, blank);
    String rest = blank < 0 ? "" : line.substring(blank);
    if (!rest.isEmpty() && !rest.startsWith(INVALID)) {
      throw new IllegalArgumentException("not the state of a partition: " + text);
    }
    Optional<String> reason =
        rest.isEmpty() ? Optional.empty() : Optional.of(inBrackets(rest, text));
    return new CpusetPartition(Type.valueOf(type.toUpperCase(Locale.ROOT)), reason);
  }

  private static String inBrackets(String rest, String text) {
    String reason = rest.substring(INVALID.length());
    if (reason.isEmpty()) {
      return reason;
    }
    if (!reason.startsWith(" (") || !reason.endsWith(")")) {
      throw new IllegalArgumentException("not the state of a partition: " + text);
    }
    return reason.substring(2, reason.length() - 1);
  }

  /**
   * Tells whether it is what was asked for.
   *
   * @return false when the kernel says {@code invalid}
   */
  public boolean isValid() {
    return invalid.isEmpty();
  }

  String typeName() {
    return type.name().toLowerCase(Locale.ROOT);
  }

  /** Returns the state as the kernel prints it. */
  @Override
  public String toString() {
    return typeName()
        + invalid.map(why -> INVALID + (why.isEmpty() ? "" : " (" + why + ")")).orElse("");
  }
}
