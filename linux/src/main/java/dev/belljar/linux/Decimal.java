package dev.belljar.linux;

/** Decimal numbers as the kernel prints them: ASCII digits only, no sign. */
final class Decimal {
  private Decimal() {}

  /**
   * Parses a number.
   *
   * @param max the highest number allowed, at most 18 digits long
   * @param what what the number is, for the message
   * @throws IllegalArgumentException when the text is not a number from 0 to max
   */
  static long parse(CharSequence text, long max, String what) {
    long value = text.isEmpty() ? -1 : 0;
    for (int i = 0; i < text.length() && value >= 0 && value <= max; i++) {
      char c = text.charAt(i);
      value = c >= '0' && c <= '9' ? value * 10 + (c - '0') : -1;
    }
    if (value < 0 || value > max) {
      throw new IllegalArgumentException(
          "%s: \"%s\" is not a number from 0 to %d".formatted(what, text, max));
    }
    return value;
  }
}
