package dev.belljar;

import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.ProcFallback;

/** A program that tries containers in a USER namespace, and prints what came of each. */
final class StartsBelowACoveredProc {
  private StartsBelowACoveredProc() {}

  /** Prints a line for the plan, and one for each start. */
  public static void main(String[] arguments) {
    System.out.println("planned: " + builder().build().plan().warnings());
    start(builder());
    start(builder().procFallback(ProcFallback.BIND));
    start(builder().mount(Mount.proc("/proc").option("hidepid=2")).procFallback(ProcFallback.BIND));
    start(builder().mount(Mount.proc("/tmp/p")).procFallback(ProcFallback.BIND));
    Belljar.shutdown();
  }

  private static ContainerBuilder builder() {
    return Container.builder()
        .command("cut", "-c1-5", "/proc/version")
        .rootless()
        .timeout(ContainerTest.DEADLINE);
  }

  private static void start(ContainerBuilder builder) {
    try {
      System.out.println("bound: " + Outcome.of(builder).output());
    } catch (ContainerException failure) {
      System.out.println("refused: " + failure.getMessage());
    }
  }
}
