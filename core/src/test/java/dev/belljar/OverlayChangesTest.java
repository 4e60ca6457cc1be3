package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Overlay;
import dev.belljar.rootfs.OverlayChanges;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is told of an overlay's changes after the container's end, and what is made of it. */
@MakesMounts
class OverlayChangesTest extends ContainerTest {
  private Path dir;
  private Path lower;
  private Overlay overlay;

  @BeforeEach
  void makeFolders() throws IOException {
    dir = Folders.forUpper("changes");
    lower = Files.createDirectory(dir.resolve("lower"));
    Path upper = Files.createDirectory(dir.resolve("kept"));
    overlay = Overlay.of(lower.toString()).upper(BytePath.of(upper));
  }

  @AfterEach
  void removeFolders() throws IOException {
    if (dir != null) { // else there is no place for an upper folder, and the test was skipped
      Folders.delete(dir);
    }
  }

  private ContainerBuilder inside(String script) {
    return sh("cd /tmp/o && " + script).mount(Mount.overlay(overlay, "/tmp/o"));
  }

  private List<String> changes() {
    return overlay.changes().list().stream().map(OverlayChanges.Change::toString).toList();
  }

  private Path copyOfLower() throws Exception {
    return ChangesProperty.copy(lower, dir);
  }

  @Test
  void whatWasAddedChangedAndDeletedIsToldApart() throws Exception {
    Files.writeString(lower.resolve("changed"), "1");
    Files.writeString(lower.resolve("deleted"), "1");
    Files.writeString(lower.resolve("same"), "1");
    Files.createDirectories(lower.resolve("gone/deep"));
    Files.createDirectories(lower.resolve("replaced/old"));
    Files.createDirectory(lower.resolve("touched"));
    assertThat(changes()).isEmpty();
    String script =
        "echo 2 > changed; rm deleted; rm -r gone; mkdir -p new/dir; echo x > new/file; rm -r"
            + " replaced; mkdir replaced; echo y > replaced/young; chmod 700 touched; mkdir made;"
            + " rmdir made";
    assertThat(run(inside(script)).output()).isEmpty();
    assertThat(changes())
        .containsExactlyInAnyOrder(
            "MODIFIED changed",
            "DELETED deleted",
            "DELETED gone",
            "ADDED new",
            "ADDED new/dir",
            "ADDED new/file",
            "DELETED replaced/old",
            "ADDED replaced/young",
            "MODIFIED touched");
    Path copy = copyOfLower();
    overlay.changes().applyTo(BytePath.of(copy));
    assertThat(copy.resolve("changed")).hasContent("2\n");
    assertThat(copy.resolve("deleted")).doesNotExist();
    assertThat(copy.resolve("gone")).doesNotExist();
    assertThat(copy.resolve("replaced/old")).doesNotExist();
    assertThat(copy.resolve("replaced/young")).hasContent("y\n");
    assertThat(copy.resolve("same")).hasContent("1");
  }

  @Test
  void theUpperIsDeletedByWhoMadeIt() throws Exception {
    String script =
        "mkdir -p closed/in/side; echo x > closed/in/side/x; chmod 000 closed/in/side closed/in"
            + " closed; mkfifo pipe; ln -s /nowhere link; i=0; while [ $i -lt 200 ]; do mkdir d &&"
            + " cd d; i=$((i+1)); done";
    assertThat(run(inside(script)).output()).isEmpty();
    assertThat(changes()).hasSizeGreaterThan(200);
    overlay.delete();
    assertThat(dir.resolve("kept")).isEmptyDirectory();
    assertThat(changes()).isEmpty();
    assertThat(run(inside("ls -A")).output()).isEmpty();
  }

  @Test
  void attributesOfADirectoryAreAChange() throws Exception {
    Assumptions.assumeTrue(Folders.hasAttributes(dir), "needs user attributes");
    for (String name : List.of("set", "removed", "same")) {
      Files.createDirectory(lower.resolve(name));
    }
    Files.setAttribute(lower.resolve("removed"), "user:a", ByteBuffer.wrap(new byte[] {1}));
    Files.setAttribute(lower.resolve("same"), "user:a", ByteBuffer.wrap(new byte[] {1}));
    ContainerBuilder builder = resident().mount(Mount.overlay(overlay, "/tmp/o"));
    try (Container container = builder.start()) {
      Path seen = Path.of("/proc/" + container.pid() + "/root/tmp/o");
      Files.setAttribute(seen.resolve("set"), "user:a", ByteBuffer.wrap(new byte[] {1}));
      Files.getFileAttributeView(seen.resolve("removed"), UserDefinedFileAttributeView.class)
          .delete("a");
      Files.writeString(seen.resolve("same/new"), "");
    }
    assertThat(changes())
        .containsExactlyInAnyOrder("MODIFIED set", "MODIFIED removed", "ADDED same/new");
  }

