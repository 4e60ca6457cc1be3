package dev.belljar.cgroups.controller;

import java.util.Locale;

/**
 * A bound of the utilization that the scheduler assumes of a group's tasks when it picks a
 * processor and its frequency.
 *
 * @param hundredths hundredths of a percent of the largest processor's capacity, 0 to 10000
 * @see <a href="https://docs.kernel.org/scheduler/sched-util-clamp.html">Utilization Clamping</a>
 */
public record UtilizationClamp(int hundredths) {
  private static final int ALL = 10_000;

  /** The whole capacity, which the kernel calls {@code max}. */
  public static final UtilizationClamp MAX = new UtilizationClamp(ALL);

  /**
   * Makes a bound.
   *
   * @throws IllegalArgumentException when it is out of range
   */
  public UtilizationClamp {
    if (hundredths < 0 || hundredths > ALL) {
      throw new IllegalArgumentException(
          "a utilization is 0 to 10000 hundredths of a percent, not " + hundredths);
    }
  }

  /**
   * Returns the bound of a percentage.
   *
   * @param percent 0 to 100, of which two decimals count
   * @return the bound
   * @throws IllegalArgumentException when it is out of range
   */
  public static UtilizationClamp ofPercent(double percent) {
    double hundredths = Math.rint(percent * 100);
    if (!(hundredths >= 0 && hundredths <= ALL)) { // NaN too is neither
      throw new IllegalArgumentException("a utilization is 0 to 100 percent, not " + percent);
    }
    return new UtilizationClamp((int) hundredths);
  }

  /**
   * Parses what the kernel prints.
   *
   * @param text a percentage with two decimals, or {@code max}
   * @return the bound
   * @throws IllegalArgumentException when it is neither
   */
  public static UtilizationClamp parse(String text) {
    String number = text.strip();
    return number.equals("max") ? MAX : ofPercent(Double.parseDouble(number));
  }

  /**
   * Returns the percentage.
   *
   * @return 0 to 100
   */
  public double percent() {
    return hundredths / 100.0;
  }

  /** Returns it as the kernel prints it. */
  @Override
  public String toString() {
    return hundredths == ALL ? "max" : String.format(Locale.ROOT, "%.2f", percent());
  }
}
