package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.tree.GroupTree;
import dev.belljar.cgroups.tree.Words;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.AttributeCalls;
import dev.belljar.linux.call.FileCalls;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which controllers the children of a version 2 group may use.
 *
 * <p>Those we enable in a group that is not ours are disabled again in the end, also when the JVM
 * was killed before it could, and when another JVM of ours still needed them then. So the group
 * that we made below carries an extended attribute that names the controllers which any of ours
 * enabled above it; whoever is the last to go can disable them.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#controlling-controllers">
 *     cgroup-v2, Controlling Controllers</a>
 */
final class SubtreeControl {
  static final String FILE = "cgroup.subtree_control";
  private static final String ENABLED_BY_US = "user.belljar.enabled";

  private SubtreeControl() {}

  /** The controllers that children of the group may use. */
  static Set<Subsystem> enabled(int group) {
    return read(group, FILE);
  }

  /** The controllers that the group itself may use. */
  static Set<Subsystem> available(int group) {
    return read(group, "cgroup.controllers");
  }

  private static Set<Subsystem> read(int group, String file) {
    return subsystems(FileCalls.readFile(group, file));
  }

  private static Set<Subsystem> subsystems(byte[] names) {
    String text = new String(names, StandardCharsets.US_ASCII);
    return Subsystem.allNamed(CgroupVersion.V2, Words.of(text));
  }

  /**
   * Enables controllers for the children of a group.
   *
   * @throws LinuxException EBUSY when processes are in the group itself
   */
  static void enable(int group, Set<Subsystem> controllers) {
    if (!controllers.isEmpty()) {
      FileCalls.writeFile(group, FILE, names("+", controllers));
    }
  }

  /**
   * Enables controllers in a group that may not be ours, for a child of it that is.
   *
   * @param above the group
   * @param child its child, which records what is enabled for its sake
   */
  static void enableFor(int above, int child, Set<Subsystem> controllers) {
    Set<Subsystem> there = enabled(above);
    Set<Subsystem> missing = EnumSet.noneOf(Subsystem.class);
    missing.addAll(controllers);
    missing.removeAll(there);
    Set<Subsystem> ours =
        recordedByChildren(above); // what siblings enabled is disabled by the last
    ours.retainAll(controllers);
    ours.addAll(missing);
    Set<Subsystem> recorded = recorded(child);
    if (!recorded.containsAll(ours)) {
      ours.addAll(recorded);
      // Recorded before it is done: the JVM may be killed in between.
      AttributeCalls.set(child, ENABLED_BY_US, names("", ours));
    }
    enable(above, missing);
  }

  /**
   * Disables controllers one by one, except those that a child has enabled for its own children.
   */
  static void disable(int group, Set<Subsystem> controllers) {
    for (Subsystem controller : controllers) {
      try {
        FileCalls.writeFile(group, FILE, names("-", Set.of(controller)));
      } catch (LinuxException e) {
        if (!e.is(Errno.EBUSY) && !GroupTree.isGone(e)) {
          throw e;
        }
      }
    }
  }

  /** What was enabled above a group for its sake. */
  static Set<Subsystem> recorded(int group) {
    return subsystems(AttributeCalls.get(group, ENABLED_BY_US));
  }

  private static Set<Subsystem> recordedByChildren(int group) {
    Set<Subsystem> all = EnumSet.noneOf(Subsystem.class);
    for (byte[] name : GroupTree.children(group)) {
      try (Descriptor child = GroupTree.open(group, name)) {
        all.addAll(recorded(child.number()));
      } catch (LinuxException e) {
        // Removed meanwhile, or another user's, who cannot have enabled anything here for us.
        if (!GroupTree.isGone(e) && !e.is(Errno.EACCES)) {
          throw e;
        }
      }
    }
    return all;
  }

  private static String names(String sign, Set<Subsystem> controllers) {
    return controllers.stream()
        .map(controller -> sign + controller.v2Name().orElseThrow())
        .sorted()
        .collect(Collectors.joining(" "));
  }
}
