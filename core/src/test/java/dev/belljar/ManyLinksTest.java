package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.rootfs.InputTree;
import dev.belljar.rootfs.KeptTree;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Rootfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trees of so many links that processes of their own make them. */
class ManyLinksTest extends ContainerTest {
  private static final int DIRECTORIES = 60;
  private static final int LINKS = 100;
  private static final List<Mount> PROGRAMS =
      List.of("/bin", "/lib", "/lib64", "/usr").stream()
          .filter(path -> Files.isDirectory(Path.of(path)))
          .<Mount>map(path -> Mount.rbind(path, path).readOnly())
          .toList();

  @TempDir private Path dir;

  private static InputTree.Builder many() {
    InputTree.Builder builder = InputTree.builder();
    PROGRAMS.forEach(mount -> builder.directory(mount.target()));
    builder.directory("/in/empty/within");
    for (int d = 0; d < DIRECTORIES; d++) {
      for (int i = 0; i < LINKS; i++) {
        builder.link(path(d, i), target(d, i));
      }
    }
    return builder;
  }

  // Some directories are in others, some stand in the way of their order.
  private static String path(int d, int i) {
    return "/in/d" + d % 7 + (d % 2 == 0 ? "-" : "/") + "e" + d + "/l" + i;
  }

  // Of many lengths, the longest as long as a link can be.
  private static String target(int d, int i) {
    return "/t" + "x".repeat(i == LINKS - 1 ? 4000 + d : i) + d;
  }

  private static List<String> expected() {
    List<String> all = new ArrayList<>();
    for (int d = 0; d < DIRECTORIES; d++) {
      for (int i = 0; i < LINKS; i++) {
        all.add(path(d, i) + " " + target(d, i));
      }
    }
    Collections.sort(all);
    return all;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5})
  @RequiresTool("find")
  void eachIsWhereItBelongs(int threads) throws IOException {
    Path file = Files.writeString(dir.resolve("file"), "copied\n");
    InputTree tree = many().copy("/in/d1/file", file.toString()).build();
    try (KeptTree kept = tree.keep(threads)) {
      String script =
          "cat /in/d1/file; ls -d /in/empty/within; find /in -type l -printf '%p %l\\n'";
      Outcome outcome = run(sh(script).rootfs(Rootfs.kept(kept)).mount(PROGRAMS));
      List<String> lines = outcome.output().lines().toList();
      assertThat(lines).startsWith("copied", "/in/empty/within");
      assertThat(lines.stream().skip(2).sorted().toList()).isEqualTo(expected());
    }
  }

  @Test
  void whatCannotBeMadeIsNamed() {
    isNamed(many().link("/in/d3/" + "n".repeat(256), "/some/target"), "symlinkat(\"/some/target\"");
    isNamed(many().directory("/in/" + "d".repeat(256)), "mkdirat(..., \"in/ddd");
  }

  private static void isNamed(InputTree.Builder builder, String call) {
    assertThat(catchThrowable(() -> builder.build().keep()))
        .isInstanceOfSatisfying(
            LinuxException.class, failure -> assertThat(failure.is(Errno.ENAMETOOLONG)).isTrue())
        .hasMessageContaining(call);
  }

  private static final class LifeOfTree implements Faults.Life {
    private final InputTree tree = many().build();

    @Override
    public void live() {
      tree.keep(1).close();
    }

    @Override
    public void end() {
      Belljar.shutdown();
    }
  }

  @Test
  void aCallThatFailsIsNamedAndNothingIsLeftBehind() {
    Faults.failEveryCall(new LifeOfTree());
  }
}
