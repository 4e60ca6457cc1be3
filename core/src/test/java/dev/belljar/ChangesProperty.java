package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.BytePath;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Overlay;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;

/** Whatever is done in an overlay, its changes applied to a copy of the lower are what was seen. */
final class ChangesProperty {
  private ChangesProperty() {}

  static void holds(Path dir, Path lower, Overlay overlay, boolean inUser, long seed)
      throws Exception {
    Path kept = overlay.upper().orElseThrow().toPath();
    Random random = new Random(seed);
    Assumptions.assumeTrue(!inUser || Folders.hasAttributes(dir), "needs user attributes");
    RandomTree.grow(lower, random, 40);
    Path copy = copy(lower, dir);
    ContainerBuilder builder =
        ContainerTest.resident()
            .mount(Mount.overlay(overlay, "/tmp/o"))
            .namespaces(
                inUser
                    ? new NamespaceType[] {
                      NamespaceType.PID, NamespaceType.MOUNT, NamespaceType.USER, NamespaceType.IPC
                    }
                    : new NamespaceType[] {NamespaceType.PID, NamespaceType.MOUNT});
    List<String> merged;
    try (Container container = builder.start()) {
      Path seen = Path.of("/proc/" + container.pid() + "/root/tmp/o");
      RandomTree.grow(seen, random, 80);
      merged = RandomTree.manifest(seen);
    }
    overlay.changes().applyTo(BytePath.of(copy));
    assertThat(RandomTree.manifest(copy)).isEqualTo(merged);
    overlay.delete();
    assertThat(kept).isEmptyDirectory();
  }

  static Path copy(Path lower, Path dir) throws Exception {
    Path copy = dir.resolve("copy");
    assertThat(new ProcessBuilder("cp", "-a", lower.toString(), copy.toString()).start().waitFor())
        .isZero();
    return copy;
  }
}
