package dev.belljar.linux.testing;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;

/**
 * How often tests repeat what they repeat. All of it on an ordinary machine; an emulated one, which
 * is ten times slower, sets the system property {@code belljar.test.stride} and does each so many.
 */
public final class Effort {
  /** One in so many is done; 1 is all of them. */
  public static final int STRIDE = Integer.getInteger("belljar.test.stride", 1);

  private Effort() {}

  /** How many are done of a number of repetitions, at least one. */
  public static int of(int repetitions) {
    return Math.max(1, repetitions / STRIDE);
  }

  /** Those that are done of many, from the first on. */
  public static <T> List<T> of(List<T> all) {
    return IntStream.range(0, all.size()).filter(i -> i % STRIDE == 0).mapToObj(all::get).toList();
  }

  /**
   * Skips a test on an emulated machine: one that takes long there, and whose outcome depends
   * neither on the kernel's version nor on how cgroups are laid out.
   */
  public static void assumeNotEmulated() {
    Assumptions.assumeTrue(STRIDE == 1, "needs a machine that is not emulated");
  }
}
