package dev.belljar.cgroups.tree;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A group with all groups below it, which the processes inside may have made, in one hierarchy.
 *
 * <p>Names are bytes, as those inside choose them.
 */
public final class GroupTree {
  private static final byte[] HERE = {'.'};

  private GroupTree() {}

  /** The name of a group as seen from its own directory. */
  public static byte[] here() {
    return HERE.clone();
  }

  /** Opens a group; the name may be a path. */
  public static Descriptor open(int dirfd, byte[] name) {
    return FileCalls.open(dirfd, name, OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY, 0);
  }

  /** The names of the groups right below one. */
  public static List<byte[]> children(int group) {
    return DirectoryCalls.list(group).stream()
        .filter(DirectoryCalls.Entry::isDirectory)
        .map(DirectoryCalls.Entry::name)
        .toList();
  }

  /**
   * Lists the processes in a group and below.
   *
   * @param dirfd the directory the group is in
   * @param name the group
   * @return their ids; 0 for each one outside the JVM's PID namespace; none when it is gone
   */
  public static Set<Long> processes(int dirfd, byte[] name) {
    Set<Long> pids = new LinkedHashSet<>();
    try (Descriptor group = open(dirfd, name)) {
      addProcesses(group.number(), pids);
    } catch (LinuxException e) {
      if (!isGone(e)) {
        throw e;
      }
    }
    return pids;
  }

  private static void addProcesses(int group, Set<Long> pids) {
    try {
      byte[] file = FileCalls.readFile(group, "cgroup.procs");
      pids.addAll(parseProcesses(new String(file, StandardCharsets.US_ASCII)));
    } catch (LinuxException e) {
      // A threaded group's processes are listed by the group above it that is not threaded.
      if (!e.is(Errno.EOPNOTSUPP) && !isGone(e)) {
        throw e;
      }
    }
    for (byte[] child : children(group)) {
      try (Descriptor below = open(group, child)) {
        addProcesses(below.number(), pids);
      } catch (LinuxException e) {
        if (!isGone(e)) {
          throw e;
        }
      }
    }
  }

  /** Parses {@code cgroup.procs}. */
  public static List<Long> parseProcesses(String text) {
    return Words.of(text).stream().map(Long::valueOf).toList();
  }

  /**
   * Removes a group and those below it, waiting for killed processes to leave.
   *
   * @param dirfd the directory the group is in
   * @param name the group
   * @param patience how long to wait
   * @throws LinuxException EBUSY when processes are still there in the end
   */
  public static void remove(int dirfd, byte[] name, Backoff patience) {
    while (true) {
      try {
        DirectoryCalls.remove(dirfd, name);
        return;
      } catch (LinuxException e) {
        if (isGone(e)) {
          return;
        }
        if (!e.is(Errno.EBUSY) && !e.is(Errno.ENOTEMPTY)) {
          throw e;
        }
        removeBelow(dirfd, name, patience);
        if (!patience.pause()) {
          throw e.withRemedy("processes that were killed have not left the group in time");
        }
      }
    }
  }

  private static void removeBelow(int dirfd, byte[] name, Backoff patience) {
    try (Descriptor group = open(dirfd, name)) {
      for (byte[] child : children(group.number())) {
        remove(group.number(), child, patience);
      }
    } catch (LinuxException e) {
      if (!isGone(e)) {
        throw e;
      }
    }
  }

  /** Tells whether a call failed because its group has been removed. */
  public static boolean isGone(LinuxException e) {
    return e.is(Errno.ENOENT) || e.is(Errno.ENODEV);
  }
}
