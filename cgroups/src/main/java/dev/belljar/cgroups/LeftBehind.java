package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.OwnGroup;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.tree.Backoff;
import dev.belljar.cgroups.tree.GroupKill;
import dev.belljar.cgroups.tree.GroupTree;
import dev.belljar.cgroups.tree.OwnProcess;
import dev.belljar.cgroups.tree.ParentName;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.Finding;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.LockCalls;
import dev.belljar.linux.syscall.Syscall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Finds the parent groups of JVMs that were killed, kills what still runs in them and removes them.
 *
 * <p>A parent group that can be locked has lost its JVM. The lock is kept until it is removed, so
 * that two sweepers do not meet in one.
 */
final class LeftBehind {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final List<SweptGroup> swept = new ArrayList<>();
  private final List<Finding> failures = new ArrayList<>();

  /** What has been done so far. */
  SweepReport report() {
    return new SweepReport(swept, failures);
  }

  /** Sweeps the groups right below one. */
  void below(Hierarchy hierarchy, BytePath base) {
    sweep(hierarchy, base, false);
  }

  /** Sweeps everywhere in the visible tree. */
  void everywhere(Hierarchy hierarchy) {
    sweep(hierarchy, hierarchy.mountPoint(), true);
  }

  private void sweep(Hierarchy hierarchy, BytePath top, boolean deep) {
    try (Descriptor group = GroupTree.open(Syscall.AT_FDCWD, top.bytes())) {
      sweep(hierarchy, group.number(), top, deep);
    } catch (LinuxException e) {
      note(top, e);
    }
  }

  private void sweep(Hierarchy hierarchy, int group, BytePath path, boolean deep) {
    for (byte[] child : GroupTree.children(group)) {
      BytePath childPath = path.resolve(BytePath.ofBytes(child));
      try {
        if (ParentName.is(child)) {
          clearIfLeft(hierarchy, group, child, childPath);
        } else if (deep) {
          try (Descriptor below = GroupTree.open(group, child)) {
            sweep(hierarchy, below.number(), childPath, true);
          }
        }
      } catch (LinuxException e) {
        note(childPath, e);
      }
    }
  }

  private void note(BytePath path, LinuxException e) {
    // A group that has gone, or one that belongs to someone else, is not ours to sweep.
    if (!GroupTree.isGone(e) && !e.is(Errno.EACCES) && !e.is(Errno.EPERM)) {
      failures.add(Finding.pitfall("could not sweep " + path + ": " + e.getMessage()));
    }
  }

  private void clearIfLeft(Hierarchy hierarchy, int base, byte[] name, BytePath path) {
    try (Descriptor directory = GroupTree.open(base, name)) {
      // Another sweeper may have removed it after it was opened here. And this JVM may itself have
      // been started in the group of one that is no more.
      if (FileCalls.isWritable(directory.number(), ".")
          && LockCalls.tryLock(directory.number())
          && FileCalls.isWritable(base, name)
          && !OwnProcess.isIn(base, name)) {
        int killed = remove(hierarchy, base, directory.number(), name, new Backoff(PATIENCE));
        swept.add(new SweptGroup(path, killed));
        BaseGroup.removeIfMade(hierarchy, path.parent().orElseThrow());
      }
    }
  }

  /**
   * Kills all processes in a parent group, removes it, and disables what was enabled for its sake
   * in the group above.
   *
   * @return how many processes there were
   */
  static int remove(Hierarchy hierarchy, int base, int directory, byte[] name, Backoff patience) {
    Set<Subsystem> recorded =
        hierarchy.version() == CgroupVersion.V2 ? SubtreeControl.recorded(directory) : Set.of();
    int killed = GroupTree.processes(base, name).size();
    if (killed > 0) {
      OwnGroup.refuse(base, name, BytePath.ofBytes(name), "killing");
      kill(hierarchy, base, name, patience);
    }
    GroupTree.remove(base, name, patience);
    SubtreeControl.disable(base, recorded);
    return killed;
  }

  private static void kill(Hierarchy hierarchy, int base, byte[] name, Backoff patience) {
    if (hierarchy.version() == CgroupVersion.V2) {
      GroupKill.v2(base, name);
    } else {
      GroupKill.v1(base, name, hierarchy.has(Subsystem.FREEZER), patience);
    }
  }
}
