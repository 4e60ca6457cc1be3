package dev.belljar.cgroups.hierarchy;

import dev.belljar.cgroups.tree.Backoff;
import dev.belljar.cgroups.tree.FlatKeyed;
import dev.belljar.cgroups.tree.FreezerState;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.call.PollCalls;
import dev.belljar.linux.syscall.Syscall;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/**
 * Stops all processes of a group and of the groups below it, and lets them go on: the freezer of
 * version 1, and {@code cgroup.freeze} of version 2.
 *
 * <p>A frozen process can be killed on version 2; on version 1 it ends when it is thawed.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/freezer-subsystem.html">
 *     cgroup-v1/freezer-subsystem</a>
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#core-interface-files">
 *     cgroup.freeze</a>
 */
public final class GroupFreezer {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final String FREEZE = "cgroup.freeze";
  private static final String EVENTS = "cgroup.events";

  private final CgroupDirectory group;

  /**
   * Makes a view of a group's freezer.
   *
   * @param group the group, which is not the root: on version 2, or in the version 1 hierarchy of
   *     the freezer
   * @throws UnsupportedOperationException when it is in another version 1 hierarchy
   */
  public GroupFreezer(CgroupDirectory group) {
    if (group.version() == CgroupVersion.V1 && !group.hierarchy().has(Subsystem.FREEZER)) {
      throw new UnsupportedOperationException(
          "only version 2 and the hierarchy of the freezer can freeze groups, not "
              + group.hierarchy());
    }
    this.group = group;
  }

  private boolean isV1() {
    return group.version() == CgroupVersion.V1;
  }

  /**
   * Freezes it and waits until all its processes stand, for up to 10 seconds.
   *
   * @throws IllegalStateException when the calling JVM is in it or below it
   * @throws LinuxException EBUSY when some process did not stop in time, such as one that waits for
   *     a device in an uninterruptible sleep; the group is thawed again
   */
  public void freeze() {
    freeze(PATIENCE);
  }

  /**
   * Freezes it and waits until all its processes stand.
   *
   * @param patience how long to wait
   * @throws IllegalStateException when the calling JVM is in it or below it
   * @throws LinuxException EBUSY when some process did not stop in time; the group is thawed again
   */
  public void freeze(Duration patience) {
    OwnGroup.refuse(group, "freezing");
    boolean frozen;
    if (isV1()) {
      frozen = FreezerState.freeze(group.directory().number(), new Backoff(patience));
    } else {
      group.write(FREEZE, "1");
      frozen = await(true, patience);
    }
    if (!frozen) {
      write(false);
      throw new LinuxException(
          Errno.EBUSY.number(),
          "write",
          "freezing " + group,
          ("not all its processes stopped within %s: one may wait for a device in an"
                  + " uninterruptible sleep")
              .formatted(patience));
    }
  }

  /**
   * Lets its processes go on, and waits until they may, for up to 10 seconds.
   *
   * @return false when they stand still, because a group above is frozen
   * @throws LinuxException when the kernel refuses
   */
  public boolean thaw() {
    write(false);
    if (isV1()) {
      return !isFrozen(); // takes effect at once
    }
    return !isAncestorFrozen() && await(false, PATIENCE);
  }

  private void write(boolean frozen) {
    if (isV1()) {
      FreezerState.thaw(group.directory().number());
    } else {
      group.write(FREEZE, frozen ? "1" : "0");
    }
  }

  /**
   * Tells whether all its processes stand: because of this group or one above it.
   *
   * @return true when they do
   * @throws LinuxException when the kernel refuses
   */
  public boolean isFrozen() {
    return isV1()
        ? FreezerState.isFrozen(group.directory().number())
        : isFrozen(group.read(EVENTS));
  }

  private static boolean isFrozen(String events) {
    return FlatKeyed.value(events, "frozen").orElse(0) == 1;
  }

  // The kernel freezes in the background, and wakes those that poll the file.
  private boolean await(boolean frozen, Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    int directory = group.directory().number();
    while (true) {
      try (Descriptor events = FileCalls.open(directory, EVENTS, OpenFlags.O_RDONLY)) {
        byte[] text = FileCalls.readAll(events.number());
        if (isFrozen(new String(text, StandardCharsets.US_ASCII)) == frozen) {
          return true;
        }
        long left = deadline - System.nanoTime();
        if (left <= 0 || !PollCalls.awaitChange(events.number(), left)) {
          return false;
        }
      }
    }
  }

  private boolean isAncestorFrozen() {
    Optional<BytePath> at = group.path().parent();
    while (at.isPresent() && at.get().startsWith(group.hierarchy().mountPoint())) {
      byte[] file = at.get().resolve(FREEZE).bytes();
      try (Descriptor freeze = FileCalls.open(Syscall.AT_FDCWD, file, OpenFlags.O_RDONLY, 0)) {
        byte[] text = FileCalls.readAll(freeze.number());
        if (new String(text, StandardCharsets.US_ASCII).startsWith("1")) {
          return true;
        }
      } catch (LinuxException e) {
        if (!e.is(Errno.ENOENT)) { // the root has none
          throw e;
        }
      }
      at = at.get().parent();
    }
    return false;
  }
}
