package dev.belljar;

import dev.belljar.rootfs.Rootfs;
import java.io.IOException;
import java.nio.file.Path;

/** A program that keeps prepared mounts of a tree, and never ends. */
final class PreparesAndWaits {
  private PreparesAndWaits() {}

  /** Says when it has them. */
  public static void main(String[] arguments) throws IOException {
    Path tree = Path.of(System.getenv("BELLJAR_TEST_TREE"));
    ContainerSpec spec = Container.builder().command("true").rootfs(Rootfs.directory(tree)).build();
    boolean isPrepared = false;
    for (int i = 0; i < 4; i++) {
      try (Container container = spec.start()) {
        Outcome.of(container.process());
        isPrepared =
            container.plan().steps().stream().anyMatch(step -> step.call().startsWith("setns("));
      }
    }
    System.out.println(isPrepared ? "prepared" : "not prepared");
    System.in.read();
  }
}
