package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.rootfs.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Binds whose source is looked up in a directory. Attacks on them are in {@link AttackTest}. */
@MakesMounts
class BindWithinTest extends ContainerTest {
  @TempDir private Path base;

  @BeforeEach
  void makeTree() throws IOException {
    Files.createDirectories(base.resolve("a/real"));
    Files.writeString(base.resolve("a/real/file"), "inside");
    Files.createSymbolicLink(base.resolve("link"), Path.of("/a/real"));
    Files.createSymbolicLink(base.resolve("up"), Path.of("../../../a/real/file"));
  }

  @Test
  void linksInTheBaseAreThoseOfARootDirectory() {
    Mount directory = Mount.bind("/link", "/tmp/d").within(base.toString());
    Mount file = Mount.bind("/up", "/tmp/f").within(base.toString());
    Mount below = Mount.rbind("/../a", "/tmp/r").within(base.toString()).readOnly();
    String script = "cat /tmp/d/file /tmp/f /tmp/r/real/file; touch /tmp/r/x || echo refused";
    assertThat(run(sh(script).mount(directory, file, below)).output())
        .isEqualTo("insideinsideinsiderefused");
  }

  @Test
  void whatTheBaseDoesNotHaveIsToldByTheStart() {
    Mount mount = Mount.bind(base.toString(), "/tmp/d").within(base.toString());
    assertThat(catchThrowable(() -> run(sh("true").mount(mount))))
        .isInstanceOf(ContainerException.class)
        .hasMessageContaining("ENOENT")
        .hasMessageContaining("the source must exist in its base");
  }

  @Test
  void aBaseThatIsNoDirectoryIsToldBeforeTheStart() {
    Mount missing = Mount.bind("/x", "/tmp/d").within("/no/base");
    Mount file = Mount.bind("/x", "/tmp/f").within(base + "/a/real/file");
    assertThat(catchThrowable(() -> sh("true").mount(missing, file).build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("base of a bind source /no/base does not exist")
        .hasMessageContaining("/a/real/file is not a directory");
  }
}
