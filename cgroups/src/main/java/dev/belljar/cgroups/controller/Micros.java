package dev.belljar.cgroups.controller;

import java.time.Duration;
import java.time.temporal.ChronoUnit;

/** Times in files that have them in microseconds. */
final class Micros {
  private static final int NANOS = 1000;

  private Micros() {}

  static Duration parse(String text) {
    return of(Long.parseLong(text.strip()));
  }

  static Duration of(long micros) {
    return Duration.of(micros, ChronoUnit.MICROS);
  }

  /**
   * Prints a time as the kernel takes it.
   *
   * @throws IllegalArgumentException when it is negative or not a whole number of microseconds
   */
  static String print(Duration time) {
    if (time.isNegative() || time.toNanosPart() % NANOS != 0) {
      throw new IllegalArgumentException(
          "a time must be a whole number of microseconds, 0 or more, not " + time);
    }
    return Long.toString(time.dividedBy(Duration.of(1, ChronoUnit.MICROS)));
  }
}
