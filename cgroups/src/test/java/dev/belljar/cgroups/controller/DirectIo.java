package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.cgroups.testing.Ending;
import dev.belljar.cgroups.testing.LoopDevice;
import dev.belljar.cgroups.testing.TestGroup;

/**
 * Reading and writing a disk past the page cache, as all that the throttles of both versions see.
 */
final class DirectIo {
  static final long KIB = 1 << 10;

  private static final long SECOND = 1_000_000_000L;

  private DirectIo() {}

  /** A shell command that reads or writes. */
  static String command(LoopDevice disk, boolean write, long block, long count) {
    return (write
                ? "dd if=/dev/zero of=%s oflag=direct bs=%d count=%d conv=notrunc"
                : "dd if=%s of=/dev/null iflag=direct bs=%d count=%d")
            .formatted(disk, block, count)
        + " status=none";
  }

  /**
   * Asserts that a limit of one sort holds: what takes two seconds at this rate is not done in one,
   * and what the other direction does meanwhile is not held back for it.
   */
  static void assertThrottled(
      TestGroup group, LoopDevice disk, IoThrottle throttle, Runnable limit, long perSecond) {
    boolean write = throttle == IoThrottle.WRITE_BYTES || throttle == IoThrottle.WRITE_OPERATIONS;
    boolean bytes = throttle == IoThrottle.READ_BYTES || throttle == IoThrottle.WRITE_BYTES;
    long block = bytes ? 16 * KIB : 4 * KIB;
    long count = bytes ? 2 * perSecond / block : 2 * perSecond;
    assertThat(Ending.of(group.run(command(disk, write, block, count)))).isZero();
    limit.run();

    long start = System.nanoTime();
    assertThat(Ending.of(group.run(command(disk, write, block, count)))).isZero();
    assertThat(System.nanoTime() - start).as(throttle.v2Key()).isGreaterThan(3 * SECOND / 2);
  }
}
