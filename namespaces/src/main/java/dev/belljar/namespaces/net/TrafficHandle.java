package dev.belljar.namespaces.net;

/**
 * The number of a queueing discipline or of a class in it, which tc(8) writes as {@code 1:10}, in
 * hexadecimal.
 *
 * @param major the discipline, 0 to 0xffff
 * @param minor the class in it, 0 for the discipline itself
 */
public record TrafficHandle(int major, int minor) {
  /** What stands in for the link itself as a parent. */
  public static final TrafficHandle ROOT = new TrafficHandle(0xffff, 0xffff);

  private static final int LARGEST = 0xffff;

  /**
   * Checks the range.
   *
   * @throws IllegalArgumentException when a number does not fit into 16 bits
   */
  public TrafficHandle {
    if (major < 0 || major > LARGEST || minor < 0 || minor > LARGEST) {
      throw new IllegalArgumentException(
          "a traffic handle has two numbers of 0 to 65535, not %d and %d".formatted(major, minor));
    }
  }

  /**
   * Makes one.
   *
   * @param major the discipline
   * @param minor the class
   * @return the handle
   */
  public static TrafficHandle of(int major, int minor) {
    return new TrafficHandle(major, minor);
  }

  static TrafficHandle ofNumber(long number) {
    return new TrafficHandle((int) (number >> 16) & LARGEST, (int) number & LARGEST);
  }

  /**
   * Returns both numbers in one, as {@code net_cls.classid} has a class.
   *
   * @return the major number in the upper 16 bits of 32, the minor one in the lower
   */
  public long number() {
    return (long) major << 16 | minor;
  }

  /** Prints it as tc(8) does. */
  @Override
  public String toString() {
    return equals(ROOT)
        ? "root"
        : Integer.toHexString(major) + ":" + (minor == 0 ? "" : Integer.toHexString(minor));
  }
}
