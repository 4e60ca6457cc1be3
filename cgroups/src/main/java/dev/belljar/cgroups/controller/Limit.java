package dev.belljar.cgroups.controller;

import java.util.OptionalLong;

/**
 * An upper bound of a resource: a number, or unlimited.
 *
 * <p>The kernel says "unlimited" in three ways ({@code max}, {@code -1}, or the largest multiple of
 * a page); here it is a value of its own.
 *
 * @param value the bound, in the resource's unit; empty when unlimited
 */
public record Limit(OptionalLong value) {
  /** No bound. */
  public static final Limit UNLIMITED = new Limit(OptionalLong.empty());

  /**
   * Makes a bound.
   *
   * @throws IllegalArgumentException when it is negative
   */
  public Limit {
    if (value.isPresent() && value.getAsLong() < 0) {
      throw new IllegalArgumentException("a limit is 0 or more, not " + value.getAsLong());
    }
  }

  /**
   * Returns the bound of a number.
   *
   * @param value the number, 0 or more, in the resource's unit
   * @return the bound
   */
  public static Limit of(long value) {
    return new Limit(OptionalLong.of(value));
  }

  /**
   * Parses what most files of the kernel print: a number, or {@code max}.
   *
   * @param text the number or {@code max}
   * @return the bound
   * @throws IllegalArgumentException when it is neither
   */
  public static Limit parse(String text) {
    return text.equals("max") ? UNLIMITED : of(Long.parseLong(text));
  }

  /**
   * Parses what files of bytes take: a number, with a letter for a power of 1024 behind it if need
   * be, or either version's word for none.
   *
   * @param text for example {@code 1048576}, {@code 64m}, {@code 1G}, {@code max} or {@code -1}
   * @return the bound in bytes
   * @throws IllegalArgumentException when it is not of this form, or more than a {@code long} holds
   */
  public static Limit ofSize(String text) {
    String size = text.strip();
    if (size.equals("max") || size.equals("-1")) {
      return UNLIMITED;
    }
    int end = size.length() - 1;
    int power = end > 0 ? "kmgtpe".indexOf(Character.toLowerCase(size.charAt(end))) + 1 : 0;
    String digits = power > 0 ? size.substring(0, end) : size;
    try {
      return of(Math.multiplyExact(Long.parseUnsignedLong(digits), 1L << 10 * power));
    } catch (NumberFormatException | ArithmeticException e) {
      throw new IllegalArgumentException("not a size such as 64m: \"" + text + "\"", e);
    }
  }

  /**
   * Tells whether there is no bound.
   *
   * @return true for {@link #UNLIMITED}
   */
  public boolean isUnlimited() {
    return value.isEmpty();
  }

  /** Returns the number, or {@code unlimited}. */
  @Override
  public String toString() {
    return value.isPresent() ? Long.toString(value.getAsLong()) : "unlimited";
  }
}
