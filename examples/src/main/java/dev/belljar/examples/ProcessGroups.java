package dev.belljar.examples;

import dev.belljar.cgroups.Cgroup;
import dev.belljar.cgroups.CgroupPlacement;
import dev.belljar.cgroups.CgroupRequest;
import dev.belljar.cgroups.Resources;
import dev.belljar.cgroups.stats.CpuStats;
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
    try (Cgroup rich = create("rich", much);
        Cgroup poor = create("poor", little)) {
      rich.attach(process.pid());
      System.out.println("rich    " + busy(rich) + " % of a processor");
      rich.freeze();
      System.out.println("frozen  " + busy(rich) + " %");
      rich.thaw();
      poor.attach(process.pid());
      System.out.println("poor    " + busy(poor) + " %, in " + poor);
      System.out.println("counted " + used(rich) + " by rich, " + used(poor) + " by poor");
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static Cgroup create(String name, Resources limits) {
    return CgroupPlacement.find(CgroupRequest.of(limits).accounting(true))
        .create(name)
        .orElseThrow();
  }

  private static Duration used(Cgroup group) {
    return group.stats().cpu().flatMap(CpuStats::total).orElseThrow();
  }

  private static long busy(Cgroup group) throws InterruptedException {
    long start = System.nanoTime();
    Duration before = used(group);
    Thread.sleep(1000);
    return 100 * used(group).minus(before).toNanos() / (System.nanoTime() - start);
  }
}
