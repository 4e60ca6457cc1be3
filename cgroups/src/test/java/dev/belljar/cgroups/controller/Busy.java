package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.testing.TestGroup;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Shell scripts that use up a resource, and waiting for what they do. */
final class Busy {
  /** Uses one processor for ever. */
  static final String LOOP = "while :; do :; done";

  private static final Duration DEADLINE = Duration.ofMinutes(2);

  private Busy() {}

  /**
   * Starts the loop on the first processor, in some groups of one hierarchy each.
   *
   * <p>It is bound to the processor before it joins: what a group has used elsewhere counts for
   * some time in how the scheduler shares out this one. It is bound again afterwards, since before
   * Linux 6.2 a group with the cpuset controller sets its members free.
   */
  static void startOnFirst(TestGroup test, CgroupDirectory... groups) {
    Process loop = test.start("exec taskset -c 0 sh -c 'echo up; read go; " + LOOP + "'");
    assertThat(TestInput.answer(loop)).isEqualTo("up");
    for (CgroupDirectory group : groups) {
      group.write("cgroup.procs", Long.toString(loop.pid()));
    }
    TestInput.run("taskset", "-cp", "0", Long.toString(loop.pid()));
    TestInput.line(loop);
  }

  /** Waits for something that goes on elsewhere. */
  static void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        fail("not within %s: %s", DEADLINE, what);
      }
      LockSupport.parkNanos(1_000_000);
    }
  }
}
