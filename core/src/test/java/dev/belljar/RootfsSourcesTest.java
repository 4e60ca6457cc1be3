package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Overlay;
import dev.belljar.rootfs.Rootfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a container can be given as its root, and what becomes of what it writes there. */
@MakesMounts
class RootfsSourcesTest extends ContainerTest {
  /** Not below /tmp, which is the container's own. */
  private Path dir;

  @BeforeEach
  void makeFolder() throws IOException {
    dir = Files.createTempDirectory(Path.of("/var/tmp"), "sources");
  }

  @AfterEach
  void removeFolder() throws IOException {
    Folders.delete(dir);
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(dir.resolve(name), text);
  }

  @Test
  void aWritablePathOfTheHostIsTheHosts() throws IOException {
    Path data = Files.createDirectory(dir.resolve("data"));
    String script =
        "echo x > %1$s/data/x && cat %1$s/data/x; echo y > %1$s/y || echo refused".formatted(dir);
    assertThat(run(sh(script).rootfs(Rootfs.host().writable(data.toString()))).output().lines())
        .containsExactly("x", "refused");
    assertThat(data.resolve("x")).hasContent("x\n");
    assertThat(run(sh(script).rootfs(Rootfs.host().writable(data.toString()).readOnly())).out())
        .endsWith("refused");
  }

  @Test
  void oneFileOfTheHostCanBeWritable() throws IOException {
    Path one = file("one", "old");
    assertThat(run(sh("echo new > " + one).rootfs(Rootfs.host().writable(one.toString()))).output())
        .isEmpty();
    assertThat(one).hasContent("new\n");
  }

  @Test
  void scratchIsThrownAway() throws IOException {
    Path kept = file("kept", "old");
    String script =
        "echo new > %1$s/kept; rm -rf /usr/share/doc; echo z > /etc/z; cat %1$s/kept /etc/z"
            .formatted(dir);
    ContainerBuilder builder = sh(script).rootfs(Rootfs.host().scratch("/"));
    if (!areThrowAwaysPossible(builder)) {
      return;
    }
    Outcome outcome = run(builder);
    // Without root's ids the kernel cannot copy directories of root's, such as /var/tmp.
    assertThat(outcome.out()).endsWith("z");
    if (Folders.IS_ROOT) {
      assertThat(outcome.output().lines()).containsExactly("new", "z");
    }
    assertThat(kept).hasContent("old");
    assertThat(Path.of("/etc/z")).doesNotExist();
  }

  @Test
  void scratchOfALinkIsThatOfWhereItLeads() throws IOException {
    Path real = Files.createDirectory(dir.resolve("real"));
    Files.writeString(real.resolve("kept"), "old");
    Path link = Files.createSymbolicLink(dir.resolve("link"), Path.of("real"));
    String script = "echo new > %1$s/kept; cat %1$s/kept %2$s/kept".formatted(link, real);
    ContainerBuilder builder = sh(script).rootfs(Rootfs.host().scratch(link.toString()));
    if (!areThrowAwaysPossible(builder)) {
      return;
    }
    assertThat(run(builder).output().lines()).containsExactly("new", "new");
    assertThat(real.resolve("kept")).hasContent("old");
  }

  /** An overlay of a user namespace notes in attributes what was deleted. */
  @Test
  void anUpperFolderWithoutAttributesIsRefusedInAUserNamespace() throws IOException {
    Overlay overlay = Overlay.of(dir.toString()).upper(BytePath.of("/proc/sys"));
    ContainerBuilder builder = sh("true").mount(Mount.overlay(overlay, "/tmp/o")).rootless();
    assertThat(catchThrowable(builder::start))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("/proc/sys is on a file system without attributes of users");
  }

  @Test
  @RequiresRoot
  @RequiresTool("busybox")
  void whatTheHostHasReadOnlyIsNotMadeWritable() throws Exception {
    Path tree = Files.createDirectory(dir.resolve("tree"));
    doMount("mount", "-t", "tmpfs", "tree", tree.toString());
    try {
      BusyboxTree.make(tree);
      for (String name : List.of("proc", "sys", "dev", "tmp")) {
        Files.createDirectories(tree.resolve(name));
      }
      doMount("mount", "-o", "remount,ro", tree.toString());
      Path link = Files.createSymbolicLink(dir.resolve("link"), tree);
      for (ContainerBuilder builder :
          List.of(
              sh("true").rootfs(Rootfs.directory(tree)),
              sh("true").rootfs(Rootfs.directory(link)),
              sh("true").rootfs(Rootfs.host().writable(link.toString())),
              sh("true").mount(Mount.bind(link.toString(), "/tmp/m").option("rw")),
              sh("true").mount(Mount.bind("/tree", "/tmp/m").within(dir + "").option("rw")))) {
        assertThat(catchThrowable(builder::start))
            .isInstanceOf(UnsupportedOperationException.class)
            .hasMessageContaining("cannot be writable: it is mounted read-only on the host");
      }
      assertThat(
              run(sh("touch /x || echo refused").rootfs(Rootfs.directory(tree).readOnly())).out())
          .isEqualTo("refused");
      // Outside its base this path would be on the tree.
      Files.createDirectories(Path.of(dir.resolve("base").toString(), tree.toString()));
      assertThat(
              run(sh("touch /tmp/m/x && echo written")
                      .mount(
                          Mount.bind(tree.toString(), "/tmp/m")
                              .within(dir.resolve("base").toString())
                              .option("rw")))
                  .output())
          .isEqualTo("written");
    } finally {
      doMount("umount", tree.toString());
    }
  }

