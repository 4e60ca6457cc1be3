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

  /**
   * The names of the groups right below one.
   *
   * @param group its open directory, which is opened anew: listing moves a descriptor's position
   */
  public static List<byte[]> children(int group) {
    try (Descriptor fresh = open(group, HERE)) {
      return list(fresh.number());
    }
  }

  /** The same from a descriptor that was opened for this and has not been listed yet. */
  static List<byte[]> list(int fresh) {
    return DirectoryCalls.list(fresh).stream()
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
    return members(dirfd, name, "cgroup.procs");
  }

  /**
   * Lists what a file lists, in a group and below.
   *
   * @param dirfd the directory the group is in
   * @param name the group
   * @param file {@code cgroup.procs}, {@code cgroup.threads} or {@code tasks}
   * @return ids; 0 for each one outside the JVM's PID namespace; none when the group is gone
   */
  public static Set<Long> members(int dirfd, byte[] name, String file) {
    Set<Long> ids = new LinkedHashSet<>();
    addMembers(dirfd, name, file, ids);
    return ids;
  }

  private static void addMembers(int dirfd, byte[] name, String file, Set<Long> ids) {
    try (Descriptor group = open(dirfd, name)) {
      try {
        byte[] text = FileCalls.readFile(group.number(), file);
        ids.addAll(parse(new String(text, StandardCharsets.US_ASCII)));
      } catch (LinuxException e) {
        // A threaded group's processes are listed by the group above it that is not threaded.
        if (!e.is(Errno.EOPNOTSUPP)) {
          throw e;
        }
      }
      for (byte[] child : list(group.number())) {
        addMembers(group.number(), child, file, ids);
      }
    } catch (LinuxException e) {
      if (!isGone(e)) {
        throw e;
      }
    }
  }

  /**
   * Tells whether a group of version 2, or one below it, holds a process; false when it is gone.
   */
  public static boolean isPopulated(int dirfd, byte[] name) {
    try (Descriptor group = open(dirfd, name)) {
      byte[] events = FileCalls.readFile(group.number(), "cgroup.events");
      String text = new String(events, StandardCharsets.US_ASCII);
      return FlatKeyed.value(text, "populated").orElse(0) == 1;
    } catch (LinuxException e) {
      if (!isGone(e)) {
        throw e;
      }
      return false;
    }
  }

  /** Parses {@code cgroup.procs} and files like it. */
  public static Set<Long> parse(String text) {
    Set<Long> ids = new LinkedHashSet<>();
    Words.of(text).forEach(word -> ids.add(Long.valueOf(word)));
    return ids;
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
        if (!isInUse(e)) {
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
      for (byte[] child : list(group.number())) {
        remove(group.number(), child, patience);
      }
    } catch (LinuxException e) {
      if (!isGone(e)) {
        throw e;
      }
    }
  }

  /**
   * Tells whether a call failed because its group has been removed. Where something else failed
   * besides, such as closing what was open, it is not: whoever takes no notice of the one would
   * take none of the other.
   */
  public static boolean isGone(LinuxException e) {
    return (e.is(Errno.ENOENT) || e.is(Errno.ENODEV)) && e.getSuppressed().length == 0;
  }

  /** Tells whether a group can not be removed yet, and nothing else failed besides. */
  public static boolean isInUse(LinuxException e) {
    return (e.is(Errno.EBUSY) || e.is(Errno.ENOTEMPTY)) && e.getSuppressed().length == 0;
  }
}
