package dev.belljar.rootfs.launch;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.uapi.Uapi;
import java.nio.charset.StandardCharsets;

/**
 * What the mounts of a container depend on besides its root file system.
 *
 * @param confined whether the mounts are made in a user namespace other than the machine's first:
 *     the container's own, or the one this JVM lives in. Device files cannot be made there, and
 *     what was mounted from outside cannot be taken apart
 * @param ownPid whether the container has its own PID namespace
 * @param ownNet whether it has its own NET namespace
 * @param ownIpc whether it has its own IPC namespace
 * @param ownCgroup whether it has its own CGROUP namespace
 * @param privileged whether nothing of /proc and /sys is masked or read-only
 * @param chrooted whether the JVM's root directory is not the root of its mount namespace
 */
public record RootfsSettings(
    boolean confined,
    boolean ownPid,
    boolean ownNet,
    boolean ownIpc,
    boolean ownCgroup,
    boolean privileged,
    boolean chrooted) {
  private static final String EVERYBODY = "0 0 4294967295";

  private static volatile Boolean initialUser;

  /** Makes settings without a CGROUP namespace, for a JVM that was not started by chroot. */
  RootfsSettings(
      boolean confined, boolean ownPid, boolean ownNet, boolean ownIpc, boolean privileged) {
    this(confined, ownPid, ownNet, ownIpc, false, privileged, false);
  }

  /**
   * Makes settings from the namespaces of the container.
   *
   * @param namespaces the kinds that are new or joined, as {@code CLONE_NEW*} flags
   * @param privileged whether nothing is masked
   * @return the settings
   * @throws LinuxException when this JVM's /proc/self/uid_map cannot be read, or its root not be
   *     compared with that of its mount namespace
   */
  public static RootfsSettings of(long namespaces, boolean privileged) {
    boolean confined = has(namespaces, Uapi.CLONE_NEWUSER()) || !isInitialUser();
    return new RootfsSettings(
        confined,
        has(namespaces, Uapi.CLONE_NEWPID()),
        has(namespaces, Uapi.CLONE_NEWNET()),
        has(namespaces, Uapi.CLONE_NEWIPC()),
        has(namespaces, Uapi.CLONE_NEWCGROUP()),
        privileged,
        has(namespaces, Uapi.CLONE_NEWNS()) && JvmRoot.isChanged());
  }

  private static boolean has(long namespaces, long kind) {
    return (namespaces & kind) != 0;
  }

  /** Whether this JVM lives in the machine's first user namespace; asked once. */
  private static boolean isInitialUser() {
    Boolean known = initialUser;
    if (known == null) {
      known = lookForInitialUser();
      initialUser = known;
    }
    return known;
  }

  private static boolean lookForInitialUser() {
    try {
      byte[] map = FileCalls.readFile(Syscall.AT_FDCWD, "/proc/self/uid_map");
      String text = new String(map, StandardCharsets.US_ASCII);
      return text.trim().replaceAll("\\s+", " ").equals(EVERYBODY);
    } catch (LinuxException e) {
      if (e.is(Errno.ENOENT)) {
        return true; // a kernel without user namespaces
      }
      throw e;
    }
  }
}
