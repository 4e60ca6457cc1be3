package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.MountInfo;
import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.rootfs.InputTree;
import dev.belljar.rootfs.KeptTree;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Rootfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Roots made of many links and copies, once or for each start. */
@MakesMounts
class InputTreeTest extends ContainerTest {
  private static final List<Mount> PROGRAMS =
      List.of("/bin", "/lib", "/lib64", "/usr").stream()
          .filter(path -> Files.isDirectory(Path.of(path)))
          .<Mount>map(path -> Mount.rbind(path, path).readOnly())
          .toList();

  @TempDir private Path dir;

  private static InputTree.Builder links(int directories, int each) {
    InputTree.Builder builder = InputTree.builder();
    PROGRAMS.forEach(mount -> builder.directory(mount.target()));
    for (int d = 0; d < directories; d++) {
      for (int i = 0; i < each; i++) {
        builder.link("/in/d" + d + "/l" + i, "/usr/target" + i);
      }
    }
    return builder;
  }

  private static ContainerBuilder in(Rootfs rootfs, String script) {
    return sh(script).rootfs(rootfs).mount(PROGRAMS);
  }

  @Test
  void anEmptyRootIsFilledForAStart() throws IOException {
    Path file = Files.writeString(dir.resolve("file"), "copied");
    InputTree tree =
        links(100, 3)
            .copy("/in/file", file.toString())
            .link(
                BytePath.ofBytes(new byte[] {'/', 'o', (byte) 0xff, '\n'}), BytePath.of("/in/file"))
            .build();
    assertThat(tree.size()).isEqualTo(302);
    String script =
        "cat /in/file; ls /in/d99; readlink /in/d7/l2; ls / | grep -c .; cat /o*; echo x >"
            + " /in/new && cat /in/new";
    assertThat(run(in(Rootfs.empty().with(tree), script)).output().lines())
        .startsWith("copiedl0", "l1", "l2", "/usr/target2")
        .endsWith("copiedx");
    assertThat(run(in(Rootfs.empty().with(tree).readOnly(), "touch /x || echo refused")).output())
        .isEqualTo("refused");
  }

  @Test
  void aKeptTreeIsTheRootOfManyContainers() {
    try (KeptTree kept = links(100, 3).build().keep()) {
      for (int i = 0; i < 3; i++) {
        assertThat(run(in(Rootfs.kept(kept), "ls /in | grep -c d; touch /x || echo no")).output())
            .isEqualTo("100\nno");
      }
      ContainerBuilder scratch =
          in(Rootfs.kept(kept).scratch(), "rm -r /in/d1; echo x > /in/d2/l0x; ls /in | grep -c d");
      try {
        scratch.build().plan();
      } catch (UnsupportedOperationException e) {
        assertThat(e).hasMessageContaining("Linux 6.6");
        return;
      }
      assertThat(run(scratch).output()).isEqualTo("99");
      assertThat(run(in(Rootfs.kept(kept), "ls /in | grep -c d")).output()).isEqualTo("100");
    }
  }

  @Test
  void aKeptTreeIsChangedByTheDifference() {
    try (KeptTree kept = links(10, 3).link("/in/d1/old", "/a").build().keep()) {
      InputTree other =
          links(9, 3)
              .link("/in/d1/l0", "/other")
              .link("/in/d1/new", "/n")
              .link("/e/f/g", "/h")
              .build();
      kept.change(other);
      String script = "ls /in /in/d1; readlink /in/d1/l0 /e/f/g";
      assertThat(run(in(Rootfs.kept(kept), script)).output().lines())
          .contains("d8", "l0", "l1", "l2", "new", "/other", "/h")
          .doesNotContain("d9", "old");
      kept.change(links(0, 0).build());
      assertThat(run(in(Rootfs.kept(kept), "ls /in /e 2>/dev/null | grep -c .")).out())
          .isEqualTo("0");
    }
  }

  /** Parents must be there before any thread makes what is in them. */
  @Test
  void directoriesWithinDirectoriesAreMadeByManyThreads() {
    InputTree.Builder builder = links(0, 0);
    for (int top = 0; top < 50; top++) {
      StringBuilder path = new StringBuilder("/in/t" + top);
      for (int depth = 0; depth < 6; depth++) {
        path.append("/d");
        builder.link(path + "/l", path.toString());
      }
      builder.directory(path + "/empty");
    }
    String script =
        "find /in -type l | grep -c .; find /in -type d | grep -c .; readlink /in/t9/d/d/l";
    for (int threads : new int[] {1, 8}) {
      try (KeptTree kept = builder.build().keep(threads)) {
        assertThat(run(in(Rootfs.kept(kept), script)).output().lines())
            .containsExactly("300", "401", "/in/t9/d/d");
        kept.change(
            links(0, 0).link("/in/t1", "/x").link("/in/t2/d/l/now/a/directory", "/y").build());
        assertThat(run(in(Rootfs.kept(kept), "find /in -type l -o -type d")).output().lines())
            .containsExactlyInAnyOrder(
                "/in",
                "/in/t1",
                "/in/t2",
                "/in/t2/d",
                "/in/t2/d/l",
                "/in/t2/d/l/now",
                "/in/t2/d/l/now/a",
                "/in/t2/d/l/now/a/directory");
      }
    }
  }

