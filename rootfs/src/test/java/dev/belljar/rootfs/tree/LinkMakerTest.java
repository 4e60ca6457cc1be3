package dev.belljar.rootfs.tree;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.testing.FailingSteps;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.WarmUp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Links that processes make: what each does when one of its calls fails. */
@KernelTest
class LinkMakerTest {
  private static final List<TreeMaker.Folder> FOLDERS =
      List.of(
          folder("a", link("one", "/1")),
          folder("a/b"),
          folder("a/b/c", link("two", "/2"), link("three", "/3")));

  @TempDir private Path dir;

  @WarmUp
  static void makeOnce() throws IOException {
    Path once = Files.createTempDirectory("links");
    for (int i = 0; i < 4; i++) {
      make(once, List.of(folder("."), folder(".")), 2);
    }
    Files.delete(once);
  }

  private static TreeMaker.Folder folder(String path, TreeMaker.Node... nodes) {
    return new TreeMaker.Folder(path.getBytes(UTF_8), List.of(nodes));
  }

  private static TreeMaker.Link link(String name, String target) {
    return new TreeMaker.Link(name.getBytes(UTF_8), target.getBytes(UTF_8));
  }

  private static void make(Path top, List<TreeMaker.Folder> folders, int processes) {
    int flags = OpenFlags.O_PATH | OpenFlags.O_DIRECTORY;
    try (Descriptor directory =
        FileCalls.open(Syscall.AT_FDCWD, BytePath.of(top).bytes(), flags, 0)) {
      LinkMaker.make(directory.number(), folders, processes);
    }
  }

  private static String read(Path link) throws IOException {
    return Files.readSymbolicLink(link).toString();
  }

  @Test
  void directoriesAndLinksAreMade() throws IOException {
    for (int processes = 1; processes <= 3; processes++) {
      Path top = Files.createDirectory(dir.resolve("p" + processes));
      make(top, FOLDERS, processes);
      assertThat(read(top.resolve("a/one"))).isEqualTo("/1");
      assertThat(read(top.resolve("a/b/c/two"))).isEqualTo("/2");
      assertThat(read(top.resolve("a/b/c/three"))).isEqualTo("/3");
    }
  }

  @Test
  void whatIsThereAlreadyIsNamed() {
    make(dir, FOLDERS, 1);
    assertThat(catchThrowable(() -> make(dir, FOLDERS, 1)))
        .isInstanceOfSatisfying(
            LinuxException.class, failure -> assertThat(failure.is(Errno.EEXIST)).isTrue())
        .hasMessageContaining("symlinkat(\"/1\", ..., \"one\")");
  }

  /** An entry need not fit into what is written at once. */
  @Test
  void aPathThatIsTooLongForTheKernelIsNamed() {
    String path = "a/" + "d".repeat(70_000);
    assertThat(catchThrowable(() -> make(dir, List.of(folder(path)), 1)))
        .isInstanceOfSatisfying(
            LinuxException.class, failure -> assertThat(failure.is(Errno.ENAMETOOLONG)).isTrue())
        .hasMessageContaining("mkdirat(..., \"a/dd");
  }

  @Test
  void aStepThatFailsIsTold() throws IOException {
    int steps = FailingSteps.count(() -> make(dir, FOLDERS, 1));
    List<String> told = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      Path top = Files.createDirectory(dir.resolve("s" + step));
      FailingSteps.failing(step, () -> make(top, FOLDERS, 1))
          .ifPresent(failure -> told.add(failure.getMessage()));
    }
    assertThat(told).hasSizeGreaterThan(steps / 2);
    assertThat(told).allMatch(text -> text.contains(FailingSteps.ERROR.name()));
    assertThat(told).anyMatch(text -> text.startsWith("mkdirat(..., \"a\""));
    assertThat(told).anyMatch(text -> text.startsWith("symlinkat(\"/1\", ..., \"one\")"));
  }
}
