package dev.belljar;

import dev.belljar.linux.BytePath;
import dev.belljar.rootfs.DirectoryRootfs;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Overlay;
import dev.belljar.rootfs.Rootfs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** A program that looks at the root of containers as their command does and as who enters them. */
final class EntersContainers {
  private static final String LOOK = "ls /";

  private EntersContainers() {}

  /**
   * Prints a line for each container: how it was started, and what both saw. Only what begins with
   * prepared mounts need not change the root.
   */
  public static void main(String[] arguments) {
    BytePath path = BytePath.of(System.getenv("BELLJAR_TEST_TREE"));
    DirectoryRootfs tree = Rootfs.directory(path);
    ContainerSpec spec = builder(tree).build();
    for (int i = 0; i < 4; i++) {
      print(spec.start()); // from prepared mounts, in the end
    }
    print(builder(tree).plainChroot().start());
    print(builder(Rootfs.overlay(Overlay.of(List.of(path)))).start());
    ContainerSpec bound = builder(tree).mount(Mount.bind(path, BytePath.of("/tree"))).build();
    for (int i = 0; i < 3; i++) {
      print(bound.start());
    }
    Belljar.shutdown();
  }

  private static ContainerBuilder builder(Rootfs rootfs) {
    return Container.builder().command("sh", "-c", LOOK + "; read x").rootfs(rootfs);
  }

  private static void print(Container container) {
    try (container) {
      Outcome entered = Outcome.of(container.exec("sh", "-c", LOOK));
      container.process().outputWriter().close();
      Outcome command = Outcome.of(container.process());
      boolean isPrepared =
          container.plan().steps().stream().noneMatch(step -> step.call().startsWith("chroot("));
      System.out.printf(
          "%s: %s, %s%n",
          isPrepared ? "prepared" : "new",
          command.out().replace('\n', ' '),
          entered.out().equals(command.out()) ? "the same" : entered);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
