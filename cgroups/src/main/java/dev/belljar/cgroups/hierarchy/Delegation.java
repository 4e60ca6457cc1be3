package dev.belljar.cgroups.hierarchy;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Giving a group to another user, who may then make groups below it and move processes among them,
 * but cannot change the limits of the group itself.
 *
 * <p>The user cannot bring in processes from outside the group: the first must be moved there by
 * who may write to the group above. On version 1 this is safe only for subsystems that are bounded
 * by the group above, which most are not (a deep tree costs kernel memory without a limit).
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v2.html#delegation">cgroup-v2,
 *     Delegation</a>
 */
public final class Delegation {
  private static final String LIST = "/sys/kernel/cgroup/delegate";
  private static final List<String> V1 = List.of("cgroup.procs", "tasks");
  private static final int LARGEST = Integer.MAX_VALUE;

  private Delegation() {}

  /**
   * Lists the control files that are given away with a group: those the kernel names in {@code
   * /sys/kernel/cgroup/delegate}, as far as the group has them; {@code cgroup.procs} and {@code
   * tasks} on version 1.
   *
   * @param group the group
   * @return the names of the files
   * @throws LinuxException when the kernel refuses
   */
  public static List<String> files(CgroupDirectory group) {
    if (group.version() == CgroupVersion.V1) {
      return V1;
    }
    byte[] list = FileCalls.readFile(Syscall.AT_FDCWD, LIST);
    return new String(list, StandardCharsets.US_ASCII).lines().filter(group::has).toList();
  }

  /**
   * Gives a group with its files to a user; giving it to 0 takes it back.
   *
   * <p>Groups below it keep their owners.
   *
   * @param group the group
   * @param uid the user, 0 to 2147483647, in the JVM's user namespace
   * @param gid the user's group, in the same range
   * @throws IllegalArgumentException when an id is out of range
   * @throws LinuxException when the kernel refuses: EPERM without CAP_CHOWN
   */
  public static void give(CgroupDirectory group, long uid, long gid) {
    if (uid < 0 || uid > LARGEST || gid < 0 || gid > LARGEST) {
      throw new IllegalArgumentException("not a user and group id: " + uid + ", " + gid);
    }
    int directory = group.directory().number();
    try {
      for (String file : files(group)) {
        FileCalls.changeOwner(directory, file, (int) uid, (int) gid);
      }
      FileCalls.changeOwner(directory, ".", (int) uid, (int) gid);
    } catch (LinuxException e) {
      throw e.doing("giving " + group + " to user " + uid);
    }
  }
}
