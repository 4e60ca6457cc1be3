package dev.belljar.cgroups.hierarchy;

import dev.belljar.cgroups.tree.Backoff;
import dev.belljar.cgroups.tree.GroupKill;
import dev.belljar.cgroups.tree.GroupTree;
import dev.belljar.cgroups.tree.MadeMark;
import dev.belljar.cgroups.tree.ParentName;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** How a group ends: its processes are killed, then it is removed. */
final class GroupEnd {
  static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final byte[] ABOVE = {'.', '.', '/'};
  // a group's directory counts those in it: without any it has its name and its own "."
  private static final int LINKS_OF_A_LEAF = 2;
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
    int directory = group.directory().number();
    byte[] name = besideItself(group.path().name().orElseThrow().bytes());
    try {
      FileStatus expected = group.identity();
      FileStatus found = FileStatus.at(directory, name);
      if (expected.inode() != found.inode() || expected.device() != found.device()) {
        return; // renamed, or removed and made anew by others
      }
      if (!includingForeign) {
        refuseForeign(group, found.links() > LINKS_OF_A_LEAF);
      }
      GroupTree.remove(directory, name, patience);
    } catch (LinuxException e) {
      if (!GroupTree.isGone(e)) {
        throw ControlFileErrors.explain(e, group, "rmdir", "").doing("removing " + group);
      }
    }
  }

  /** The path of a group of this name, as seen from its own directory. */
  private static byte[] besideItself(byte[] name) {
    byte[] path = Arrays.copyOf(ABOVE, ABOVE.length + name.length);
    System.arraycopy(name, 0, path, ABOVE.length, name.length);
    return path;
  }

  /** Tells whether this library made a group, in any JVM. */
  static boolean isMade(Descriptor group, BytePath path) {
    return ParentName.isAbove(path) || MadeMark.isSet(group.number());
  }

  private static void refuseForeign(CgroupDirectory group, boolean hasGroupsBelow) {
    List<BytePath> foreign = new ArrayList<>();
    if (!group.isMade()) {
      foreign.add(group.path());
    }
    Stream<BytePath> below = hasGroupsBelow ? group.walk() : Stream.empty();
    below.forEach(relative -> {
      byte[] path = relative.bytes();
      try (Descriptor each = GroupTree.open(group.directory().number(), path)) {
        BytePath whole = group.path().resolve(relative);
        if (!isMade(each, whole)) {
          foreign.add(whole);
        }
      }
    });
    if (!foreign.isEmpty()) {
      throw new IllegalStateException(
          "not removed, since this library did not make " + foreign + "; remove them as foreign");
    }
  }
}
