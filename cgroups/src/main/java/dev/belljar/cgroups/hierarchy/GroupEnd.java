package dev.belljar.cgroups.hierarchy;

import dev.belljar.cgroups.tree.Backoff;
import dev.belljar.cgroups.tree.GroupKill;
import dev.belljar.cgroups.tree.GroupTree;
import dev.belljar.cgroups.tree.MadeMark;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** How a group ends: its processes are killed, then it is removed. */
final class GroupEnd {
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final byte[] ABOVE = {'.', '.'};
  private static final String TYPE = "cgroup.type";

  private GroupEnd() {}

  static void kill(CgroupDirectory group) {
    if (group.version() == CgroupVersion.V1) {
      OwnGroup.refuse(group, "killing");
      boolean freezer = group.hierarchy().has(Subsystem.FREEZER);
      GroupKill.v1(group.directory().number(), GroupTree.here(), freezer, new Backoff(PATIENCE));
    } else if (isThreaded(group)) {
      try (CgroupDirectory root = domainRoot(group)) {
        killV2(root);
      }
    } else {
      killV2(group);
    }
  }

  private static void killV2(CgroupDirectory group) {
    OwnGroup.refuse(group, "killing");
    group.write("cgroup.kill", "1");
  }

  private static boolean isThreaded(CgroupDirectory group) {
    return group.has(TYPE) && group.read(TYPE).equals(GroupType.THREADED.text());
  }

  private static CgroupDirectory domainRoot(CgroupDirectory group) {
    BytePath at = group.path();
    while (true) {
      at = at.parent().orElseThrow();
      CgroupDirectory above = CgroupDirectory.open(group.hierarchy(), at);
      if (!isThreaded(above) || at.equals(group.hierarchy().mountPoint())) {
        return above;
      }
      above.close();
    }
  }

  static void remove(CgroupDirectory group, boolean includingForeign, Backoff patience) {
    if (group.path().equals(group.hierarchy().mountPoint())) {
      throw new IllegalArgumentException("the root of a hierarchy cannot be removed: " + group);
    }
    byte[] name = group.path().name().orElseThrow().bytes();
    int directory = group.directory().number();
    try (Descriptor above = GroupTree.open(directory, ABOVE)) {
      if (!isSame(above.number(), name, directory)) {
        return; // renamed, or removed and made anew by others
      }
      if (!includingForeign) {
        refuseForeign(group);
      }
      GroupTree.remove(above.number(), name, patience);
    } catch (LinuxException e) {
      if (!GroupTree.isGone(e)) {
        throw ControlFileErrors.explain(e, group, "rmdir", "").doing("removing " + group);
      }
    }
  }

  private static boolean isSame(int above, byte[] name, int directory) {
    try (Descriptor there = GroupTree.open(above, name)) {
      FileStatus expected = FileStatus.of(directory);
      FileStatus found = FileStatus.of(there.number());
      return expected.inode() == found.inode() && expected.device() == found.device();
    }
  }

  private static void refuseForeign(CgroupDirectory group) {
    List<BytePath> foreign = new ArrayList<>();
    if (!MadeMark.isSet(group.directory().number())) {
      foreign.add(group.path());
    }
    group
        .walk()
        .forEach(relative -> {
          byte[] path = relative.bytes();
          try (Descriptor below = GroupTree.open(group.directory().number(), path)) {
            if (!MadeMark.isSet(below.number())) {
              foreign.add(group.path().resolve(relative));
            }
          }
        });
    if (!foreign.isEmpty()) {
      throw new IllegalStateException(
          "not removed, since this library did not make " + foreign + "; remove them as foreign");
    }
  }
}
