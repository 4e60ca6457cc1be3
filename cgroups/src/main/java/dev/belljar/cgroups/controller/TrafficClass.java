package dev.belljar.cgroups.controller;

/**
 * The class of network packets that {@code net_cls.classid} sets: a handle of traffic control,
 * which its filter {@code cgroup} and the packet filter's {@code meta cgroup} look at.
 *
 * @param major the queueing discipline's number, 0 to 65535
 * @param minor the class's number in it, 0 to 65535
 * @see <a href="https://man7.org/linux/man-pages/man8/tc-cgroup.8.html">tc-cgroup(8)</a>
 */
public record TrafficClass(int major, int minor) {
  private static final int MAX = 0xffff;
  private static final long ALL = 0xffff_ffffL;
  private static final int HALF = 16;

  /** No class, which a new group at the root has. */
  public static final TrafficClass NONE = new TrafficClass(0, 0);

  /**
   * Makes a class.
   *
   * @throws IllegalArgumentException when a number is out of range
   */
  public TrafficClass {
    if (major < 0 || major > MAX || minor < 0 || minor > MAX) {
      throw new IllegalArgumentException(
          "traffic class %x:%x is out of range: both numbers are 0 to ffff"
              .formatted(major, minor));
    }
  }

  /**
   * Returns the class of a number as the kernel has it.
   *
   * @param classid the major number in the upper 16 of 32 bits, the minor in the lower
   * @return the class
   * @throws IllegalArgumentException when it has more than 32 bits
   */
  public static TrafficClass of(long classid) {
    if (classid < 0 || classid > ALL) {
      throw new IllegalArgumentException("a class id has 32 bits: " + classid);
    }
    return new TrafficClass((int) (classid >>> HALF), (int) classid & MAX);
  }

  /**
   * Parses the form that tc(8) prints.
   *
   * @param text two hexadecimal numbers, such as {@code 10:1}
   * @return the class
   * @throws IllegalArgumentException when it is not of this form
   */
  public static TrafficClass parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("not a traffic class such as 10:1: " + text);
    }
    return new TrafficClass(
        Integer.parseInt(text.substring(0, colon), 16),
        Integer.parseInt(text.substring(colon + 1), 16));
  }

  /**
   * Returns the class as the kernel has it.
   *
   * @return 0 to 4294967295
   */
  public long classid() {
    return (long) major << HALF | minor;
  }

  /** Returns the form that tc(8) prints, such as {@code 10:1}. */
  @Override
  public String toString() {
    return Integer.toHexString(major) + ":" + Integer.toHexString(minor);
  }
}
