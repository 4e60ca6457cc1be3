package dev.belljar.cgroups.hierarchy;

import dev.belljar.cgroups.tree.GroupTree;
import dev.belljar.cgroups.tree.OwnProcess;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.LinuxException;

/**
 * The guard before what must not be done to a group that the calling JVM is in, or that is above
 * its group: freezing it would stop the JVM for good, killing would end it, denying all devices or
 * lowering its memory may.
 */
public final class OwnGroup {
  private OwnGroup() {}

  /**
   * Tells whether the calling JVM, or a thread of it, is in a group or below it.
   *
   * @param group the group
   * @return true when it is
   * @throws LinuxException when the kernel refuses
   */
  public static boolean holdsCaller(CgroupDirectory group) {
    return OwnProcess.isIn(group.directory().number(), GroupTree.here());
  }

  /**
   * Refuses an act on a group that the calling JVM is in or below; to be called before the first
   * write.
   *
   * @param group the group
   * @param what the act, such as {@code freezing} or {@code lowering the memory limit of}
   * @throws IllegalStateException when the JVM is in the group or below it
   * @throws LinuxException when the kernel refuses
   */
  public static void refuse(CgroupDirectory group, String what) {
    refuse(group.directory().number(), GroupTree.here(), group.path(), what);
  }

  /**
   * Refuses an act on a group that the calling JVM is in or below; to be called before the first
   * write.
   *
   * @param dirfd the open directory that the group is in
   * @param name the group's name there
   * @param path the group's path, for the message
   * @param what the act, such as {@code freezing}
   * @throws IllegalStateException when the JVM is in the group or below it
   * @throws LinuxException when the kernel refuses
   */
  public static void refuse(int dirfd, byte[] name, BytePath path, String what) {
    if (OwnProcess.isIn(dirfd, name)) {
      throw refusal(path.toString(), what);
    }
  }

  private static IllegalStateException refusal(String group, String what) {
    return new IllegalStateException(
        "%s %s would hit this JVM (process %d), which is in it or below it: move the JVM out first"
            .formatted(what, group, ProcessHandle.current().pid()));
  }
}
