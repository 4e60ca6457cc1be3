package dev.belljar.rootfs.launch;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.MountInfo;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.MountOptions;
import dev.belljar.rootfs.MountTable;
import dev.belljar.rootfs.Overlay;
import dev.belljar.rootfs.OverlayMount;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Which overlays make a path of the host writable without changing it: an overlay has only one file
 * system below, so each of the host's mounts gets one.
 */
final class ScratchPaths {
  /** What the container has of its own. */
  private static final List<BytePath> OWN =
      List.of(
          BytePath.of("/proc"),
          BytePath.of("/sys"),
          BytePath.of("/dev"),
          BytePath.of("/tmp"),
          BytePath.of("/run"));

  /** File systems that are interfaces of the kernel, of which there are no versions. */
  private static final Set<String> INTERFACES =
      Set.of(
          "autofs",
          "binfmt_misc",
          "bpf",
          "cgroup",
          "cgroup2",
          "configfs",
          "debugfs",
          "devpts",
          "efivarfs",
          "fusectl",
          "hugetlbfs",
          "mqueue",
          "nsfs",
          "proc",
          "pstore",
          "rpc_pipefs",
          "securityfs",
          "selinuxfs",
          "sysfs",
          "tracefs");

  private final MountTable host;
  private final boolean confined;
  private final List<Mount> found = new ArrayList<>();

  private ScratchPaths(MountTable host, boolean confined) {
    this.host = host;
    this.confined = confined;
  }

  /**
   * Finds the overlays.
   *
   * @param host the mounts of this JVM
   * @param paths what is to be writable; where a link leads is
   * @param confined whether mounts from outside cannot be taken apart
   */
  static List<Mount> overlays(MountTable host, List<BytePath> paths, boolean confined) {
    ScratchPaths scratch = new ScratchPaths(host, confined);
    paths.stream().map(HostPaths::resolved).forEach(scratch::add);
    return scratch.found.stream().distinct().toList();
  }

  private void add(BytePath path) {
    if (isOwn(path)) {
      return;
    }
    if (confined) {
      split(path);
      return;
    }
    host.containing(path).ifPresent(mount -> overlay(path, mount));
    for (MountInfo mount : host.under(path)) {
      if (!isOwn(mount.mountPoint()) && host.isVisible(mount)) {
        overlay(mount.mountPoint(), mount);
      }
    }
  }

  private void overlay(BytePath path, MountInfo mount) {
    if (!INTERFACES.contains(mount.type()) && !isRoot(path) && isDirectory(path)) {
      found.add(new OverlayMount(Overlay.of(List.of(path)), path, MountOptions.none()));
    } else if (isRoot(path)) {
      // The root itself is that of the tree; its directories are covered one by one.
      children(path).stream()
          .filter(child -> !isOwn(child) && host.at(child).isEmpty() && isDirectory(child))
          .forEach(child -> overlay(child, mount));
    }
  }

  private void split(BytePath path) {
    boolean holdsMounts = host.under(path).stream().anyMatch(host::isVisible);
    if (isOwn(path) || !isDirectory(path)) {
      return;
    }
    if (holdsMounts) {
      children(path).forEach(this::split);
    } else {
      host.containing(path).ifPresent(mount -> overlay(path, mount));
    }
  }

  private static boolean isRoot(BytePath path) {
    return path.components().isEmpty();
  }

  private static boolean isOwn(BytePath path) {
    return OWN.stream().anyMatch(path::startsWith);
  }

  private static boolean isDirectory(BytePath path) {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    try (Descriptor _ = FileCalls.open(Syscall.AT_FDCWD, path.bytes(), flags, 0)) {
      return true;
    } catch (LinuxException e) {
      return false; // a link in a directory leads to what is covered by itself, or left alone
    }
  }

  private static List<BytePath> children(BytePath path) {
    int flags = OpenFlags.O_RDONLY | OpenFlags.O_DIRECTORY | OpenFlags.O_NOFOLLOW;
    try (Descriptor directory = FileCalls.open(Syscall.AT_FDCWD, path.bytes(), flags, 0)) {
      return DirectoryCalls.list(directory.number()).stream()
          .map(entry -> path.resolve(BytePath.ofBytes(entry.name())))
          .sorted()
          .toList();
    } catch (LinuxException e) {
      return List.of(); // what this user may not list he may not change either
    }
  }
}
