package dev.belljar;

import dev.belljar.linux.IdMap;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Propagation;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;

/** A program whose container mounts something on a shared mount that it was given. */
final class MountsOnASharedMappedMount {
  private MountsOnASharedMappedMount() {}

  /** Prints how many mounts are there inside, and that of the host's none has changed. */
  public static void main(String[] arguments) throws IOException {
    for (Propagation propagation : List.of(Propagation.RSHARED, Propagation.RSLAVE)) {
      String before = AttackHost.mounts();
      Mount mount =
          Mount.rbind("/mnt", "/tmp/t").mapped(IdMap.of(0, 4242, 10)).propagation(propagation);
      String script =
          "mount -t tmpfs in /tmp/t/d; grep -c ' /tmp/t/d ' /proc/self/mountinfo; read x";
      try (Container container =
              Container.builder()
                  .command("sh", "-c", script)
                  .privileged()
                  .mount(mount)
                  .timeout(ContainerTest.DEADLINE)
                  .start();
          BufferedReader output = container.process().inputReader()) {
        String inside = output.readLine();
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
}
