package dev.belljar.cgroups.hierarchy;

import java.util.Arrays;
import java.util.Locale;

/**
 * What a group of version 2 may hold, as {@code cgroup.type} says.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#threads">cgroup-v2, Threads</a>
 */
public enum GroupType {
  /** Whole processes: the usual kind. */
  DOMAIN,
  /** Whole processes, whose threads may be in the threaded groups below. */
  DOMAIN_THREADED,
  /** Nothing, until it is made threaded: a group below a threaded one. */
  DOMAIN_INVALID,
  /** Threads of processes of the nearest domain above. */
  THREADED;

  /** The word the kernel uses. */
  String text() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  static GroupType parse(String text) {
    return Arrays.stream(values())
        .filter(type -> type.text().equals(text))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("not a cgroup.type: \"" + text + "\""));
  }
}
