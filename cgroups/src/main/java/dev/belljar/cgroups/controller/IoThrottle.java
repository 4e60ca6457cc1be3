package dev.belljar.cgroups.controller;

import java.util.OptionalLong;

/** What of a disk can be limited: bytes or operations in each second, read or written. */
public enum IoThrottle {
  /** Bytes read in a second. */
  READ_BYTES("blkio.throttle.read_bps_device", "rbps"),
  /** Bytes written in a second. */
  WRITE_BYTES("blkio.throttle.write_bps_device", "wbps"),
  /** Read operations in a second. */
  READ_OPERATIONS("blkio.throttle.read_iops_device", "riops"),
  /** Write operations in a second. */
  WRITE_OPERATIONS("blkio.throttle.write_iops_device", "wiops");

  private static final long UNLIMITED_OPERATIONS = 0xffff_ffffL; // UINT_MAX of block/blk-throttle.c

  private final String v1File;
  private final String v2Key;

  IoThrottle(String v1File, String v2Key) {
    this.v1File = v1File;
    this.v2Key = v2Key;
  }

  /**
   * Returns the control file of version 1.
   *
   * @return for example {@code blkio.throttle.read_bps_device}
   */
  public String v1File() {
    return v1File;
  }

  /**
   * Returns the key in {@code io.max} of version 2.
   *
   * @return for example {@code rbps}
   */
  public String v2Key() {
    return v2Key;
  }

  /**
   * Returns a limit as the file of version 1 takes it.
   *
   * <p>The kernel cuts a number of operations to its lower 32 bits, and divides by what is left,
   * even by 0. What does not fit is written as what it comes to: no limit.
   *
   * @param limit bytes or operations in a second, 1 or more, or unlimited
   * @return the number; {@code 0} for unlimited, and for 4294967295 operations or more
   * @throws IllegalArgumentException when the limit is 0, which the kernel takes for none
   */
  public String v1Value(Limit limit) {
    OptionalLong value = limit.value();
    if (value.isPresent() && value.getAsLong() == 0) {
      throw new IllegalArgumentException("the kernel takes a limit of 0 for none; use UNLIMITED");
    }
    boolean operations = this == READ_OPERATIONS || this == WRITE_OPERATIONS;
    boolean unlimited = value.isEmpty() || operations && value.getAsLong() >= UNLIMITED_OPERATIONS;
    return unlimited ? "0" : limit.toString();
  }
}
