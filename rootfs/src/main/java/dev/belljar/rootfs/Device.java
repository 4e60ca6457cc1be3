package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.DeviceNumber;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.FileDetails;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.syscall.Syscall;

/**
 * A device that a container has in its {@code /dev} beside those that every container has.
 *
 * <p>Its node is made. In a user namespace the kernel lets nobody make one; there the host's own
 * node is bound, which must be of the same device, and keeps its owner and permissions.
 *
 * {@snippet :
 * Container.builder()
 *     .device(Device.character("/dev/fuse", 10, 229))
 *     .device(Device.ofHost("/dev/loop0").at("/dev/disk").mode(0600))
 *     .start();
 * }
 *
 * @param path where the container has it, below {@code /dev}
 * @param kind whether it is a character or a block device
 * @param number its number
 * @param mode the permissions of the node, 0 to 0777
 * @param uid the owner of the node, as the container has it
 * @param gid the group of the node, as the container has it
 * @param source the host's node, which is bound where none can be made
 * @see <a href="https://man7.org/linux/man-pages/man2/mknod.2.html">mknod(2)</a>
 */
public record Device(
    BytePath path, Kind kind, DeviceNumber number, int mode, long uid, long gid, BytePath source) {
  /** What a device is read and written by. */
  public enum Kind {
    /** Bytes; {@code c}. */
    CHARACTER,
    /** Blocks; {@code b}. */
    BLOCK
  }

  private static final int READ_WRITE = 0666;
  private static final int OWNER_AND_GROUP = 0660;
  private static final int ALL_PERMISSIONS = 0777;
  private static final long MOST_IDS = 0xffff_fffeL;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException when the path is not below {@code /dev}, or has a component
   *     {@code .} or {@code ..}, the source is not absolute, or the mode or an id is out of range
   */
  public Device {
    if (!path.isAbsolute()
        || path.components().size() < 2
        || !path.components().getFirst().equals(BytePath.of("dev"))
        || path.components().contains(BytePath.of("."))
        || path.components().contains(BytePath.of(".."))) {
      throw new IllegalArgumentException("device " + path + " is not a path below /dev");
    }
    if (!source.isAbsolute()) {
      throw new IllegalArgumentException("source " + source + " of a device is not absolute");
    }
    if (mode < 0 || mode > ALL_PERMISSIONS) {
      throw new IllegalArgumentException(
          "the mode of device %s is 0 to 0777, not 0%o".formatted(path, mode));
    }
    if (uid < 0 || uid > MOST_IDS || gid < 0 || gid > MOST_IDS) {
      throw new IllegalArgumentException("ids are 0 to 4294967294, not %d:%d".formatted(uid, gid));
    }
  }

  /**
   * A character device that everybody inside may read and write.
   *
   * @param path where the container has it, below {@code /dev}
   * @param major the driver, 0 to 4095
   * @param minor the driver's device, 0 to 1048575
   * @return the device
   * @throws IllegalArgumentException when the path is not below {@code /dev}, or a number is out of
   *     range
   */
  public static Device character(String path, int major, int minor) {
    return of(BytePath.of(path), Kind.CHARACTER, new DeviceNumber(major, minor), READ_WRITE);
  }

  /**
   * A block device that the container's root may read and write.
   *
   * @param path where the container has it, below {@code /dev}
   * @param major the driver, 0 to 4095
   * @param minor the driver's device, 0 to 1048575
   * @return the device
   * @throws IllegalArgumentException when the path is not below {@code /dev}, or a number is out of
   *     range
   */
  public static Device block(String path, int major, int minor) {
    return of(BytePath.of(path), Kind.BLOCK, new DeviceNumber(major, minor), OWNER_AND_GROUP);
  }

  /**
   * The device that a node of the host stands for now, at the same path, with the same permissions;
   * its owner is the container's root.
   *
   * @param path the host's node, below {@code /dev}
   * @return the device
   * @throws IllegalArgumentException when it is no device, or not below {@code /dev}
   * @throws LinuxException when it cannot be looked at, such as ENOENT
   */
  public static Device ofHost(String path) {
    BytePath source = BytePath.of(path);
    try (Descriptor node = FileCalls.open(Syscall.AT_FDCWD, source.bytes(), OpenFlags.O_PATH, 0)) {
      FileDetails details = FileDetails.of(node.number(), new byte[0]).orElseThrow();
      Kind kind =
          switch (details.type()) {
            case FileDetails.CHARACTER_DEVICE -> Kind.CHARACTER;
            case FileDetails.BLOCK_DEVICE -> Kind.BLOCK;
            default -> throw new IllegalArgumentException(path + " is no device");
          };
      return of(source, kind, details.represents(), details.mode() & ALL_PERMISSIONS);
    }
  }

  /**
   * The same device at another path inside.
   *
   * @param inside a path below {@code /dev}
   * @return the new value
   * @throws IllegalArgumentException when it is not below {@code /dev}
   */
  public Device at(String inside) {
    return new Device(BytePath.of(inside), kind, number, mode, uid, gid, source);
  }

  /**
   * The same device with other permissions.
   *
   * @param permissions 0 to 0777
   * @return the new value
   * @throws IllegalArgumentException when they are out of range
   */
  public Device mode(int permissions) {
    return new Device(path, kind, number, permissions, uid, gid, source);
  }

  /**
   * The same device with another owner.
   *
   * @param user the owner, as the container has it
   * @param group the group, as the container has it
   * @return the new value
   * @throws IllegalArgumentException when an id is out of range
   */
  public Device owner(long user, long group) {
    return new Device(path, kind, number, mode, user, group, source);
  }

  /**
   * The same device, of which the host has its node somewhere else: what is bound in a user
   * namespace.
   *
   * @param node an absolute path of the host
   * @return the new value
   * @throws IllegalArgumentException when the path is relative
   */
  public Device from(String node) {
    return new Device(path, kind, number, mode, uid, gid, BytePath.of(node));
  }

  /** Returns for example {@code /dev/fuse (c 10:229)}. */
  @Override
  public String toString() {
    return "%s (%s %s)".formatted(path, kind == Kind.BLOCK ? "b" : "c", number);
  }

  private static Device of(BytePath path, Kind kind, DeviceNumber number, int mode) {
    return new Device(path, kind, number, mode, 0, 0, path);
  }
}
