package dev.belljar.namespaces.inside;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import java.time.Duration;

/**
 * Sets how far the clocks of a TIME namespace are from those of the initial one, which is possible
 * until the first process enters it.
 *
 * @see <a
 *     href="https://man7.org/linux/man-pages/man7/time_namespaces.7.html">time_namespaces(7)</a>
 */
public final class ClockOffsets {
  private ClockOffsets() {}

  /**
   * Returns what is to be written to {@code timens_offsets}.
   *
   * @param monotonic the offset of CLOCK_MONOTONIC
   * @param boot the offset of CLOCK_BOOTTIME
   * @return two lines: a clock, seconds, and nanoseconds that are never negative
   */
  public static String text(Duration monotonic, Duration boot) {
    return line("monotonic", monotonic) + line("boottime", boot);
  }

  private static String line(String clock, Duration offset) {
    return "%s %d %d\n".formatted(clock, offset.getSeconds(), offset.getNano());
  }

  static void write(int pid, Duration monotonic, Duration boot) {
    try {
      FileCalls.writeFile(
          Syscall.AT_FDCWD, "/proc/" + pid + "/timens_offsets", text(monotonic, boot));
    } catch (LinuxException e) {
      LinuxException failure = e.doing("setting the clocks of a TIME namespace");
      throw e.is(Errno.ERANGE)
          ? failure.withRemedy("inside, no clock may be below 0, or above some 146 years")
          : failure;
    }
  }
}
