package dev.belljar.cgroups;

import dev.belljar.cgroups.ResourceUpdate.Change;
import dev.belljar.cgroups.controller.CpuSet;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.linux.BytePath;
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
   * Lets the group above have what a change wants, and the groups below no more than that.
   *
   * @return what undoes it, in order
   */
  static List<Runnable> widen(Change change) {
    List<Runnable> undo = new ArrayList<>();
    if (change.group().version() == CgroupVersion.V2 || !FILES.contains(change.file())) {
      return undo;
    }
    // Memory nodes are written in the same list format as processors.
    CpuSet wanted = CpuSet.parse(change.chosen().value());
    growAbove(change, wanted, undo);
    SortedSet<Integer> both = new TreeSet<>(CpuSet.parse(change.before()).cpus());
    if (both.addAll(wanted.cpus())) {
      // In between it has the old ones too, since groups below may still have only those.
      change.group().write(change.file(), new CpuSet(both).toString());
      undo.addFirst(change::undo);
    }
    shrinkBelow(change.group().handle(), change.file(), wanted, undo);
    return undo;
  }

  private static void growAbove(Change change, CpuSet wanted, List<Runnable> undo) {
    try (CgroupDirectory above =
        CgroupDirectory.open(
            change.group().hierarchy(), change.group().path().parent().orElseThrow())) {
      String before = above.read(change.file());
      SortedSet<Integer> all = new TreeSet<>(CpuSet.parse(before).cpus());
      if (all.addAll(wanted.cpus())) {
        above.write(change.file(), new CpuSet(all).toString());
        undo.addFirst(() -> rewrite(change.group(), change.file(), before));
      }
    }
  }

  private static void rewrite(GroupDirectory group, String file, String before) {
    try (CgroupDirectory above =
        CgroupDirectory.open(group.hierarchy(), group.path().parent().orElseThrow())) {
      above.write(file, before);
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
