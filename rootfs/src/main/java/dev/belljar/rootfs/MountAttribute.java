package dev.belljar.rootfs;

import dev.belljar.linux.uapi.Uapi;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a mount forbids, and when it notes accesses: properties of the mount, not of the file system
 * that is mounted.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/mount_setattr.2.html">mount_setattr(2)</a>
 */
public enum MountAttribute {
  /** {@code MOUNT_ATTR_RDONLY}: nothing can be written. */
  RDONLY("ro", "rw", Uapi.MOUNT_ATTR_RDONLY()),
  /** {@code MOUNT_ATTR_NOSUID}: set-user-ID bits and file capabilities have no effect. */
  NOSUID("nosuid", "suid", Uapi.MOUNT_ATTR_NOSUID()),
  /** {@code MOUNT_ATTR_NODEV}: device files cannot be opened. */
  NODEV("nodev", "dev", Uapi.MOUNT_ATTR_NODEV()),
  /** {@code MOUNT_ATTR_NOEXEC}: nothing can be executed. */
  NOEXEC("noexec", "exec", Uapi.MOUNT_ATTR_NOEXEC()),
  /** {@code MOUNT_ATTR_RELATIME}: accesses are noted once a day, or after a change. */
  RELATIME("relatime", "", Uapi.MOUNT_ATTR_RELATIME()),
  /** {@code MOUNT_ATTR_NOATIME}: accesses are not noted. */
  NOATIME("noatime", "", Uapi.MOUNT_ATTR_NOATIME()),
  /** {@code MOUNT_ATTR_STRICTATIME}: every access is noted. */
  STRICTATIME("strictatime", "", Uapi.MOUNT_ATTR_STRICTATIME()),
  /** {@code MOUNT_ATTR_NODIRATIME}: accesses to directories are not noted. */
  NODIRATIME("nodiratime", "diratime", Uapi.MOUNT_ATTR_NODIRATIME()),
  /** {@code MOUNT_ATTR_NOSYMFOLLOW}, since Linux 5.14: symbolic links are not followed. */
  NOSYMFOLLOW("nosymfollow", "symfollow", Uapi.MOUNT_ATTR_NOSYMFOLLOW());

  private final String option;
  private final String opposite;
  private final long bit;

  MountAttribute(String option, String opposite, long bit) {
    this.option = option;
    this.opposite = opposite;
    this.bit = bit;
  }

  /**
   * Returns the option that sets it, as fstab has it.
   *
   * @return for example {@code nosuid}
   */
  public String option() {
    return option;
  }

  /** The option that takes it away; empty for those of which there is always exactly one. */
  String opposite() {
    return opposite;
  }

  /** Whether it says when accesses are noted: of these a mount has exactly one. */
  boolean isAccessTime() {
    return this == RELATIME || this == NOATIME || this == STRICTATIME;
  }

  /**
   * Returns attributes as the kernel has them.
   *
   * @param attributes any
   * @return their {@code MOUNT_ATTR_*} bits
   */
  public static long bits(Set<MountAttribute> attributes) {
    return attributes.stream().mapToLong(a -> a.bit).reduce(0, (a, b) -> a | b);
  }

  /**
   * Returns the bits that have to be cleared before attributes are set: one time rule replaces the
   * other.
   *
   * @param attributes those to be set
   * @return {@code MOUNT_ATTR__ATIME}, or 0
   */
  public static long replaced(Set<MountAttribute> attributes) {
    return attributes.stream().anyMatch(MountAttribute::isAccessTime)
        ? Uapi.MOUNT_ATTR__ATIME()
        : 0;
  }

  /**
   * Prints attributes as strace does.
   *
   * @param attributes any
   * @return for example {@code MOUNT_ATTR_RDONLY|MOUNT_ATTR_NOSUID}, or {@code 0}
   */
  public static String text(Set<MountAttribute> attributes) {
    return attributes.isEmpty()
        ? "0"
        : attributes.stream()
            .sorted()
            .map(a -> "MOUNT_ATTR_" + a.name())
            .collect(Collectors.joining("|"));
  }
}
