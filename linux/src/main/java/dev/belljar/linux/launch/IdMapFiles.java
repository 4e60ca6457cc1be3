package dev.belljar.linux.launch;

import dev.belljar.linux.Errno;
import dev.belljar.linux.IdMap;
import dev.belljar.linux.IdRange;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Writes the id maps of a process that waits in a new USER namespace.
 *
 * @see <a
 *     href="https://man7.org/linux/man-pages/man7/user_namespaces.7.html">user_namespaces(7)</a>
 */
public final class IdMapFiles {
  private IdMapFiles() {}

  /**
   * Writes them: setgroups first where it is to be denied, which an ordinary user must do before
   * gid_map. What an ordinary user may not write, the setuid helpers newuidmap and newgidmap do,
   * within what {@code /etc/subuid} and {@code /etc/subgid} grant. A kind without ranges stays
   * unwritten.
   *
   * @param pid the process, as this JVM sees it
   * @param map the map
   * @throws LinuxException EPERM when this user may not map these ids, ENOENT when that takes a
   *     helper that is not installed
   */
  public static void write(int pid, IdMap map) {
    String directory = "/proc/" + pid + "/";
    try {
      if (map.setgroups() == IdMap.Setgroups.DENY) {
        FileCalls.writeFile(Syscall.AT_FDCWD, directory + "setgroups", "deny");
      }
      boolean root = Syscall.call(SyscallNumber.GETEUID) == 0;
      if (root || isOwn(map.uids(), SyscallNumber.GETEUID)) {
        write(directory + "uid_map", map.uidText());
      } else {
        IdMapHelper.run("newuidmap", pid, map.uids());
      }
      if (root || isOwn(map.gids(), SyscallNumber.GETEGID)) {
        write(directory + "gid_map", map.gidText());
      } else {
        IdMapHelper.run("newgidmap", pid, map.gids());
      }
    } catch (LinuxException e) {
      LinuxException failure = e.doing("writing the id maps of the container");
      throw e.is(Errno.EPERM)
          ? failure.withRemedy(
              "an ordinary user may map the own user and group id, and must deny setgroups for"
                  + " that, or what /etc/subuid and /etc/subgid grant; root may map ids that are"
                  + " mapped in its own namespace")
          : failure;
    }
  }

  /**
   * Finds out why this user can never write a map: an ordinary user who maps the own group, without
   * a helper, must deny setgroups.
   *
   * @param map the map
   * @return what is wrong; empty when the kernel or the helpers are to judge
   */
  public static Optional<String> mistake(IdMap map) {
    boolean denied =
        Syscall.call(SyscallNumber.GETEUID) != 0
            && map.setgroups() == IdMap.Setgroups.ALLOW
            && !map.gids().isEmpty()
            && isOwn(map.gids(), SyscallNumber.GETEGID);
    return denied
        ? Optional.of(
            "an ordinary user who maps only the own group must deny setgroups:"
                + " withSetgroups(DENY), or IdMap.single")
        : Optional.empty();
  }

  private static void write(String file, String text) {
    if (!text.isEmpty()) {
      FileCalls.writeFile(Syscall.AT_FDCWD, file, text);
    }
  }

  private static boolean isOwn(List<IdRange> ranges, SyscallNumber id) {
    return ranges.isEmpty()
        || ranges.size() == 1
            && ranges.getFirst().count() == 1
            && ranges.getFirst().outside() == Syscall.call(id);
  }

  /**
   * Returns the map of a new USER namespace that nothing was said of: root's ids are the same
   * inside, as far as this JVM's own namespace has them; an ordinary user becomes root.
   *
   * @return the map
   */
  public static IdMap usual() {
    long uid = Syscall.call(SyscallNumber.GETEUID); // neither can fail
    long gid = Syscall.call(SyscallNumber.GETEGID);
    return uid == 0 ? sameIds() : IdMap.single(0, uid, gid);
  }

  /**
   * Returns the map by which ids are the same inside: in a nested user namespace only those that it
   * has itself can be mapped.
   *
   * @return the map
   */
  public static IdMap sameIds() {
    return new IdMap(
        same(read("/proc/self/uid_map")), same(read("/proc/self/gid_map")), IdMap.Setgroups.ALLOW);
  }

  private static List<IdRange> same(String file) {
    return IdRange.parseAll(file).stream()
        .map(range -> new IdRange(range.inside(), range.inside(), range.count()))
        .toList();
  }

  private static String read(String file) {
    return new String(FileCalls.readFile(Syscall.AT_FDCWD, file), StandardCharsets.US_ASCII);
  }
}
