package dev.belljar.cgroups.tree;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/**
 * Whether this JVM runs in a group or below it.
 *
 * <p>The lists of the groups are read, not {@code /proc/self/cgroup}: its paths cannot be compared
 * with a group's where a cgroup namespace or a bind mount stands between, and a single thread of
 * the JVM may be in another group.
 */
public final class OwnProcess {
  private static final long PID = ProcessHandle.current().pid();

  private OwnProcess() {}

  /**
   * Tells whether any thread of this JVM is in a group or below it.
   *
   * @param dirfd the directory the group is in
   * @param name the group
   * @return true when there is one; false when the group is gone
   */
  public static boolean isIn(int dirfd, byte[] name) {
    try (Descriptor group = GroupTree.open(dirfd, name)) {
      if (holds(group.number())) {
        return true;
      }
      for (byte[] child : GroupTree.list(group.number())) {
        if (isIn(group.number(), child)) {
          return true;
        }
      }
      return false;
    } catch (LinuxException e) {
      if (GroupTree.isGone(e)) {
        return false;
      }
      throw e;
    }
  }

  private static boolean holds(int group) {
    try {
      return read(group, "cgroup.procs").contains(PID);
    } catch (LinuxException e) {
      if (!e.is(Errno.EOPNOTSUPP)) {
        throw e;
      }
    }
    // A threaded group lists threads only.
    Set<Long> threads = read(group, "cgroup.threads");
    return !threads.isEmpty() && ownThreads().stream().anyMatch(threads::contains);
  }

  private static Set<Long> read(int group, String file) {
    byte[] text = FileCalls.readFile(group, file);
    return GroupTree.parse(new String(text, StandardCharsets.US_ASCII));
  }

  private static Set<Long> ownThreads() {
    Set<Long> threads = new HashSet<>();
    try (Descriptor tasks = DirectoryCalls.open(Syscall.AT_FDCWD, "/proc/self/task")) {
      for (DirectoryCalls.Entry entry : DirectoryCalls.list(tasks.number())) {
        threads.add(Long.valueOf(new String(entry.name(), StandardCharsets.US_ASCII)));
      }
    }
    return threads;
  }
}
