package dev.belljar.rootfs.launch;

import dev.belljar.linux.BytePath;
import java.util.List;
import java.util.Optional;

/**
 * Which paths of /proc and /sys may be mounted on.
 *
 * <p>What is mounted over a part of them decides what programs, and whoever sets the container up,
 * take for the kernel's word. So a few are allowed, which are made to be mounted on or tell nothing
 * but figures, and all others are refused, as libcontainer does for /proc.
 */
final class KernelPaths {
  static final BytePath PROC = BytePath.of("/proc");
  static final BytePath SYS = BytePath.of("/sys");

  /** Figures that a file system such as lxcfs shows as the container's own. */
  private static final List<BytePath> FILES =
      List.of(
          BytePath.of("/proc/cpuinfo"),
          BytePath.of("/proc/diskstats"),
          BytePath.of("/proc/loadavg"),
          BytePath.of("/proc/meminfo"),
          BytePath.of("/proc/slabinfo"),
          BytePath.of("/proc/stat"),
          BytePath.of("/proc/swaps"),
          BytePath.of("/proc/uptime"),
          BytePath.of("/sys/devices/system/cpu/online"));

  /** Directories that the kernel makes to be mounted on, and leaves empty. */
  private static final List<BytePath> MOUNT_POINTS =
      List.of(
          BytePath.of("/sys/fs/bpf"),
          BytePath.of("/sys/fs/fuse/connections"),
          BytePath.of("/sys/fs/pstore"),
          BytePath.of("/sys/fs/selinux"),
          BytePath.of("/sys/fs/smackfs"),
          BytePath.of("/sys/kernel/config"),
          BytePath.of("/sys/kernel/debug"),
          BytePath.of("/sys/kernel/security"),
          BytePath.of("/sys/kernel/tracing"),
          BytePath.of("/sys/firmware/efi/efivars"));

  static final BytePath CGROUP = BytePath.of("/sys/fs/cgroup");

  private KernelPaths() {}

  /** Tells whether a path, by its text, is in /proc or /sys or is one of them. */
  private static boolean isInside(BytePath path) {
    return path.startsWith(PROC) || path.startsWith(SYS);
  }

  /** Tells why a path cannot be in an overlay. */
  static Optional<String> withoutVersions(BytePath path) {
    return isInside(path)
        ? Optional.of("what the kernel shows in /proc and /sys has no version to throw away")
        : Optional.empty();
  }

  /** Tells why nothing may be mounted on a path of /proc or /sys. */
  static Optional<String> mistake(BytePath path) {
    if (!isInside(path) || path.startsWith(CGROUP)) {
      return Optional.empty();
    }
    boolean isAllowed =
        FILES.stream().anyMatch(file -> same(file, path))
            || MOUNT_POINTS.stream().anyMatch(point -> same(point, path));
    return isAllowed
        ? Optional.empty()
        : Optional.of(
            "nothing may be mounted on %s: of /proc and /sys only a few files of figures and the mount points of other kernel file systems"
                .formatted(path));
  }

  private static boolean same(BytePath one, BytePath other) {
    return one.components().equals(other.components());
  }
}
