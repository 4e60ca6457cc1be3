package dev.belljar.examples;

import dev.belljar.cgroups.Cgroup;
import dev.belljar.cgroups.Resources;
import java.time.Duration;

/**
 * Limits, measures, freezes and moves an ordinary process; needs no module but cgroups and linux.
 */
public final class ProcessGroups {
  private ProcessGroups() {}

  /** Runs the example, which takes no arguments. */
  public static void main(String[] arguments) throws Exception {
    Resources much = Resources.builder().cpus(0.8).memory(64 << 20).pids(8).build();
    Resources little = Resources.builder().cpus(0.1).memory(16 << 20).pids(8).build();
    Process process = new ProcessBuilder("sh", "-c", "while :; do :; done").start();
    try (Cgroup rich = Cgroup.create("rich", much);
        Cgroup poor = Cgroup.create("poor", little)) {
      rich.attach(process.pid());
      System.out.println("rich    " + busy(process) + " % of a processor");
      rich.freeze();
      System.out.println("frozen  " + busy(process) + " %");
      rich.thaw();
      poor.attach(process.pid());
      System.out.println("poor    " + busy(process) + " %, in " + poor);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static long busy(Process process) throws InterruptedException {
    Duration before = process.info().totalCpuDuration().orElseThrow();
    Thread.sleep(1000);
    return process.info().totalCpuDuration().orElseThrow().minus(before).toMillis() / 10;
  }
}
