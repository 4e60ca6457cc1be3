package dev.belljar.cgroups.stats;

/** Decimal numbers in the text of control files. */
final class Numbers {
  /** So many digits always fit a {@code long}. */
  static final int SAFE_DIGITS = 18;

  private static final int MOST_AT_ONCE = 8;
  private static final long ZEROS = 0x3030303030303030L;
  private static final long ABOVE_NINE = 0x7676767676767676L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  private Numbers() {}

  /**
   * Counts the digits at the beginning of eight bytes.
   *
   * @param word the bytes, the first one lowest
   * @return 0 to 8
   */
  static int digits(long word) {
    long x = word ^ ZEROS; // each digit's value; bytes from 10 on are no digits
    return Long.numberOfTrailingZeros(((x + ABOVE_NINE) | x) & HIGH_BITS) >>> 3;
  }

  /**
   * Returns the number of up to eight digits, all of them at once.
   *
   * @param word the bytes, the first one lowest
   * @param digits how many of them count, 0 to 8
   */
  static long value(long word, int digits) {
    if (digits == 0) {
      return 0;
    }
    long x = (word ^ ZEROS) << (8 * (MOST_AT_ONCE - digits)); // zeros in front
    long pairs = x * 10 + (x >>> 8);
    return ((pairs & 0xff_0000_00ffL) * 0xf4240_0000_0064L
            + (pairs >>> 16 & 0xff_0000_00ffL) * 0x2710_0000_0001L)
        >>> 32;
  }

  /**
   * Parses the digits at a place; what follows them does not matter.
   *
   * @param text the text
   * @param at where the number begins
   * @param end where the text ends
   * @return the number, {@link Long#MAX_VALUE} when it is larger, 0 when there is no digit
   */
  static long parse(byte[] text, int at, int end) {
    long value = 0;
    for (int from = at; from < end; from++) {
      int digit = text[from] - '0';
      if (digit < 0 || digit > 9) {
        return value;
      }
      if (from - at >= SAFE_DIGITS && value > (Long.MAX_VALUE - digit) / 10) {
        return Long.MAX_VALUE;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  /**
   * Parses a value that need not be a number: {@code max} is {@link Long#MAX_VALUE}, of a fraction
   * the whole part counts, any other word is 0.
   */
  static long parseWord(byte[] text, int at, int end) {
    return at < end && text[at] == 'm' ? Long.MAX_VALUE : parse(text, at, end);
  }
}
