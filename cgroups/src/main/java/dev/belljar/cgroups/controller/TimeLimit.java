package dev.belljar.cgroups.controller;

import java.time.Duration;
import java.util.Optional;

/**
 * An upper bound of processor time: a time, or unlimited, which version 1 writes as {@code -1} and
 * version 2 as {@code max}.
 *
 * @param value the bound, a whole number of microseconds; empty when unlimited
 */
public record TimeLimit(Optional<Duration> value) {
  /** No bound. */
  public static final TimeLimit UNLIMITED = new TimeLimit(Optional.empty());

  /**
   * Makes a bound.
   *
   * @throws IllegalArgumentException when it is negative or not a whole number of microseconds
   */
  public TimeLimit {
    value.ifPresent(Micros::print);
  }

  /**
   * Returns the bound of a time.
   *
   * @param value the time, 0 or more, a whole number of microseconds
   * @return the bound
   * @throws IllegalArgumentException when it is negative or not a whole number of microseconds
   */
  public static TimeLimit of(Duration value) {
    return new TimeLimit(Optional.of(value));
  }

  /**
   * Parses what the kernel prints.
   *
   * @param text microseconds, {@code max}, or any negative number
   * @return the bound
   * @throws IllegalArgumentException when it is none of them
   */
  public static TimeLimit parse(String text) {
    String number = text.strip();
    return number.equals("max") || number.startsWith("-") ? UNLIMITED : of(Micros.parse(number));
  }

  /**
   * Tells whether there is no bound.
   *
   * @return true for {@link #UNLIMITED}
   */
  public boolean isUnlimited() {
    return value.isEmpty();
  }

  String print(String unlimited) {
    return value.map(Micros::print).orElse(unlimited);
  }

  /** Returns the time, or {@code unlimited}. */
  @Override
  public String toString() {
    return value.map(Duration::toString).orElse("unlimited");
  }
}
