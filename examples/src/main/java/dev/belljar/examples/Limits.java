package dev.belljar.examples;

import dev.belljar.Container;
import dev.belljar.cgroups.Cgroup;
import java.util.OptionalLong;

/** Limits a container that does real work, and reads its control group while it runs. */
public final class Limits {
  private static final int READINGS = 5;
  private static final String WORK =
      "i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done; sleep 100 & wait";

  private Limits() {}

  /**
   * Runs the example.
   *
   * @param arguments none
   * @throws InterruptedException when interrupted between readings
   */
  public static void main(String[] arguments) throws InterruptedException {
    try (Container container =
        Container.builder()
            .command("sh", "-c", WORK)
            .cpuShares(512)
            .cpus(0.5)
            .memory(64 << 20)
            .pids(16)
            .lenient()
            .start()) {
      container.plan().warnings().forEach(warning -> System.out.println("warning: " + warning));
      if (container.cgroup().isEmpty()) {
        System.out.println("this host gives the container no control group");
        return;
      }
      Cgroup group = container.cgroup().get();
      System.out.println("group         " + group);
      System.out.println("cpu shares    " + number(group.cpuShares()));
      System.out.println("cpu quota     " + group.cpuQuota().map(Object::toString).orElse("none"));
      System.out.println("memory limit  " + group.memoryLimit().map(Object::toString).orElse("-"));
      System.out.println("pids limit    " + group.pidsLimit().map(Object::toString).orElse("-"));
      for (int i = 0; i < READINGS; i++) {
        System.out.printf(
            "reading %d     memory %s bytes, processes %s%n",
            i + 1, number(group.memoryUsage()), number(group.pidsCurrent()));
        Thread.sleep(200);
      }
    }
  }

  private static String number(OptionalLong value) {
    return value.isPresent() ? Long.toString(value.getAsLong()) : "-";
  }
}
