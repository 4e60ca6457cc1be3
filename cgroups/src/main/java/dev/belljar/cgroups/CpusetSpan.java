package dev.belljar.cgroups;

import dev.belljar.cgroups.ControlWrite.FileValue;
import dev.belljar.cgroups.ResourceUpdate.Change;
import dev.belljar.cgroups.controller.CpuSet;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.tree.GroupTree;
import dev.belljar.cgroups.tree.Undo;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Syscall;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Makes room for new processors or memory nodes of a version 1 cpuset: a group may only have what
 * the one above has, and must have what those below have. So it grows from above and shrinks from
 * below.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/cpusets.html">cgroup-v1/cpusets</a>
 */
final class CpusetSpan {
  private static final List<String> FILES = List.of(CpusetWrites.CPUS, CpusetWrites.MEMS);

  private CpusetSpan() {}

  /**
   * Lets the groups above have what a change wants, and the groups below no more than that.
   *
   * @param undo takes what undoes it, each step as soon as it is done
   */
  static void widen(Change change, List<Runnable> undo) {
    if (!isSpan(change.group(), change.file())) {
      return;
    }
    CpuSet wanted = parse(change.chosen());
    growAbove(change.group(), change.file(), wanted, undo);
    SortedSet<Integer> both = new TreeSet<>(CpuSet.parse(change.before()).cpus());
    if (both.addAll(wanted.cpus())) {
      // In between it has the old ones too, since groups below may still have only those.
      change.group().write(change.file(), new CpuSet(both).toString());
      undo.addFirst(change::undo);
    }
    shrinkBelow(change.group().handle(), change.file(), wanted, undo);
  }

  /**
   * Writes a file of a new group. The groups above may be older than some of what is there now, and
   * grow then.
   */
  static void write(GroupDirectory group, FileValue chosen) {
    try {
      group.write(chosen.file(), chosen.value());
    } catch (LinuxException e) {
      if (!e.is(Errno.EACCES) || !isSpan(group, chosen.file())) {
        throw e; // else it has more than the group above
      }
      List<Runnable> undo = new ArrayList<>();
      try {
        growAbove(group, chosen.file(), parse(chosen), undo);
        group.write(chosen.file(), chosen.value());
      } catch (RuntimeException | Error again) {
        Undo.after(again, undo.toArray(Runnable[]::new));
        throw again;
      }
    }
  }

  private static boolean isSpan(GroupDirectory group, String file) {
    return group.version() == CgroupVersion.V1 && FILES.contains(file);
  }

  // Memory nodes are written in the same list format as processors.
  private static CpuSet parse(FileValue chosen) {
    return CpuSet.parse(chosen.value());
  }

  private static void growAbove(
      GroupDirectory group, String file, CpuSet wanted, List<Runnable> undo) {
    grow(group.hierarchy(), group.path().parent().orElseThrow(), file, wanted, undo);
  }

  private static void grow(
      Hierarchy hierarchy, BytePath path, String file, CpuSet wanted, List<Runnable> undo) {
    try (CgroupDirectory group = CgroupDirectory.open(hierarchy, path)) {
      String before = group.read(file);
      SortedSet<Integer> all = new TreeSet<>(CpuSet.parse(before).cpus());
      if (!all.addAll(wanted.cpus())) {
        return;
      }
      BytePath above = path.parent().orElseThrow();
      if (above.startsWith(hierarchy.mountPoint()) && isMade(above)) {
        grow(hierarchy, above, file, wanted, undo); // what others made is theirs to change
      }
      group.write(file, new CpuSet(all).toString());
      undo.addFirst(() -> rewrite(hierarchy, path, file, before));
    }
  }

  private static boolean isMade(BytePath path) {
    try (Descriptor group = GroupTree.open(Syscall.AT_FDCWD, path.bytes())) {
      return BaseGroup.isMade(group.number());
    }
  }

  private static void rewrite(Hierarchy hierarchy, BytePath path, String file, String before) {
    try (CgroupDirectory group = CgroupDirectory.open(hierarchy, path)) {
      group.write(file, before);
    }
  }

  private static void shrinkBelow(
      CgroupDirectory group, String file, CpuSet wanted, List<Runnable> undo) {
    for (BytePath name : group.children()) {
      try (CgroupDirectory child = group.descendant(name)) {
        shrinkBelow(child, file, wanted, undo);
        String before = child.read(file);
        SortedSet<Integer> left = new TreeSet<>(CpuSet.parse(before).cpus());
        if (left.retainAll(wanted.cpus())) {
          // Processes cannot be left without any.
          child.write(file, (left.isEmpty() ? wanted : new CpuSet(left)).toString());
          CgroupDirectory parent = group;
          undo.addFirst(() -> {
            try (CgroupDirectory again = parent.descendant(name)) {
              again.write(file, before);
            }
          });
        }
      }
    }
  }
}
