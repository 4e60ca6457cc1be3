package dev.belljar.rootfs.launch;

/**
 * Where the fields of {@code struct statx} are, in bytes, the same on every architecture.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/statx.2.html">statx(2)</a>
 */
final class StatxFields {
  static final int SIZE = 256;

  /** The owner, 32 bits. */
  static final int UID = 20;

  /** The group, 32 bits. */
  static final int GID = 24;

  /** Type and permissions: 16 bits, and 16 that are 0. */
  static final int MODE = 28;

  /** Of the device that a device node stands for: 32 bits, and as many for the minor after it. */
  static final int RDEV_MAJOR = 128;

  static final int RDEV_MINOR = 132;

  /** The number of the mount, 64 bits, as in the first field of mountinfo. */
  static final int MOUNT_ID = 144;

  static final int STATX_MNT_ID = 0x1000; // linux/stat.h, since Linux 5.8

  private StatxFields() {}
}
