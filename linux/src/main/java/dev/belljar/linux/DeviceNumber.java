package dev.belljar.linux;

/**
 * The number of a device: which driver (major) and which of its devices (minor).
 *
 * <p>It names a device node ({@code 1:3} is {@code /dev/null}), a device rule's subject, and in
 * {@code stat} and mountinfo the file system a file is on, whose major is 0 when no device holds
 * it. Mirrors <a href="https://man7.org/linux/man-pages/man3/makedev.3.html">makedev(3)</a>.
 *
 * @param major 0 to 4095, the kernel's 12 bits
 * @param minor 0 to 1048575, the kernel's 20 bits
 */
public record DeviceNumber(int major, int minor) implements Comparable<DeviceNumber> {
  /** The highest major number: 4095. */
  public static final int MAX_MAJOR = (1 << 12) - 1;

  /** The highest minor number: 1048575. */
  public static final int MAX_MINOR = (1 << 20) - 1;

  /**
   * Makes a device number.
   *
   * @throws IllegalArgumentException when a part is out of its range
   */
  public DeviceNumber {
    if (major < 0 || major > MAX_MAJOR || minor < 0 || minor > MAX_MINOR) {
      throw new IllegalArgumentException(
          "device number %d:%d is out of range: major 0 to %d, minor 0 to %d"
              .formatted(major, minor, MAX_MAJOR, MAX_MINOR));
    }
  }

  /**
   * Decodes a number as system calls have it ({@code dev_t}: {@code st_dev}, {@code st_rdev}).
   *
   * @param encoded the number
   * @return its parts
   * @throws IllegalArgumentException when it has bits that the kernel does not use (above 32)
   */
  public static DeviceNumber of(long encoded) {
    if (encoded >>> 32 != 0) {
      throw new IllegalArgumentException(
          "device number 0x%x has more than the kernel's 32 bits".formatted(encoded));
    }
    return new DeviceNumber(
        (int) (encoded >>> 8) & MAX_MAJOR, (int) (encoded & 0xff | (encoded >>> 12) & 0xfff00));
  }

  /**
   * Parses the form that {@code /proc} and {@code /sys} print.
   *
   * @param text two decimal numbers, for example {@code 8:1}
   * @return the device number
   * @throws IllegalArgumentException when it is not of this form or out of range
   */
  public static DeviceNumber parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("not a device number such as 8:1: " + text);
    }
    long major = Decimal.parse(text.substring(0, colon), MAX_MAJOR, "major device number");
    long minor = Decimal.parse(text.substring(colon + 1), MAX_MINOR, "minor device number");
    return new DeviceNumber((int) major, (int) minor);
  }

  /**
   * Encodes the number as {@code mknod} takes it and {@code stat} gives it ({@code dev_t}): bits 0
   * to 7 of the minor, 12 bits of the major, then the rest of the minor.
   *
   * @return 0 to 4294967295
   */
  public long encoded() {
    return minor & 0xff | (long) major << 8 | (minor & 0xfff00L) << 12;
  }

  /** Orders by major, then minor number. */
  @Override
  public int compareTo(DeviceNumber other) {
    int byMajor = Integer.compare(major, other.major);
    return byMajor != 0 ? byMajor : Integer.compare(minor, other.minor);
  }

  /** Returns both numbers in decimal, for example {@code 8:1}. */
  @Override
  public String toString() {
    return major + ":" + minor;
  }
}
