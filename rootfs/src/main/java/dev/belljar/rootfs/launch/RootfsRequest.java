package dev.belljar.rootfs.launch;

import dev.belljar.linux.BytePath;
import dev.belljar.rootfs.Device;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.ProcFallback;
import dev.belljar.rootfs.Rootfs;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * All that was asked for of a container's files.
 *
 * @param rootfs the root file system
 * @param mounts what is mounted in it, in order
 * @param sysctls settings of its namespaces, by name with dots
 * @param directories directories to be made where they are missing
 * @param procFallback what happens where no new /proc can be made
 * @param devices what /dev has beside what it always has
 * @param plainChroot whether the root is entered by chroot, and the old one covered but not left
 * @param terminal whether there is a terminal, as /dev/console
 */
public record RootfsRequest(
    Rootfs rootfs,
    List<Mount> mounts,
    Map<String, String> sysctls,
    List<OwnDirectory> directories,
    ProcFallback procFallback,
    List<Device> devices,
    boolean plainChroot,
    boolean terminal) {
  /** Copies the collections. */
  public RootfsRequest {
    mounts = List.copyOf(mounts);
    sysctls = Collections.unmodifiableMap(new TreeMap<>(sysctls));
    directories = List.copyOf(directories);
    devices = List.copyOf(devices);
  }

  /**
   * A directory of the command's user.
   *
   * @param path the absolute path, as the container sees it
   * @param uid whose it becomes when it is made
   * @param gid the group whose it becomes
   */
  public record OwnDirectory(BytePath path, long uid, long gid) {}

  /** Asks for nothing but a root file system. */
  public static RootfsRequest of(Rootfs rootfs) {
    return of(rootfs, List.of());
  }

  /** Asks for a root file system with mounts. */
  public static RootfsRequest of(Rootfs rootfs, List<Mount> mounts) {
    return new RootfsRequest(
        rootfs, mounts, Map.of(), List.of(), ProcFallback.FAIL, List.of(), false, false);
  }
}
