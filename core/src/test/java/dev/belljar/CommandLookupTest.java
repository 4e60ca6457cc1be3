package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.UTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.Errno;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a command is looked for, and what is said when it is not there. */
class CommandLookupTest extends ContainerTest {
  @TempDir private Path dir;
  private Path first;
  private Path second;

  @BeforeEach
  void makesTwoDirectories() throws IOException {
    first = Files.createDirectory(dir.resolve("first"));
    second = Files.createDirectory(dir.resolve("second"));
  }

  private static Path program(Path path, String text, String mode) throws IOException {
    Files.writeString(path, text);
    return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  // Without MOUNT, since the files of this test may be below /tmp, which a new root has of its own.
  private ContainerBuilder tool(String... words) {
    String path = first + ":" + second + ":/usr/bin:/bin";
    return Container.builder()
        .command(words)
        .namespaces(UTS)
        .environment("PATH", path)
        .timeout(DEADLINE);
  }

  private static AbstractThrowableAssert<?, ?> failure(ContainerBuilder builder, Errno errno) {
    return assertThatThrownBy(builder::start)
        .isInstanceOfSatisfying(
            ContainerException.class, e -> assertThat(e.error()).contains(errno));
  }

  @Test
  void theFirstInPathWins() throws Exception {
    program(first.resolve("tool"), "#!/bin/sh\necho first\n", "rwxr-xr-x");
    program(second.resolve("tool"), "#!/bin/sh\necho second\n", "rwxr-xr-x");
    assertThat(run(tool("tool")).output()).isEqualTo("first");
  }

  @Test
  void whatIsMissingInOneEntryIsLookedForInTheNext() throws Exception {
    program(second.resolve("tool"), "#!/bin/sh\necho $0 $1\n", "rwxr-xr-x");
    assertThat(run(tool("tool", "a")).output()).isEqualTo(second.resolve("tool") + " a");
  }

  @Test
  void anEntryThatIsAFileIsPassedOver() throws Exception {
    Files.delete(first);
    program(first, "a file", "rw-r--r--");
    program(second.resolve("tool"), "#!/bin/sh\necho second\n", "rwxr-xr-x");
    assertThat(run(tool("tool")).output()).isEqualTo("second");
  }

  @Test
  void whatMayNotBeExecutedIsPassedOver() throws Exception {
    program(first.resolve("tool"), "#!/bin/sh\necho first\n", "rw-r--r--");
    program(second.resolve("tool"), "#!/bin/sh\necho second\n", "rwxr-xr-x");
    assertThat(run(tool("tool")).output()).isEqualTo("second");
  }

  @Test
  void whatMayNotBeExecutedIsRememberedWhenNothingElseIsFound() throws Exception {
    program(first.resolve("tool"), "#!/bin/sh\necho first\n", "rw-r--r--");
    failure(tool("tool"), Errno.EACCES).hasMessageContaining("tool");
  }

  @Test
  void aScriptWithoutAFirstLineIsGivenToTheShell() throws Exception {
    program(first.resolve("tool"), "echo script $0 $1 $2\n", "rwxr-xr-x");
    assertThat(run(tool("tool", "a", "b c")).output())
        .isEqualTo("script " + first.resolve("tool") + " a b c");
    assertThat(run(tool(first.resolve("tool").toString())).output())
        .isEqualTo("script " + first.resolve("tool"));
  }

  @Test
  void aMissingInterpreterIsSaid() throws Exception {
    program(first.resolve("tool"), "#!/no/such/interpreter\n", "rwxr-xr-x");
    failure(tool("tool"), Errno.ENOENT).hasMessageContaining("interpreter");
    failure(tool(first.resolve("tool").toString()), Errno.ENOENT)
        .hasMessageContaining("interpreter");
  }

  @Test
  void anUnknownCommandIsSaidToBe() {
    failure(tool("nonesuch"), Errno.ENOENT)
        .hasMessageContaining("nonesuch")
        .hasMessageContaining("find the command");
  }

  @Test
  void aNameWithASlashIsNotLookedFor() throws Exception {
    program(first.resolve("tool"), "#!/bin/sh\necho first\n", "rwxr-xr-x");
    failure(tool("./tool"), Errno.ENOENT);
    assertThat(run(tool("./tool").workingDirectory(first.toString())).output()).isEqualTo("first");
    assertThat(run(tool("first/tool").workingDirectory(dir.toString())).output())
        .isEqualTo("first");
    failure(tool(first + "/nonesuch"), Errno.ENOENT);
    failure(tool(first.toString()), Errno.EACCES);
  }

  @Test
  void anEmptyEntryIsTheWorkingDirectory() throws Exception {
    program(first.resolve("tool"), "#!/bin/sh\necho here\n", "rwxr-xr-x");
    for (String path : new String[] {":/bin", "/bin:", "/bin::/usr/bin", ""}) {
      ContainerBuilder builder =
          tool("tool").environment("PATH", path).workingDirectory(first.toString());
      assertThat(run(builder).output()).as(path).isEqualTo("here");
    }
  }

  @Test
  void execLooksInTheSameWay() throws Exception {
    try (Container container = resident().environment("PATH", "/none:/tmp:/usr/bin:/bin").start()) {
      exec(container, "echo 'echo script $0 $1' > /tmp/tool; chmod 755 /tmp/tool");
      assertThat(Outcome.of(container.exec("tool", "x")).output()).isEqualTo("script /tmp/tool x");
      exec(container, "chmod 644 /tmp/tool");
      assertThatThrownBy(() -> container.exec("tool")).hasMessageContaining("EACCES");
      assertThatThrownBy(() -> container.exec("nonesuch"))
          .isInstanceOf(ContainerException.class)
          .hasMessageContaining("ENOENT");
    }
  }

  @Test
  void argumentsArriveAsTheyAre() {
    String odd = "a b\tc\nd \"e\" 'f' $g \\ * é €";
    assertThat(run(tool("printf", "[%s][%s][%s]", odd, "", "end")).output())
        .isEqualTo("[" + odd + "][][end]");
  }

  @Test
  void aLongArgumentListArrives() {
    String big = "x".repeat(100_000);
    assertThat(run(tool("sh", "-c", "echo ${#1} ${#2}", "sh", big, big)).output())
        .isEqualTo("100000 100000");
  }

  @Test
  void anArgumentListThatIsTooLongIsTold() {
    String tooBig = "x".repeat(200_000); // one string may have 128 KiB
    failure(tool("true", tooBig), Errno.E2BIG);
  }
}
