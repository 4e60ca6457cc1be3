package dev.belljar.rootfs.launch;

import dev.belljar.linux.uapi.Uapi;
import java.util.Set;
import java.util.stream.Collectors;

/** What a mount forbids; see mount_setattr(2), whose names these are. */
enum MountAttribute {
  /** {@code MOUNT_ATTR_RDONLY}: nothing can be written. */
  RDONLY(Uapi.MOUNT_ATTR_RDONLY()),
  /** {@code MOUNT_ATTR_NOSUID}: set-user-ID bits and file capabilities have no effect. */
  NOSUID(Uapi.MOUNT_ATTR_NOSUID()),
  /** {@code MOUNT_ATTR_NODEV}: device files cannot be opened. */
  NODEV(Uapi.MOUNT_ATTR_NODEV()),
  /** {@code MOUNT_ATTR_NOEXEC}: nothing can be executed. */
  NOEXEC(Uapi.MOUNT_ATTR_NOEXEC());

  private final long bit;

  MountAttribute(long bit) {
    this.bit = bit;
  }

  static long bits(Set<MountAttribute> attributes) {
    return attributes.stream().mapToLong(a -> a.bit).reduce(0, (a, b) -> a | b);
  }

  static String text(Set<MountAttribute> attributes) {
    return attributes.isEmpty()
        ? "0"
        : attributes.stream()
            .sorted()
            .map(a -> "MOUNT_ATTR_" + a.name())
            .collect(Collectors.joining("|"));
  }
}
