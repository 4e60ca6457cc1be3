package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.PID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.Errno;
import dev.belljar.linux.testing.Machine;
import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.rootfs.Rootfs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mistakes of the caller, and what the machine lacks: each told clearly, and nothing left. */
@MakesMounts
class WrongUseTest extends ContainerTest {
  @TempDir private Path dir;

  private static void failsWith(ContainerBuilder builder, Errno errno, String... words) {
    assertThatThrownBy(builder::start)
        .isInstanceOfSatisfying(
            ContainerException.class,
            failure -> {
              assertThat(failure.error()).contains(errno);
              assertThat(failure.getSuppressed()).isEmpty();
            })
        .hasMessageStartingWith("starting a container: ")
        .hasMessageContaining(errno.name() + " (" + errno.number())
        .hasMessageContainingAll(words);
    assertThat(Await.children()).isEmpty();
  }

  @Test
  void anUnknownCommandIsNamed() {
    failsWith(Container.builder().command("nonesuch"), Errno.ENOENT, "find the command nonesuch");
  }

  @Test
  void aRootThatIsNoDirectoryIsNamed() throws Exception {
    Path none = dir.resolve("none");
    Path file = Files.createFile(dir.resolve("file"));
    assertThatThrownBy(() -> resident().rootfs(Rootfs.directory(none)).start())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rootfs directory " + none + " does not exist");
    assertThatThrownBy(() -> resident().rootfs(Rootfs.directory(file)).start())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("rootfs directory " + file + " is not a directory");
  }

  @Test
  void aRootThatIsRemovedAfterTheCheckIsNamed() throws Exception {
    Path root = Files.createDirectory(dir.resolve("root"));
    ContainerBuilder builder = resident().rootfs(Rootfs.directory(root));
    ContainerSpec spec = builder.build();
    Files.delete(root);
    assertThatThrownBy(spec::start)
        .isInstanceOf(ContainerException.class)
        .hasMessageContaining("ENOENT")
        .hasMessageContaining(root.toString());
  }

  @Test
  void aMissingWorkingDirectoryIsNamed() {
    failsWith(sh("true").workingDirectory("/none"), Errno.ENOENT, "/none");
  }

  @Test
  @RequiresRoot
  void aUserWhoIsNotMappedIsNamed() {
    failsWith(
        sh("true").idMap(dev.belljar.linux.IdMap.single(0, 1000)).user(5, 0),
        Errno.EINVAL,
        "become user 5");
  }

  @Test
  void allMistakesAreToldAtOnceAndNothingIsTouched() {
    Machine before = Machine.now();
    assertThatThrownBy(() ->
            Container.builder()
                .command("")
                .environment("A=B", "x")
                .workingDirectory("here")
                .hostname("")
                .namespaces(PID)
                .rootfs(Rootfs.host())
                .memory(-1)
                .pids(-2)
                .cpuShares(-3)
                .cpus(-4)
                .user(-1, 0)
                .cgroupParent("/a/../b")
                .timeout(Duration.ZERO)
                .start())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(
            "the command's name is empty",
            "'A=B' is no name",
            "workingDirectory must be",
            "hostname must have",
            "rootfs needs MOUNT",
            "memory",
            "pids",
            "cpuShares",
            "cpus",
            "ids are 0 to 4294967294, not -1",
            "..",
            "timeout must be positive");
    assertThat(Machine.now().differencesFrom(before)).isEmpty();
  }
}
