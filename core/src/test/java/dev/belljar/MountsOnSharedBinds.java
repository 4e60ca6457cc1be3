package dev.belljar;

import dev.belljar.linux.IdMap;
import dev.belljar.rootfs.BindMount;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Propagation;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;

/**
 * A program whose containers are given shared mounts of the host, on which something is mounted.
 */
final class MountsOnSharedBinds {
  private static final BindMount GIVEN = Mount.rbind("/mnt", "/tmp/t");

  private MountsOnSharedBinds() {}

  /**
   * Prints how many mounts are there inside, and that of the host's none has changed.
   *
   * @param arguments how the mount is taken: {@code mapped} or {@code prepared}
   */
  public static void main(String... arguments) throws Exception {
    for (Propagation propagation : List.of(Propagation.RSHARED, Propagation.RSLAVE)) {
      String before = AttackHost.mounts();
      try {
        String inside = arguments[0].equals("mapped") ? mapped(propagation) : prepared(propagation);
        System.out.println(
            AttackHost.mounts().equals(before)
                ? propagation + " inside: " + inside
                : propagation + " came out");
      } catch (ContainerException failure) {
        System.out.println(failure.getMessage());
      }
    }
    Belljar.shutdown();
  }

  /** The JVM takes it, since it has owners of its own; the container itself mounts. */
  private static String mapped(Propagation propagation) throws IOException {
    String script = "mount -t tmpfs in /tmp/t/d; grep -c ' /tmp/t/d ' /proc/self/mountinfo; read x";
    try (Container container =
            Container.builder()
                .command("sh", "-c", script)
                .privileged()
                .mount(GIVEN.mapped(IdMap.of(0, 4242, 10)).propagation(propagation))
                .timeout(ContainerTest.DEADLINE)
                .start();
        BufferedReader output = container.process().inputReader()) {
      return output.readLine();
    }
  }

  /** The process takes it before it enters the mounts that were prepared. */
  private static String prepared(Propagation propagation) throws Exception {
    ContainerSpec spec =
        Container.builder()
            .command("sh", "-c", "read x; grep -c ' /tmp/t/d ' /proc/self/mountinfo")
            .mount(GIVEN.propagation(propagation))
            .timeout(ContainerTest.DEADLINE)
            .build();
    spec.start().close();
    spec.start().close();
    try (Container container = spec.start();
        BufferedReader output = container.process().inputReader()) {
      String pid = Long.toString(container.pid());
      Process mounting =
          new ProcessBuilder("nsenter", "-m", "-t", pid, "mount", "-t", "tmpfs", "in", "/tmp/t/d")
              .inheritIO()
              .start();
      if (mounting.waitFor() != 0 || !PreparedMountsTest.isPrepared(container)) {
        return "nothing";
      }
      container.process().getOutputStream().close();
      return output.readLine();
    }
  }
}
