package dev.belljar.cgroups.tree;

import dev.belljar.linux.call.FileCalls;
import java.nio.charset.StandardCharsets;

/**
 * The state of a version 1 group of the freezer, which the kernel brings about step by step.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/freezer-subsystem.html">
 *     cgroup-v1/freezer-subsystem</a>
 */
public final class FreezerState {
  private static final String FILE = "freezer.state";
  private static final String FROZEN = "FROZEN";

  private FreezerState() {}

  /**
   * Freezes a group.
   *
   * @param group its open directory
   * @param patience how long to try
   * @return false when something still runs; the group then goes on freezing
   */
  public static boolean freeze(int group, Backoff patience) {
    do {
      // Written again each time: a child forked during the freezing is caught by the next write.
      FileCalls.writeFile(group, FILE, FROZEN);
      if (isFrozen(group)) {
        return true;
      }
    } while (patience.pause());
    return false;
  }

  /** Lets a group go on, unless one above is frozen. */
  public static void thaw(int group) {
    FileCalls.writeFile(group, FILE, "THAWED");
  }

  /** Tells whether all of a group stands, because of itself or a group above. */
  public static boolean isFrozen(int group) {
    byte[] state = FileCalls.readFile(group, FILE);
    return new String(state, StandardCharsets.US_ASCII).strip().equals(FROZEN);
  }
}
