package dev.belljar.cgroups.controller;

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
}
