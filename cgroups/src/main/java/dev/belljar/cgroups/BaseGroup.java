package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.tree.Cpusets;
import dev.belljar.cgroups.tree.GroupTree;
import dev.belljar.cgroups.tree.MadeMark;
import dev.belljar.cgroups.tree.Undo;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.syscall.Syscall;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * The group below which a parent group is made; one that the user named is made if it is absent.
 *
 * <p>One that we made carries an extended attribute that says so, which lets the last of our JVMs
 * that used it remove it.
 */
final class BaseGroup {
  private static final int MODE = 0755;

  private BaseGroup() {}

  static boolean isMade(int group) {
    return MadeMark.isSet(group);
  }

  /** The nearest group at or above a path that exists. */
  static BytePath nearestExisting(Hierarchy hierarchy, BytePath path) {
    BytePath at = path;
    while (!at.equals(hierarchy.mountPoint()) && !exists(at)) {
      at = at.parent().orElseThrow();
    }
    return at;
  }

  private static boolean exists(BytePath path) {
    try (Descriptor group = GroupTree.open(Syscall.AT_FDCWD, path.bytes())) {
      return !group.isClosed();
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        return false;
      }
      throw e;
    }
  }

  /** Opens the base of a seat, and makes it and the groups above it where they are absent. */
  static Descriptor openOrMake(Seat seat) {
    Descriptor base = openOrMake(seat.hierarchy(), seat.base());
    try {
      provide(base.number(), seat.base(), seat.controllers());
      return base;
    } catch (RuntimeException | Error e) {
      Undo.after(e, base::close, () -> removeIfMade(seat.hierarchy(), seat.base()));
      throw e;
    }
  }

  private static Descriptor openOrMake(Hierarchy hierarchy, BytePath path) {
    try {
      return GroupTree.open(Syscall.AT_FDCWD, path.bytes());
    } catch (LinuxException e) {
      if (!e.is(Errno.ENOENT) || path.equals(hierarchy.mountPoint())) {
        throw e;
      }
    }
    BytePath above = path.parent().orElseThrow();
    Optional<Descriptor> made = Optional.empty();
    try (Descriptor open = openOrMake(hierarchy, above)) {
      made = Optional.of(make(hierarchy, open.number(), path.name().orElseThrow().bytes()));
    } catch (RuntimeException | Error e) {
      made.ifPresent(group -> Undo.after(e, group::close));
      Undo.after(e, () -> removeIfMade(hierarchy, path));
      throw e;
    }
    return made.orElseThrow();
  }

  private static Descriptor make(Hierarchy hierarchy, int above, byte[] name) {
    DirectoryCalls.make(above, name, MODE);
    try {
      Descriptor group = GroupTree.open(above, name);
      try {
        MadeMark.set(group.number());
        if (hierarchy.startsEmpty()) {
          Cpusets.fill(above, group.number());
        }
        return group;
      } catch (RuntimeException | Error e) {
        Undo.after(e, group::close);
        throw e;
      }
    } catch (RuntimeException | Error e) {
      Undo.after(e, () -> DirectoryCalls.remove(above, name));
      throw e;
    }
  }

  /** Makes controllers of version 2 available in a base that we made, from the groups above it. */
  static void provide(int group, BytePath path, Set<Subsystem> controllers) {
    if (controllers.isEmpty() || !isMade(group)) {
      return;
    }
    Set<Subsystem> absent = EnumSet.copyOf(controllers);
    absent.removeAll(SubtreeControl.available(group));
    if (absent.isEmpty()) {
      return;
    }
    BytePath above = path.parent().orElseThrow();
    try (Descriptor open = GroupTree.open(Syscall.AT_FDCWD, above.bytes())) {
      provide(open.number(), above, absent);
      SubtreeControl.enableFor(open.number(), group, absent);
    }
  }

  /**
   * Removes a base that we made, and those above it, as far as they are empty.
   *
   * <p>What others have put in it keeps it there, for the last of them to remove.
   */
  static void removeIfMade(Hierarchy hierarchy, BytePath path) {
    BytePath at = path;
    while (!at.equals(hierarchy.mountPoint()) && removeOneIfMade(at)) {
      at = at.parent().orElseThrow();
    }
  }

  private static boolean removeOneIfMade(BytePath path) {
    BytePath above = path.parent().orElseThrow();
    try (Descriptor group = GroupTree.open(Syscall.AT_FDCWD, path.bytes());
        Descriptor open = GroupTree.open(Syscall.AT_FDCWD, above.bytes())) {
      if (!isMade(group.number())) {
        return false;
      }
      Set<Subsystem> recorded = SubtreeControl.recorded(group.number());
      try {
        DirectoryCalls.remove(open.number(), path.name().orElseThrow().bytes());
      } catch (LinuxException e) {
        if (!GroupTree.isInUse(e)) {
          Undo.after(e, () -> SubtreeControl.disable(open.number(), recorded));
        }
        throw e;
      }
      SubtreeControl.disable(open.number(), recorded);
      return true;
    } catch (LinuxException e) {
      if (GroupTree.isGone(e)) {
        return true; // another of its users was the last
      }
      if (GroupTree.isInUse(e)) {
        return false;
      }
      throw e;
    }
  }
}
