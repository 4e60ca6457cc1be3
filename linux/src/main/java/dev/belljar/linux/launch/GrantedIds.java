package dev.belljar.linux.launch;

import dev.belljar.linux.Errno;
import dev.belljar.linux.IdMap;
import dev.belljar.linux.IdRange;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The ids that an ordinary user was granted besides the own one, by {@code /etc/subuid} and {@code
 * /etc/subgid}.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/subuid.5.html">subuid(5)</a>
 */
public final class GrantedIds {
  private GrantedIds() {}

  /**
   * Returns the map by which this user is root inside, followed by all ids granted, from 1. Writing
   * it takes the setuid helpers newuidmap and newgidmap.
   *
   * @return the map; empty when no user ids or no group ids are granted
   * @throws LinuxException when a file can not be read
   */
  public static Optional<IdMap> map() {
    long uid = Syscall.call(SyscallNumber.GETEUID); // neither can fail
    long gid = Syscall.call(SyscallNumber.GETEGID);
    List<String> names = names(uid, read("/etc/passwd"));
    List<IdRange> uids = granted(names, read("/etc/subuid"), uid);
    List<IdRange> gids = granted(names, read("/etc/subgid"), gid);
    return uids.size() < 2 || gids.size() < 2
        ? Optional.empty()
        : Optional.of(new IdMap(uids, gids, IdMap.Setgroups.ALLOW));
  }

  /** Returns what a user is called in the files: the number, and the names with that number. */
  static List<String> names(long uid, String passwd) {
    List<String> names = new ArrayList<>(List.of(Long.toString(uid)));
    for (String line : passwd.lines().toList()) {
      String[] fields = line.split(":", -1);
      if (fields.length > 2 && fields[2].equals(Long.toString(uid))) {
        names.add(fields[0]);
      }
    }
    return names;
  }

  /** Returns the own id as 0 and, one after the other, the ranges granted to one of the names. */
  static List<IdRange> granted(List<String> names, String file, long own) {
    List<IdRange> ranges = new ArrayList<>(List.of(new IdRange(0, own, 1)));
    long next = 1;
    for (String line : file.lines().toList()) {
      String[] fields = line.strip().split(":", -1);
      if (fields.length != 3 || !names.contains(fields[0])) {
        continue;
      }
      try {
        IdRange range = new IdRange(next, Long.parseLong(fields[1]), Long.parseLong(fields[2]));
        ranges.add(range);
        next += range.count();
      } catch (IllegalArgumentException unusable) {
        // as newuidmap does, which leaves such lines out
      }
    }
    return ranges;
  }

  private static String read(String file) {
    try {
      return new String(FileCalls.readFile(Syscall.AT_FDCWD, file), StandardCharsets.UTF_8);
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        return "";
      }
      throw e;
    }
  }
}
