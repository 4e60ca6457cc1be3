package dev.belljar.cgroups.controller;

/**
 * Turns the CPU shares of version 1 into the CPU weight of version 2, and back.
 *
 * <p>Both say how much processor time a group gets beside its siblings when there is not enough.
 * Shares go from 2 to 262144 with 1024 as the default, weights from 1 to 10000 with 100 as the
 * default. The conversion maps default to default and end to end, so it is no proportion: groups
 * with shares of 512 and 1024, a ratio of 1:2, get weights of 59 and 100.
 *
 * {@snippet :
 * CpuShares.toWeight(1024);  // 100
 * CpuShares.ofWeight(100);   // the smallest shares of that weight
 * }
 */
public final class CpuShares {
  /** The smallest shares: 2. */
  public static final long MIN = 2;

  /** The shares of a new group: 1024. */
  public static final long DEFAULT = 1024;

  /** The largest shares: 262144. */
  public static final long MAX = 262_144;

  /** The largest weight: 10000. */
  public static final long MAX_WEIGHT = 10_000;

  /** A way to turn shares into a weight. */
  public enum Conversion {
    /** The curve of {@link CpuShares#toWeight}, which keeps the default and both ends. */
    CURVE {
      @Override
      public long toWeight(long shares) {
        return CpuShares.toWeight(shares);
      }
    },
    /**
     * The straight line through both ends, as runc had it before 1.3.2: shares of 512 become a
     * weight of 20, and the default shares one of 39. It keeps no ratios either: shares of 2 and 4
     * both become a weight of 1.
     */
    LINEAR {
      @Override
      public long toWeight(long shares) {
        long inside = Math.clamp(shares, MIN, MAX);
        return 1 + (inside - MIN) * (MAX_WEIGHT - 1) / (MAX - MIN);
      }
    };

    /**
     * Returns the weight that stands for some shares.
     *
     * @param shares any number; below 2 counts as 2, above 262144 as 262144
     * @return a weight from 1 to 10000, growing with the shares
     */
    public abstract long toWeight(long shares);
  }

  private CpuShares() {}

  /**
   * Returns the weight that stands for some shares: {@code ceil(10^((l² + 125 l) / 612 - 7/34))},
   * where {@code l} is the binary logarithm of the shares.
   *
   * @param shares any number; below 2 counts as 2, above 262144 as 262144
   * @return a weight from 1 to 10000, growing with the shares
   */
  public static long toWeight(long shares) {
    if (shares <= MIN) {
      return 1;
    }
    if (shares >= MAX) {
      return MAX_WEIGHT;
    }
    double l = StrictMath.log((double) shares) / StrictMath.log(2); // the same on every machine
    double exponent = (l * l + 125 * l) / 612 - 7.0 / 34;
    return (long) Math.ceil(StrictMath.pow(10, exponent));
  }

  /**
   * Returns the smallest shares that {@link #toWeight} turns into a weight.
   *
   * @param weight a weight from 1 to 10000
   * @return shares from 2 to 262144
   * @throws IllegalArgumentException when the weight is out of range
   */
  public static long ofWeight(long weight) {
    if (weight < 1 || weight > MAX_WEIGHT) {
      throw new IllegalArgumentException("a CPU weight is 1 to 10000, not " + weight);
    }
    long low = MIN;
    long high = MAX;
    while (low < high) {
      long middle = (low + high) / 2;
      if (toWeight(middle) >= weight) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
