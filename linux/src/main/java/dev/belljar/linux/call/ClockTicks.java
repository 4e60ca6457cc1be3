package dev.belljar.linux.call;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Syscall;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The unit of times that the kernel prints in clock ticks ({@code USER_HZ}), as it told this
 * process at its start.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/getauxval.3.html">getauxval(3), AT_CLKTCK</a>
 */
public final class ClockTicks {
  private static final long AT_CLKTCK = 17;

  private ClockTicks() {}

  /**
   * Returns how many ticks a second has; what {@code sysconf(_SC_CLK_TCK)} says.
   *
   * @return 100 on all machines seen so far
   * @throws LinuxException when {@code /proc} cannot be read
   */
  public static long perSecond() {
    return Known.PER_SECOND;
  }

  /** Read once: it is the same in the whole life of a process. */
  private static final class Known {
    private static final long PER_SECOND =
        parse(FileCalls.readFile(Syscall.AT_FDCWD, "/proc/self/auxv"));
  }

  /** Pairs of a key and a value, each of the size of a pointer, in the machine's byte order. */
  static long parse(byte[] auxiliaryVector) {
    ByteBuffer pairs = ByteBuffer.wrap(auxiliaryVector).order(ByteOrder.nativeOrder());
    while (pairs.remaining() >= 2 * Long.BYTES) {
      long key = pairs.getLong();
      long value = pairs.getLong();
      if (key == AT_CLKTCK) {
        return value;
      }
    }
    throw new IllegalStateException("the kernel did not say how long a clock tick is (AT_CLKTCK)");
  }
}
