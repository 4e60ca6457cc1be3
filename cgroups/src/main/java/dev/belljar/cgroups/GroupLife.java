package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.CoreFilesV2;
import dev.belljar.cgroups.hierarchy.GroupFreezer;
import dev.belljar.cgroups.hierarchy.GroupMembers;
import dev.belljar.cgroups.hierarchy.GroupType;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.tree.Undo;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What is done to a group in all its hierarchies as one: joining, freezing, killing.
 *
 * <p>Where there is one in the version 2 tree, its twin there freezes, kills and tells whether it
 * holds processes, since version 2 does that in one go; else the hierarchy of the freezer does.
 */
final class GroupLife {
  private final List<GroupDirectory> groups;

  GroupLife(List<GroupDirectory> groups) {
    this.groups = groups;
  }

  private Optional<GroupDirectory> twin() {
    return groups.stream().filter(group -> group.version() == CgroupVersion.V2).findFirst();
  }

  private Optional<GroupDirectory> freezing() {
    return twin()
        .or(() ->
            groups.stream().filter(group -> group.hierarchy().has(Subsystem.FREEZER)).findFirst());
  }

  /** The group by which all its processes are killed. */
  GroupDirectory killing() {
    return freezing().orElse(groups.getFirst());
  }

  GroupFreezer freezer() {
    return new GroupFreezer(
        freezing()
            .orElseThrow(() ->
                new UnsupportedOperationException(
                    "the group is in no hierarchy that can freeze it: ask for one that is killable,"
                        + " which takes the freezer of version 1 along"))
            .handle());
  }

  boolean isPopulated() {
    Optional<GroupDirectory> twin = twin();
    return twin.isPresent()
        ? new CoreFilesV2(twin.get().handle()).isPopulated()
        : !groups.getFirst().processes().isEmpty();
  }

  Set<Long> threads() {
    return new GroupMembers(groups.getFirst().handle()).threadsBelow();
  }

  /** Moves a process into all groups, or, when one refuses it, back to where it was. */
  void attach(long pid) {
    move(groups, pid, (group, id) -> new GroupMembers(group).attach(id));
  }

  /**
   * Moves a thread into the groups of version 1, and into the twin if that is threaded: other
   * groups of version 2 do not part the threads of a process.
   */
  void attachThread(long tid) {
    List<GroupDirectory> taking = groups;
    if (groups.size() > 1) {
      taking = groups.stream().filter(GroupLife::takesThreads).toList();
    }
    move(taking, tid, (group, id) -> new GroupMembers(group).attachThread(id));
  }

  private static boolean takesThreads(GroupDirectory group) {
    return group.version() == CgroupVersion.V1
        || new CoreFilesV2(group.handle()).type() == GroupType.THREADED;
  }

  private interface Move {
    void into(CgroupDirectory group, long id);
  }

  private static void move(List<GroupDirectory> groups, long id, Move move) {
    List<Optional<BytePath>> before = new ArrayList<>();
    if (groups.size() > 1) {
      groups.forEach(group -> before.add(whereabouts(group, id)));
    }
    List<Runnable> back = new ArrayList<>();
    try {
      for (int i = 0; i < groups.size(); i++) {
        GroupDirectory group = groups.get(i);
        if (i < before.size()) { // a move that is reported as failed may have been made
          before.get(i).ifPresent(old -> back.addFirst(() -> moveBack(group, old, id, move)));
        }
        move.into(group.handle(), id);
      }
    } catch (RuntimeException | Error e) {
      Undo.after(e, back.toArray(Runnable[]::new));
      throw e;
    }
  }

  private static Optional<BytePath> whereabouts(GroupDirectory group, long id) {
    try {
      return group.hierarchy().groupOf(id);
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ESRCH)) {
        return Optional.empty(); // it has ended, and moving it says so
      }
      throw e;
    }
  }

  private static void moveBack(GroupDirectory group, BytePath old, long id, Move move) {
    try (CgroupDirectory there = CgroupDirectory.open(group.hierarchy(), old)) {
      move.into(there, id);
    }
  }
}
