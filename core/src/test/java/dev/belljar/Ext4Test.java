package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.IdMap;
import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.MountTable;
import dev.belljar.rootfs.Overlay;
import dev.belljar.rootfs.OverlayChanges;
import dev.belljar.rootfs.Rootfs;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mounts of a real file system: overlays on it, owners through maps, the device itself. */
@MakesMounts
@RequiresRoot
@RequiresTool("mkfs.ext4")
class Ext4Test extends ContainerTest {
  private static final int SIZE = 32 << 20;

  private Path dir;
  private Path disk;
  private boolean isMounted;

  @BeforeEach
  void mountADisk() throws Exception {
    dir = Files.createTempDirectory("ext4");
    Path image = dir.resolve("image");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(SIZE);
    }
    disk = Files.createDirectory(dir.resolve("disk"));
    assertThat(isDone("mkfs.ext4", "-q", "-O", "^has_journal", image.toString())).isTrue();
    isMounted = isDone("mount", "-o", "loop", image.toString(), disk.toString());
    Assumptions.assumeTrue(isMounted, "needs loop devices and ext4");
  }

  @AfterEach
  void unmountIt() throws Exception {
    if (isMounted) {
      assertThat(isDone("umount", disk.toString())).isTrue();
    }
    Folders.delete(dir);
  }

  private static boolean isDone(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor()
        == 0;
  }

  @Test
  void ownersAreShownThroughAMap() throws Exception {
    Files.writeString(disk.resolve("owned"), "x");
    Mount mapped = Mount.bind(disk.toString(), "/tmp/m").mapped(IdMap.of(0, 4242, 10));
    ContainerSpec spec = sh("stat -c %u /tmp/m/owned").mount(mapped).build();
    for (int i = 0; i < 3; i++) {
      try (Container container = spec.start()) {
        assertThat(PreparedMountsTest.isPrepared(container)).isEqualTo(i == 2);
        assertThat(Outcome.of(container.process()).output()).isEqualTo("4242");
      }
    }
    Mount asContainer = Mount.bind(disk.toString(), "/tmp/m").mappedAsContainer();
    assertThat(
            run(sh("stat -c %u /tmp/m/owned; echo y > /tmp/m/own && stat -c %u /tmp/m/own")
                    .idMap(IdMap.of(0, 100_000, 65_536))
                    .mount(asContainer))
                .output()
                .lines())
        .containsExactly("0", "0");
    assertThat(Files.getAttribute(disk.resolve("own"), "unix:uid")).isEqualTo(0);
    Mount within =
        Mount.bind("/owned", "/tmp/m").within(disk.toString()).mapped(IdMap.of(0, 4242, 10));
    assertThat(run(sh("stat -c %u /tmp/m").mount(within)).output()).isEqualTo("4242");
    Mount readOnly = Mount.rbind(disk.toString(), "/tmp/m").mappedAsContainer().readOnly();
    assertThat(
            run(sh("touch /tmp/m/x || echo refused")
                    .idMap(IdMap.of(0, 100_000, 65_536))
                    .mount(readOnly))
                .output())
        .isEqualTo("refused");
  }

  @Test
  void theOwnersOfLayersAreShownThroughAMap() throws Exception {
    Path lower = Files.createDirectory(disk.resolve("lower"));
    Files.writeString(lower.resolve("owned"), "x");
    Overlay layers = Overlay.of(lower.toString(), Files.createDirectory(disk.resolve("l")) + "");
    Mount mapped = Mount.overlay(layers.mapped(IdMap.of(0, 4242, 10)).readOnly(), "/tmp/o");
    Mount sized = Mount.overlay(layers.mapped(IdMap.of(0, 4343, 10)).size(1 << 20), "/tmp/s");
    Mount bind = Mount.bind(disk.toString(), "/tmp/b").mapped(IdMap.of(0, 4444, 10));
    String script = "stat -c %u /tmp/s/owned /tmp/o/owned /tmp/b; echo y > /tmp/s/owned";
    assertThat(run(sh(script).mount(sized, mapped, bind)).out().lines())
        .containsExactly("4343", "4242", "4444");
    assertThat(lower.resolve("owned")).hasContent("x");
  }

  @Test
  @RequiresTool("busybox")
  void whatIsWrittenToMappedLayersBelongsToTheContainersRootOnTheHostToo() throws Exception {
    Path lower = Files.createDirectory(disk.resolve("lower"));
    BusyboxTree.make(lower);
    Path upper = Files.createDirectory(disk.resolve("upper"));
    Overlay overlay = Overlay.of(lower.toString()).upper(BytePath.of(upper)).mappedAsContainer();
    String script = "ls -n /bin/busybox; echo x > /new; ls -n /new; rm /bin/id";
    assertThat(
            run(sh(script).rootfs(Rootfs.overlay(overlay)).idMap(IdMap.of(0, 100_000, 65_536)))
                .output()
                .lines())
        .allMatch(line -> line.matches("\\S+ +1 0 +0 .*"))
        .hasSize(2);
    assertThat(Files.getAttribute(upper.resolve("upper/new"), "unix:uid")).isEqualTo(0);
    assertThat(overlay.changes().list())
        .extracting(OverlayChanges.Change::toString)
        .contains("ADDED new", "DELETED bin/id");
    overlay.delete();
    assertThat(upper).isEmptyDirectory();
    assertThat(catchThrowable(() -> Container.builder().rootfs(Rootfs.overlay(overlay)).start()))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("mappedAsContainer of " + lower + " needs USER");
  }

  @Test
  void anOverlayOfAUserNamespaceKeepsItsChangesOnDisk() throws Exception {
    Path lower = Files.createDirectory(disk.resolve("lower"));
    Files.createDirectories(lower.resolve("d/old"));
    Files.writeString(lower.resolve("f"), "1");
    Path upper = Files.createDirectory(disk.resolve("upper"));
    for (boolean inUser : List.of(true, false)) {
      Overlay overlay = Overlay.of(lower.toString()).upper(BytePath.of(upper));
      ContainerBuilder builder =
          sh("cd /tmp/o && rm -r d && mkdir d && echo x > d/new && mv f g && ls -R")
              .mount(Mount.overlay(overlay, "/tmp/o"));
      if (inUser) {
        builder.rootless();
      }
      assertThat(run(builder).output().lines()).containsExactly(".:", "d", "g", "", "./d:", "new");
      assertThat(overlay.changes().list())
          .extracting(OverlayChanges.Change::toString)
          .containsExactlyInAnyOrder("DELETED d/old", "ADDED d/new", "DELETED f", "ADDED g");
      overlay.delete();
      assertThat(upper).isEmptyDirectory();
    }
  }

  @ParameterizedTest
  @CsvSource({"false,1", "true,2", "false,3", "true,4"})
  void changesAppliedToACopyOfTheLowerAreWhatTheContainerSaw(boolean inUser, long seed)
      throws Exception {
    Path lower = Files.createDirectory(disk.resolve("lower"));
    Path kept = Files.createDirectory(disk.resolve("kept"));
    Overlay overlay = Overlay.of(lower.toString()).upper(BytePath.of(kept));
    ChangesProperty.holds(disk, lower, overlay, inUser, seed);
  }

  @Test
  void aDiskIsMountedByItsDevice() throws Exception {
    Files.writeString(disk.resolve("f"), "x");
    String device = MountTable.current().at(BytePath.of(disk)).orElseThrow().source().toString();
    // One file system is read-only for all or for none.
    assertThat(isDone("mount", "-o", "remount,ro", disk.toString())).isTrue();
    assertThat(
            run(sh("cat /tmp/m/f; touch /tmp/m/x || echo refused")
                    .mount(Mount.of("ext4", device, "/tmp/m").readOnly()))
                .out())
        .startsWith("x");
  }
}