  private static void doMount(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  @Test
  void scratchOfOneDirectoryLeavesTheOthersReadOnly() throws IOException {
    Path kept = file("kept", "old");
    String script =
        "rm %1$s/kept && mkdir %1$s/d && echo done; touch /etc/z || echo refused".formatted(dir);
    ContainerBuilder builder = sh(script).rootfs(Rootfs.host().scratch(dir.toString()));
    if (!areThrowAwaysPossible(builder)) {
      return;
    }
    assertThat(run(builder).output().lines()).containsExactly("done", "refused");
    assertThat(kept).hasContent("old");
    assertThat(dir.resolve("d")).doesNotExist();
  }

  @Test
  @RequiresTool("busybox")
  void anOverlayKeepsWhatIsWrittenInItsFolder() throws IOException {
    Path lower = Files.createDirectory(dir.resolve("lower"));
    BusyboxTree.make(lower);
    Path upper = Folders.forUpper("upper");
    Overlay overlay = Overlay.of(lower.toString()).upper(BytePath.of(upper));
    String first = "echo one > /file; rm /bin/sort; ls -d /proc /sys /dev /tmp";
    assertThat(run(sh(first).rootfs(Rootfs.overlay(overlay))).output().lines())
        .containsExactly("/dev", "/proc", "/sys", "/tmp");
    String second = "cat /file; ls /bin/sort; echo two >> /file";
    assertThat(run(sh(second).rootfs(Rootfs.overlay(overlay))).out()).isEqualTo("one");
    assertThat(upper.resolve("upper/file")).hasContent("one\ntwo\n");
    assertThat(lower.resolve("file")).doesNotExist();
    assertThat(lower.resolve("bin/sort")).exists();
    String third = "cat /file; touch /x || echo refused";
    assertThat(run(sh(third).rootfs(Rootfs.overlay(overlay.readOnly()))).output().lines())
        .containsExactly("one", "two", "refused");
    overlay.delete();
    Files.delete(upper);
  }

  @Test
  @RequiresTool("busybox")
  void aThrowAwayOverlayChangesNothing() throws IOException {
    BusyboxTree.make(dir);
    ContainerBuilder builder =
        sh("echo x > /x; rm /bin/id; cat /x").rootfs(Rootfs.overlay(dir.toString()));
    if (areThrowAwaysPossible(builder)) {
      assertThat(run(builder).output()).isEqualTo("x");
    }
    assertThat(dir.resolve("x")).doesNotExist();
    assertThat(dir.resolve("bin/id")).exists();
    builder = sh("touch /x || echo no").rootfs(Rootfs.overlay(dir.toString()).readOnly());
    assertThat(run(builder).output()).isEqualTo("no");
  }

  @Test
  @RequiresTool("busybox")
  void anEmptyRootHasWhatIsMounted() throws IOException {
    BusyboxTree.make(dir);
    ContainerBuilder builder =
        sh("ls /; echo x > /x && echo written")
            .rootfs(Rootfs.empty().size(1 << 20))
            .mount(Mount.bind(dir.resolve("bin").toString(), "/bin").readOnly());
    assertThat(run(builder).output().lines())
        .containsExactly("bin", "dev", "proc", "sys", "tmp", "written");
    assertThat(run(builder.rootfs(Rootfs.empty().readOnly())).out().lines())
        .containsExactly("bin", "dev", "proc", "sys", "tmp");
  }

  /** Where an ordinary user can have none, that is told before the start. */
  private static boolean areThrowAwaysPossible(ContainerBuilder builder) {
    try {
      builder.build().plan();
      return true;
    } catch (UnsupportedOperationException e) {
      assertThat(e).hasMessageContaining("needs Linux 6.6 in a user namespace");
      return false;
    }
  }

  @Test
  void whatIsNotThereIsToldAtOnce() {
    assertThat(
            catchThrowable(() ->
                sh("")
                    .rootfs(Rootfs.overlay("/no/lower").readOnly())
                    .mount(Mount.bind("/no/source", "/x"), Mount.tmpfs("/proc/1"))
                    .build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("lower directory /no/lower does not exist")
        .hasMessageContaining("bind source /no/source does not exist")
        .hasMessageContaining("/proc/1");
  }

  /** The host's own would uncover what is masked, and let the container change the machine. */
  @ParameterizedTest
  @ValueSource(strings = {"/proc", "/proc/sys", "/sys", "/sys/kernel"})
  void noPathOfProcOrSysIsMadeWritable(String path) {
    assertThat(catchThrowable(() -> sh("").rootfs(Rootfs.host().writable(path)).build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("writable path %1$s: nothing may be mounted on %1$s".formatted(path));
    assertThat(catchThrowable(() -> sh("").rootfs(Rootfs.host().scratch(path)).build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("scratch path " + path + ": what the kernel shows");
  }

  @Test
  void norWhereALinkLeadsThere() throws IOException {
    Path link = Files.createSymbolicLink(dir.resolve("link"), Path.of("/proc/sys"));
    ContainerBuilder builder = sh("").rootfs(Rootfs.host().writable(link.toString()));
    assertThatThrownBy(builder::start)
        .isInstanceOf(ContainerException.class)
        .hasMessageContaining("a link leads into /proc or /sys");
  }
}
