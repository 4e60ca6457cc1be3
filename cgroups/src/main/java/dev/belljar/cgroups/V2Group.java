package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.tree.GroupTree;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/**
 * What an existing group of version 2 allows below it, found out without changing anything.
 *
 * @param path the group
 * @param reason why it cannot hold the groups that are wanted; empty when it can
 */
record V2Group(BytePath path, Optional<Obstacle> reason) {
  /** Why a group cannot hold others; the later ones are nearer to success. */
  enum Obstacle {
    NOT_WRITABLE,
    THREADED,
    CONTROLLERS_ABSENT,
    HOLDS_PROCESSES
  }

  /**
   * Looks at a group.
   *
   * @param path the group
   * @param own the JVM's own group, if it is visible
   * @param controllers what groups below it need
   */
  static V2Group look(BytePath path, Optional<BytePath> own, Set<Subsystem> controllers) {
    try (Descriptor group = GroupTree.open(Syscall.AT_FDCWD, path.bytes())) {
      return new V2Group(path, obstacle(group.number(), path, own, controllers));
    } catch (LinuxException e) {
      if (GroupTree.isGone(e) || e.is(Errno.EACCES)) {
        return new V2Group(path, Optional.of(Obstacle.NOT_WRITABLE));
      }
      throw e;
    }
  }

  private static Optional<Obstacle> obstacle(
      int group, BytePath path, Optional<BytePath> own, Set<Subsystem> controllers) {
    if (!FileCalls.isWritable(group, ".") || !mayMoveInto(group, path, own)) {
      return Optional.of(Obstacle.NOT_WRITABLE);
    }
    Optional<String> type = type(group);
    if (type.isPresent() && !type.get().equals("domain")) {
      return Optional.of(Obstacle.THREADED);
    }
    if (controllers.isEmpty() || SubtreeControl.enabled(group).containsAll(controllers)) {
      return Optional.empty();
    }
    if (!SubtreeControl.available(group).containsAll(controllers)
        && !(BaseGroup.isMade(group)
            && look(path.parent().orElseThrow(), own, controllers).fits())) {
      return Optional.of(Obstacle.CONTROLLERS_ABSENT);
    }
    // Processes and controllers exclude each other, except in the real root, which has no type.
    if (type.isPresent() && holdsProcesses(group)) {
      return Optional.of(Obstacle.HOLDS_PROCESSES);
    }
    return FileCalls.isWritable(group, SubtreeControl.FILE)
        ? Optional.empty()
        : Optional.of(Obstacle.NOT_WRITABLE);
  }

  // A process may only be put into a group by who may write to cgroup.procs of the nearest group
  // that is above both the process's old and its new one.
  private static boolean mayMoveInto(int group, BytePath path, Optional<BytePath> own) {
    if (own.isEmpty() || own.get().startsWith(path)) {
      return FileCalls.isWritable(group, "cgroup.procs");
    }
    BytePath common = path;
    while (!own.get().startsWith(common)) {
      common = common.parent().orElseThrow();
    }
    try (Descriptor above = GroupTree.open(Syscall.AT_FDCWD, common.bytes())) {
      return FileCalls.isWritable(above.number(), "cgroup.procs");
    }
  }

  private static Optional<String> type(int group) {
    try {
      byte[] text = FileCalls.readFile(group, "cgroup.type");
      return Optional.of(new String(text, StandardCharsets.US_ASCII).strip());
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static boolean holdsProcesses(int group) {
    return FileCalls.readFile(group, "cgroup.procs").length > 0;
  }

  boolean fits() {
    return reason.isEmpty();
  }
}
