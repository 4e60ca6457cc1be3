package dev.belljar.program;

import java.util.List;

/**
 * Who a process runs as, as seen inside its USER namespace.
 *
 * @param uid user id, 0 to 2^32-2
 * @param gid group id, 0 to 2^32-2
 * @param groups supplementary group ids
 */
public record Credentials(long uid, long gid, List<Long> groups) {
  /** Root without supplementary groups. */
  public static final Credentials ROOT = new Credentials(0, 0, List.of());

  /** Copies the list. */
  public Credentials {
    groups = List.copyOf(groups);
  }

  /** Tells whether the user is root. */
  public boolean isRoot() {
    return uid == 0;
  }
}