  /** What one container left is below what the next one changes, with all its marks. */
  @Test
  void changesOnTopOfChangesAreToldByWhatWasSeenBefore() throws Exception {
    for (String name : List.of("gone", "kept")) {
      Files.writeString(lower.resolve(name), "1");
    }
    Files.createDirectories(lower.resolve("replaced/old"));
    Overlay first = overlay;
    String script = "rm gone; echo 1 > new; rm -r replaced; mkdir replaced";
    assertThat(run(inside(script)).output()).isEmpty();
    overlay =
        Overlay.of(dir.resolve("kept/upper").toString(), lower.toString())
            .upper(BytePath.of(Files.createDirectory(dir.resolve("second"))));
    script = "ls; ls replaced; rm new kept; echo 2 > gone; mkdir replaced/old";
    assertThat(run(inside(script)).output().lines()).containsExactly("kept", "new", "replaced");
    assertThat(changes())
        .containsExactlyInAnyOrder(
            "DELETED new", "DELETED kept", "ADDED gone", "ADDED replaced/old");
    Path copy = copyOfLower();
    first.changes().applyTo(BytePath.of(copy));
    overlay.changes().applyTo(BytePath.of(copy));
    assertThat(copy.resolve("gone")).hasContent("2\n");
    assertThat(copy.resolve("replaced/old")).isEmptyDirectory();
    assertThat(copy.resolve("kept")).doesNotExist();
    assertThat(copy.resolve("new")).doesNotExist();
  }

  /** Such are those of an overlay that is a layer of another one, since Linux 6.7. */
  @Test
  @RequiresUserNamespaces
  void aWhiteoutThatIsAnAttributeHidesWhatIsBelow() throws Exception {
    Assumptions.assumeTrue(Folders.hasAttributes(dir), "needs user attributes");
    Path top = Files.createDirectory(dir.resolve("top"));
    Files.writeString(lower.resolve("file"), "1");
    Path whiteout = Files.createFile(top.resolve("file"));
    Files.setAttribute(whiteout, "user:overlay.whiteout", ByteBuffer.allocate(0));
    Files.setAttribute(top, "user:overlay.opaque", ByteBuffer.wrap(new byte[] {'x'}));
    overlay = Overlay.of(top.toString(), lower.toString()).upper(overlay.upper().orElseThrow());
    String seen = run(inside("ls; echo 2 > file").rootless()).output();
    if (seen.isEmpty()) { // an older kernel shows an empty file
      assertThat(changes()).containsExactly("ADDED file");
    }
  }

  /** The copy of a closed directory is closed too, for all that leads through it. */
  @Test
  void aClosedDirectoryThatAHardLinkLeadsIntoStaysClosed() throws Exception {
    String script =
        "mkdir closed open; echo x > closed/first; ln closed/first open/second; chmod 000 closed";
    assertThat(run(inside(script)).output()).isEmpty();
    Path copy = copyOfLower();
    overlay.changes().applyTo(BytePath.of(copy));
    assertThat(Files.getPosixFilePermissions(copy.resolve("closed"))).isEmpty();
    assertThat(copy.resolve("open/second")).hasContent("x\n");
    assertThat(Files.getAttribute(copy.resolve("open/second"), "unix:nlink")).isEqualTo(2);
  }

  @Test
  void withoutAFolderNothingIsKept() {
    assertThat(catchThrowable(() -> Overlay.of("/x").changes()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void linksInTheTreeAreNotFollowed() throws Exception {
    Files.createDirectory(lower.resolve("d"));
    Files.writeString(lower.resolve("f"), "1");
    assertThat(run(inside("echo x > d/x; echo 2 > f; chmod 777 d")).output()).isEmpty();
    Path outside = Files.createDirectory(dir.resolve("outside"));
    Files.writeString(outside.resolve("f"), "canary");
    Path trap = Files.createDirectory(dir.resolve("trap"));
    Files.createSymbolicLink(trap.resolve("d"), outside);
    Files.createSymbolicLink(trap.resolve("f"), outside.resolve("f"));
    overlay.changes().applyTo(BytePath.of(trap));
    assertThat(outside.resolve("x")).doesNotExist();
    assertThat(outside.resolve("f")).hasContent("canary");
    assertThat(trap.resolve("d/x")).hasContent("x\n");
  }

  /** Names that are marks of the other kind of overlay are the container's own. */
  @ParameterizedTest
  @RequiresRoot
  @CsvSource({"false,1", "true,2", "false,3", "true,4", "false,5", "true,6"})
  void appliedToACopyOfTheLowerTheyAreWhatTheContainerSaw(boolean inUser, long seed)
      throws Exception {
    ChangesProperty.holds(dir, lower, overlay, inUser, seed);
  }
}
