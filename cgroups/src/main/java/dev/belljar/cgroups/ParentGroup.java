package dev.belljar.cgroups;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.tree.Backoff;
import dev.belljar.cgroups.tree.Cpusets;
import dev.belljar.cgroups.tree.GroupTree;
import dev.belljar.cgroups.tree.ParentName;
import dev.belljar.cgroups.tree.Undo;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.LockCalls;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * The group below which all groups of this JVM are in one place, locked as long as the JVM lives.
 *
 * <p>The lock is a flock(2) on its directory: the kernel drops it with the JVM, however that ends,
 * and it is seen from every PID namespace. A group of this name that can be locked was left behind.
 */
final class ParentGroup {
  private static final int TRIES = 100;

  // Others may pass through but not open it, so that only its owner and root can take the lock.
  private static final int MODE = 0711;

  private final Seat seat;
  private final String name;
  private final Descriptor base;
  private final Descriptor directory;
  private final Set<Subsystem> enabled = EnumSet.noneOf(Subsystem.class);
  private int groups;
  private boolean ending;
  private boolean removed;

  private ParentGroup(Seat seat, String name, Descriptor base, Descriptor directory) {
    this.seat = seat;
    this.name = name;
    this.base = base;
    this.directory = directory;
  }

  /**
   * Makes and locks a parent group.
   *
   * @param seat where
   * @param name its name, unless that is taken
   */
  static ParentGroup make(Seat seat, String name) {
    String tried = name;
    for (int i = 0; i < TRIES; i++) {
      Descriptor base = BaseGroup.openOrMake(seat);
      try {
        Optional<Descriptor> directory = makeLocked(base.number(), tried);
        if (directory.isPresent()) {
          return filled(new ParentGroup(seat, tried, base, directory.get()));
        }
      } catch (RuntimeException | Error e) {
        Undo.after(e, base::close, () -> BaseGroup.removeIfMade(seat.hierarchy(), seat.base()));
        throw e;
      }
      base.close();
      tried = ParentName.fresh();
    }
    throw new LinuxException(Errno.EAGAIN.number(), "flock of " + seat.base() + "/" + tried);
  }

  /**
   * Makes a group and locks it.
   *
   * <p>Another JVM that sweeps may find it before it is locked, take it for left behind, lock it
   * and remove it. Then the lock is refused or the group is gone, and another name is tried.
   */
  private static Optional<Descriptor> makeLocked(int base, String name) {
    try {
      DirectoryCalls.make(base, name, MODE);
    } catch (LinuxException e) {
      if (e.is(Errno.EEXIST) || GroupTree.isGone(e)) { // with a base that was removed meanwhile
        return Optional.empty();
      }
      throw e.doing("making the group " + name);
    }
    Descriptor directory;
    try {
      directory = DirectoryCalls.open(base, name);
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      Undo.after(e, () -> DirectoryCalls.remove(base, name));
      throw e;
    }
    try {
      if (LockCalls.tryLock(directory.number()) && FileCalls.isWritable(base, name)) {
        return Optional.of(directory);
      }
    } catch (RuntimeException | Error e) {
      Undo.after(e, directory::close, () -> DirectoryCalls.remove(base, name));
      throw e;
    }
    directory.close();
    return Optional.empty();
  }

  private static ParentGroup filled(ParentGroup made) {
    try {
      if (made.seat.hierarchy().startsEmpty()) {
        Cpusets.fill(made.base.number(), made.directory.number());
      }
      return made;
    } catch (RuntimeException | Error e) {
      Undo.after(
          e, made.directory::close, () -> DirectoryCalls.remove(made.base.number(), made.name));
      throw e;
    }
  }

  /**
   * Lets the groups in it use controllers of version 2.
   *
   * @throws LinuxException EBUSY when the group above holds processes itself
   */
  void enable(Set<Subsystem> controllers) {
    if (enabled.containsAll(controllers)) {
      return;
    }
    BaseGroup.provide(base.number(), seat.base(), controllers);
    SubtreeControl.enableFor(base.number(), directory.number(), controllers);
    SubtreeControl.enable(directory.number(), controllers);
    enabled.addAll(controllers);
  }

  boolean isEnabled(Subsystem controller) {
    return enabled.contains(controller);
  }

  Seat seat() {
    return seat;
  }

  /** The directory in which groups are made. */
  int directory() {
    return directory.number();
  }

  BytePath path() {
    return seat.base().resolve(name);
  }

  /** Counts one more group in it. */
  void enter() {
    groups++;
  }

  /** Counts one group less. */
  void leave() {
    groups--;
    closeIfUnused();
  }

  boolean isEmpty() {
    return groups == 0;
  }

  /**
   * Kills what is left in it, removes it, and disables what was enabled above for its sake.
   *
   * <p>Its descriptors are kept for groups that are still to be closed. When it fails, it may be
   * called again.
   */
  void remove(Backoff patience) {
    if (removed) {
      return;
    }
    Hierarchy hierarchy = seat.hierarchy();
    ending = true;
    Undo.all(
        () ->
            LeftBehind.remove(
                hierarchy, base.number(), directory.number(), name.getBytes(US_ASCII), patience),
        () -> BaseGroup.removeIfMade(hierarchy, seat.base()));
    removed = true;
    closeIfUnused();
  }

  boolean isRemoved() {
    return removed;
  }

  /** Tells whether its removal was begun; then no more groups can be made in it. */
  boolean isEnding() {
    return ending;
  }

  private void closeIfUnused() {
    if (removed && groups == 0) {
      Undo.all(directory::close, base::close);
    }
  }
}
