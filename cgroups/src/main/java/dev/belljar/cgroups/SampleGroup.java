package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.tree.GroupTree;
import dev.belljar.cgroups.tree.ParentName;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.Finding;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A group that is there and has the files that a new one of a seat will have, so that limits
 * without a file are known before anything is made. Where there is none, they are found in the new
 * group.
 */
final class SampleGroup {
  private static final BytePath HERE = BytePath.of(".");

  private SampleGroup() {}

  /**
   * Finds which of some writes have no file.
   *
   * @param seat where the group will be made
   * @param writes what will be written
   * @param missing takes the findings
   */
  static void find(Seat seat, List<ControlWrite> writes, List<Finding> missing) {
    List<ControlWrite> uncertain =
        writes.stream().filter(write -> write.needs().isPresent()).toList();
    if (uncertain.isEmpty()) {
      return;
    }
    BytePath path = BaseGroup.nearestExisting(seat.hierarchy(), seat.base());
    try (Descriptor base = GroupTree.open(Syscall.AT_FDCWD, path.bytes())) {
      boolean root = path.equals(seat.hierarchy().mountPoint());
      for (ControlWrite write : uncertain) {
        Optional<BytePath> sample =
            seat.hierarchy().version() == CgroupVersion.V1
                ? Optional.of(HERE).filter(_ -> !root || !isNotInRoot(write))
                : sampleV2(base.number(), write.subsystem());
        sample.ifPresent(group -> missing.addAll(look(base.number(), group, write)));
      }
    } catch (LinuxException e) {
      if (!GroupTree.isGone(e) && !e.is(Errno.EACCES)) {
        throw e;
      }
    }
  }

  private static List<Finding> look(int base, BytePath group, ControlWrite write) {
    List<Finding> missing = new ArrayList<>();
    var _ = FileChoice.of(write, file -> FileCalls.exists(base, group + "/" + file), missing);
    // Unless the group itself has gone meanwhile.
    return FileCalls.exists(base, group + "/cgroup.procs") ? missing : List.of();
  }

  /** The base, unless it is the root, or else a group right below it; as a path from the base. */
  private static Optional<BytePath> sampleV2(int base, Optional<Subsystem> subsystem) {
    if (FileCalls.exists(base, "cgroup.type") && has(base, subsystem)) {
      return Optional.of(HERE);
    }
    if (!subsystem.map(SubtreeControl.enabled(base)::contains).orElse(true)) {
      return Optional.empty();
    }
    return GroupTree.children(base).stream()
        .filter(child -> !ParentName.is(child)) // which come and go
        .map(BytePath::ofBytes)
        .filter(child -> isSample(base, child, subsystem))
        .findFirst();
  }

  // The files of BFQ are the only ones that every group has but the root of version 1.
  private static boolean isNotInRoot(ControlWrite write) {
    return write.candidates().stream().anyMatch(each -> each.file().contains(".bfq."));
  }

  private static boolean isSample(int base, BytePath child, Optional<Subsystem> subsystem) {
    try (Descriptor group = GroupTree.open(base, child.bytes())) {
      return has(group.number(), subsystem);
    } catch (LinuxException e) {
      if (GroupTree.isGone(e) || e.is(Errno.EACCES)) {
        return false;
      }
      throw e;
    }
  }

  private static boolean has(int group, Optional<Subsystem> subsystem) {
    return subsystem.map(SubtreeControl.available(group)::contains).orElse(true);
  }
}
