package dev.belljar.cgroups.controller;

/**
 * Turns weights of block devices into each other: those of version 1 (10 to 1000), of {@code
 * io.weight} (1 to 10000) and of the BFQ scheduler (1 to 1000). All have 100 as the default.
 */
public final class IoWeight {
  private static final long DEFAULT = 100;
  private static final long MIN_BLKIO = 10;
  private static final long MAX_BLKIO = 1000;
  private static final long MAX_IO = 10_000;
  private static final long MAX_BFQ = 1000;

  private IoWeight() {}

  /**
   * Returns the {@code io.weight} that stands for a weight of version 1, as runc has it: {@code 1 +
   * (weight - 10) * 9999 / 990}. It keeps the ends, not the default.
   *
   * @param blkioWeight 10 to 1000
   * @return 1 to 10000
   * @throws IllegalArgumentException when it is out of range
   */
  public static long ofBlkio(long blkioWeight) {
    check("a blkio weight", blkioWeight, MIN_BLKIO, MAX_BLKIO);
    return 1 + (blkioWeight - MIN_BLKIO) * (MAX_IO - 1) / (MAX_BLKIO - MIN_BLKIO);
  }

  /**
   * Returns the weight of BFQ that stands for an {@code io.weight}: itself up to the default of
   * 100, then a line up to 1000 for 10000.
   *
   * @param ioWeight 1 to 10000
   * @return 1 to 1000
   * @throws IllegalArgumentException when it is out of range
   */
  public static long toBfq(long ioWeight) {
    check("an io.weight", ioWeight, 1, MAX_IO);
    return ioWeight <= DEFAULT
        ? ioWeight
        : DEFAULT + (ioWeight - DEFAULT) * (MAX_BFQ - DEFAULT) / (MAX_IO - DEFAULT);
  }

  private static void check(String what, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException("%s is %d to %d, not %d".formatted(what, min, max, value));
    }
  }
}
