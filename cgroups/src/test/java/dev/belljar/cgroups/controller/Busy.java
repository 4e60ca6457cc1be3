package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.testing.TestGroup;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Shell scripts that use up a resource, and waiting for what they do. */
final class Busy {
  /** Uses one processor for ever. */
  static final String LOOP = "while :; do :; done";

  private static final Duration ALONE = Duration.ofMillis(600);
  private static final int LOOKS = 3;
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

  /**
   * Which part of the time that passes a group uses while the processes of another are stopped: the
   * most that it had for some time, since this JVM may need the processor too.
   *
   * @param used tells what it has used
   */
  static double partWithout(CgroupDirectory idle, Supplier<Duration> used) {
    signal(idle, "-STOP");
    try {
      double most = 0;
      for (int i = 0; i < LOOKS; i++) {
        most = Math.max(most, part(used));
      }
      return most;
    } finally {
      signal(idle, "-CONT");
    }
  }

  private static double part(Supplier<Duration> used) {
    long start = System.nanoTime();
    Duration before = used.get();
    await(
        "it is used",
        () -> {
          LockSupport.parkNanos(ALONE.toNanos() / 3); // looking takes time, too
          return used.get().minus(before).compareTo(ALONE) >= 0;
        });
    return (double) used.get().minus(before).toNanos() / (System.nanoTime() - start);
  }

  private static void signal(CgroupDirectory group, String signal) {
    group.processes().forEach(pid -> TestInput.run("kill", signal, Long.toString(pid)));
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
