package dev.belljar.benchmarks;

import dev.belljar.rootfs.InputTree;
import dev.belljar.rootfs.KeptTree;

/** A JVM that makes one tree of many links, prints how many milliseconds that took, and ends. */
public final class FirstTree {
  private static final double NANOS_PER_MILLI = 1e6;

  private FirstTree() {}

  /** Makes the tree, as the C program does: its own start is not counted. */
  public static void main(String[] arguments) {
    InputTree tree = InputBenchmarks.tree(InputBenchmarks.DIRECTORIES);
    long begin = System.nanoTime();
    try (KeptTree _ = tree.keep()) {
      System.out.println((System.nanoTime() - begin) / NANOS_PER_MILLI);
    }
  }
}