  @Test
  void aChangeThatFailedCanBeRepeated() throws IOException {
    Path file = Files.writeString(dir.resolve("file"), "copied");
    InputTree other =
        links(5, 3).copy("/in/d1/file", file.toString()).link("/in/d3/l0", "/other").build();
    try (KeptTree kept = links(10, 3).build().keep()) {
      Files.delete(file);
      assertThat(catchThrowable(() -> kept.change(other))).hasMessageContaining("ENOENT");
      assertThat(catchThrowable(() -> kept.change(other))).hasMessageContaining("ENOENT");
      Files.writeString(file, "copied");
      kept.change(other);
      kept.change(links(5, 3).copy("/in/d1/file", file.toString()).build());
      String script = "ls /in | grep -c d; cat /in/d1/file; ls /in/d1; readlink /in/d3/l0";
      assertThat(run(in(Rootfs.kept(kept), script)).output().lines())
          .containsExactly("5", "copiedfile", "l0", "l1", "l2", "/usr/target0");
    }
  }

  /** A mount that somebody holds keeps its disk busy, and its loop device. */
  @Test
  void aKeptTreeHoldsNoMountOfTheHost() throws IOException {
    Set<ProcessHandle> before = ProcessHandle.current().children().collect(Collectors.toSet());
    try (KeptTree _ = links(2, 2).build().keep()) {
      List<ProcessHandle> keepers =
          ProcessHandle.current().children().filter(child -> !before.contains(child)).toList();
      assertThat(keepers).hasSize(1);
      List<MountInfo> held =
          MountInfo.parse(
              Files.readAllBytes(Path.of("/proc/" + keepers.getFirst().pid() + "/mountinfo")));
      Assumptions.assumeTrue(
          held.stream().noneMatch(mount -> mount.type().equals("rootfs")),
          "needs a root directory that can be left");
      assertThat(held)
          .singleElement()
          .satisfies(mount -> assertThat(mount.type()).isEqualTo("tmpfs"));
    }
  }

  @Test
  void aContainerOutlivesItsKeptTree() {
    ContainerBuilder builder = sh("read x; ls /in | grep -c d").mount(PROGRAMS);
    Container container;
    try (KeptTree kept = links(10, 1).build().keep()) {
      container = builder.rootfs(Rootfs.kept(kept)).start();
    }
    try (container) {
      try (var input = container.process().getOutputStream()) {
        input.write('\n');
      } catch (IOException e) {
        throw new AssertionError(e);
      }
      assertThat(Outcome.of(container.process()).output()).isEqualTo("10");
    }
  }

  @Test
  void whatCannotBeCopiedIsNamedAndNothingIsLeft() {
    InputTree tree = links(3, 3).copy("/x", dir + "/missing").build();
    assertThat(catchThrowable(tree::keep))
        .isInstanceOf(LinuxException.class)
        .hasMessageContaining("missing")
        .hasMessageContaining("ENOENT");
    InputTree directory = links(3, 3).copy("/x", dir.toString()).build();
    assertThat(catchThrowable(directory::keep)).hasMessageContaining("only regular files");
  }

  /** To open one is to let go who waits for that at its other end. */
  @Test
  void whatIsNoRegularFileIsNotEvenOpened() throws Exception {
    Path fifo = dir.resolve("fifo");
    assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
    Process writer = new ProcessBuilder("sh", "-c", "echo waited > '" + fifo + "'").start();
    try {
      InputTree tree = links(1, 1).copy("/x", fifo.toString()).build();
      for (int i = 0; i < 20; i++) {
        assertThat(catchThrowable(tree::keep)).hasMessageContaining("only regular files");
      }
      assertThat(writer.isAlive()).isTrue();
      assertThat(Files.readString(fifo)).isEqualTo("waited\n");
    } finally {
      writer.destroy();
      writer.waitFor();
    }
  }

  @Test
  void aFileIsCopiedFromWithinATree() throws IOException {
    Files.createDirectory(dir.resolve("a"));
    Files.writeString(dir.resolve("a/file"), "inside");
    Files.createSymbolicLink(dir.resolve("link"), Path.of("/a/file"));
    InputTree tree =
        links(0, 0)
            .copyWithin(BytePath.of("/copy"), BytePath.of(dir), BytePath.of("/link"))
            .build();
    assertThat(run(in(Rootfs.empty().with(tree), "cat /copy")).output()).isEqualTo("inside");
    assertThat(
            catchThrowable(() ->
                InputTree.builder()
                    .copyWithin(BytePath.of("/copy"), BytePath.of("base"), BytePath.of("/x"))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a/../b", "/./a", "/"})
  void whatIsNoPathOfATreeIsRefused(String path) {
    assertThat(catchThrowable(() -> InputTree.builder().link(path, "/x")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aNameIsEitherADirectoryOrAFile() {
    assertThat(
            catchThrowable(() -> InputTree.builder().link("/a", "/x").link("/a/b", "/x").build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("both a directory and a file");
  }
}
