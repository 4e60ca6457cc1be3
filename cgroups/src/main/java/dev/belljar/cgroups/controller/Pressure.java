package dev.belljar.cgroups.controller;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * How much of the time processes of a group waited for a resource (pressure stall information).
 *
 * <p>{@code some} is the time in which at least one was waiting, {@code full} that in which all
 * that had something to do were. {@code irq.pressure} has only full, and {@code cpu.pressure} only
 * some before Linux 5.13.
 *
 * @param some at least one waited; empty when the file does not say
 * @param full all waited; empty when the file does not say
 * @see <a href="https://docs.kernel.org/accounting/psi.html">PSI</a>
 */
public record Pressure(Optional<Stall> some, Optional<Stall> full) {
  private static final String SOME = "some";
  private static final String FULL = "full";

  /** Makes a reading. */
  public Pressure {
    Objects.requireNonNull(some, "some");
    Objects.requireNonNull(full, "full");
  }

  /**
   * One line of the file.
   *
   * @param avg10 the share of the last 10 s, in percent, with two decimals
   * @param avg60 that of the last 60 s
   * @param avg300 that of the last 300 s
   * @param total the time since the group was made, in whole microseconds
   */
  public record Stall(double avg10, double avg60, double avg300, Duration total) {
    /** Makes a line. */
    public Stall {
      Objects.requireNonNull(total, "total");
    }

    private static Stall parse(String line) {
      String[] fields = line.split(" ", -1);
      if (fields.length != 5) {
        throw new IllegalArgumentException("not a line of pressure: " + line);
      }
      return new Stall(
          Double.parseDouble(value(fields[1], "avg10=")),
          Double.parseDouble(value(fields[2], "avg60=")),
          Double.parseDouble(value(fields[3], "avg300=")),
          Micros.parse(value(fields[4], "total=")));
    }

    private static String value(String field, String key) {
      if (!field.startsWith(key)) {
        throw new IllegalArgumentException("not " + key + " of pressure: " + field);
      }
      return field.substring(key.length());
    }

    /** Returns the numbers as the kernel prints them. */
    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "avg10=%.2f avg60=%.2f avg300=%.2f total=%s",
          avg10,
          avg60,
          avg300,
          Micros.print(total));
    }
  }

  /**
   * Parses what the kernel prints.
   *
   * @param text the lines of a file such as {@code cpu.pressure} or {@code /proc/pressure/cpu}
   * @return the reading
   * @throws IllegalArgumentException when it is none
   */
  public static Pressure parse(String text) {
    return new Pressure(line(text, SOME), line(text, FULL));
  }

  private static Optional<Stall> line(String text, String start) {
    return Arrays.stream(text.split("\n"))
        .filter(line -> line.startsWith(start))
        .findFirst()
        .map(Stall::parse);
  }

  /** Returns the lines as the kernel prints them, without a newline at the end. */
  @Override
  public String toString() {
    String first = some.map(stall -> SOME + " " + stall).orElse("");
    String second = full.map(stall -> FULL + " " + stall).orElse("");
    return first + (some.isPresent() && full.isPresent() ? "\n" : "") + second;
  }
}
