package dev.belljar.rootfs.launch;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Finding;
import dev.belljar.linux.MountInfo;
import dev.belljar.rootfs.MountTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is mounted over parts of a kernel file system. In a user namespace the kernel makes a new
 * one only while one without such mounts can be seen, since the new one would show what they hide.
 *
 * <p>See {@code mnt_already_visible} in the kernel's {@code fs/namespace.c}.
 */
final class Overmounts {
  /** Directories that are made to be mounted on, are always empty, and so hide nothing. */
  private static final List<BytePath> MOUNT_POINTS =
      List.of(
          BytePath.of("sys/fs/binfmt_misc"),
          BytePath.of("fs/nfsd"),
          BytePath.of("fs/cgroup"),
          BytePath.of("fs/bpf"),
          BytePath.of("fs/fuse/connections"),
          BytePath.of("fs/pstore"),
          BytePath.of("fs/selinux"),
          BytePath.of("fs/smackfs"),
          BytePath.of("fs/resctrl"),
          BytePath.of("kernel/config"),
          BytePath.of("kernel/debug"),
          BytePath.of("kernel/security"),
          BytePath.of("kernel/tracing"),
          BytePath.of("firmware/efi/efivars"),
          BytePath.of("hypervisor/s390"));

  private Overmounts() {}

  /** Tells that a new file system of a type cannot be made, and because of which mounts. */
  static Optional<Finding> findings(String type, List<MountInfo> mounts) {
    List<BytePath> guilty = new ArrayList<>();
    for (MountInfo mount : mounts) {
      if (!mount.type().equals(type) || mount.root().name().isPresent()) {
        continue;
      }
      List<BytePath> over = over(mount, mounts);
      if (over.isEmpty()) {
        return Optional.empty();
      }
      guilty.addAll(over);
    }
    String why =
        guilty.isEmpty()
            ? "no complete one is mounted"
            : "of what is mounted over parts of the present one: "
                + String.join(", ", guilty.stream().map(BytePath::toString).toList());
    return Optional.of(
        Finding.missing(
            "in a user namespace the kernel does not make a new %s, because %s"
                .formatted(type.equals("proc") ? "/proc" : "/sys", why)));
  }

  /** Names what is mounted over parts of this JVM's own /proc or /sys; empty when nothing is. */
  static Optional<String> over(String path) {
    MountTable table = MountTable.current();
    List<BytePath> over =
        table.at(BytePath.of(path)).map(mount -> over(mount, table.mounts())).orElse(List.of());
    return over.isEmpty()
        ? Optional.empty()
        : Optional.of(String.join(", ", over.stream().map(BytePath::toString).toList()));
  }

  private static List<BytePath> over(MountInfo mount, List<MountInfo> mounts) {
    List<BytePath> over = new ArrayList<>();
    for (MountInfo child : mounts) {
      if (child.parentId() == mount.id()
          && child.id() != mount.id()
          && !isMountPoint(mount.mountPoint(), child.mountPoint())) {
        over.add(child.mountPoint());
      }
    }
    return over;
  }

  private static boolean isMountPoint(BytePath mount, BytePath child) {
    return MOUNT_POINTS.stream().anyMatch(path -> child.equals(mount.resolve(path)));
  }
}
