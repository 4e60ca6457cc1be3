package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.UTS;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belljar.linux.testing.RequiresRoot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a command finds when it begins, and what of it can be found by others. */
class CleanStartTest extends ContainerTest {
  private static final String SECRET = "a-secret-word-of-this-container";

  /** Runs a command as process 1, behind an init, by exec, and without namespaces. */
  private static void everywhere(List<String> command, Consumer<String> check) {
    check.accept(run(of(command)).output());
    check.accept(run(of(command).init(true)).output());
    check.accept(run(of(command).namespaces(UTS)).output());
    try (Container container = resident().start()) {
      check.accept(Outcome.of(container.exec(command.toArray(String[]::new))).output());
    }
  }

  private static ContainerBuilder of(List<String> command) {
    return Container.builder().command(command).timeout(DEADLINE);
  }

  @Test
  void everySignalHasItsDefaultAndNoneIsBlocked() {
    everywhere(
        List.of("cat", "/proc/self/status"),
        status ->
            assertThat(status.lines().filter(line -> line.startsWith("Sig")))
                .contains(
                    "SigBlk:\t0000000000000000",
                    "SigIgn:\t0000000000000000",
                    "SigCgt:\t0000000000000000"));
  }

  @Test
  void theSoftLimitOnDescriptorsIs1024AndTheHardOneTheJvms() throws IOException {
    String hard =
        Files.readAllLines(Path.of("/proc/self/limits")).stream()
            .filter(line -> line.startsWith("Max open files"))
            .map(line -> line.split(" {2,}", -1)[2])
            .findFirst()
            .orElseThrow();
    everywhere(
        List.of("sh", "-c", "ulimit -Sn; ulimit -Hn"),
        limits -> assertThat(limits).isEqualTo("1024\n" + hard));
  }

  @Test
  void noDescriptorAbove2IsOpen() {
    everywhere(
        List.of("ls", "/proc/self/fd"), // 3 is the listing's own
        descriptors -> assertThat(descriptors).isEqualTo("0\n1\n2\n3"));
  }

  @Test
  void itsSessionKeyringIsItsOwn() throws IOException {
    Path keys = Path.of("/proc/keys");
    assumeTrue(Files.isReadable(keys), "needs keys in the kernel");
    Set<String> ofTheJvm = sessionKeyrings(Files.readString(keys));
    // Without MOUNT, where the file is not masked. Those of others may be there, too.
    Set<String> seen = sessionKeyrings(run(sh("cat /proc/keys").namespaces(UTS)).output());
    seen.removeAll(ofTheJvm);
    assertThat(seen).isNotEmpty();
  }

  /** The numbers of the session keyrings in a list of keys. */
  private static Set<String> sessionKeyrings(String keys) {
    return keys.lines()
        .filter(line -> line.contains(" _ses"))
        .map(line -> line.split(" ", 2)[0])
        .collect(Collectors.toSet());
  }

  @Test
  void itLeadsASessionAndAGroupOfItsOwn() {
    everywhere(
        List.of(
            "sh",
            "-c",
            "read pid name state parent group session rest < /proc/self/stat;"
                + " [ $session = $group ] && [ $session = $$ ] && echo $session"),
        session -> assertThat(session).isNotEmpty());
  }

  @Test
  void aSignalToItsOwnGroupDoesNotReachTheJvms() throws Exception {
    // SIGPIPE ends nearly everything but a JVM, which would survive it for the test to tell.
    Process sibling = new ProcessBuilder("sleep", "1000").start();
    try (Container container = sh("kill -PIPE 0; sleep 1000").namespaces(UTS).start()) {
      assertThat(Outcome.of(container.process()).status()).hasToString("killed by SIGPIPE");
      assertThat(sibling.isAlive()).isTrue();
    } finally {
      sibling.destroyForcibly().waitFor();
    }
  }

  @Test
  @RequiresRoot
  void theInitHoldsNothingOfItsContainer() throws IOException {
    ContainerBuilder resident =
        resident().environment("WORD", SECRET).hostname(SECRET).workingDirectory("/usr");
    try (Container container = resident.start()) {
      assertThatNothingIsToldBy(container.pid());
    }
    ContainerBuilder command =
        sh("exec cat " + SECRET + " - >&2").init(true).environment("WORD", SECRET);
    try (Container container = command.start()) {
      long init = container.process().toHandle().pid();
      assertThatNothingIsToldBy(init);
    }
  }

  private static void assertThatNothingIsToldBy(long init) throws IOException {
    Path directory = Path.of("/proc", Long.toString(init));
    Await.until("the init runs", () -> readQuietly(directory.resolve("comm")).equals("init\n"));

    assertThat(Files.readSymbolicLink(directory.resolve("exe")).toString())
        .startsWith("/memfd:belljar");
    assertThat(new String(Files.readAllBytes(directory.resolve("exe")), ISO_8859_1))
        .contains("init")
        .doesNotContain(SECRET);
    assertThat(Files.readString(directory.resolve("cmdline"))).isEqualTo("init\0");
    assertThat(Files.readString(directory.resolve("environ"))).isEmpty();
    try (Stream<Path> open = Files.list(directory.resolve("fd"))) {
      assertThat(open.map(link -> link.getFileName().toString())).containsOnly("0", "1", "2");
    }
  }

  private static String readQuietly(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "";
    }
  }
}
