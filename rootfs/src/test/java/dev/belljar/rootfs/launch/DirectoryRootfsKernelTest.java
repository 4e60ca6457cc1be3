package dev.belljar.rootfs.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.MountInfo;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.rootfs.DirectoryRootfs;
import dev.belljar.rootfs.Rootfs;
import dev.belljar.rootfs.launch.RootfsKernelTest.Start;
import dev.belljar.rootfs.launch.Surroundings.Propagation;
import dev.belljar.rootfs.launch.TestContainer.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a container on a directory tree sees and can do. */
@KernelTest
@RequiresRoot
@RequiresTool("busybox")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class DirectoryRootfsKernelTest {
  @TempDir Path folder;

  @WarmUp
  static void startsSomethingOnce() {
    RootfsKernelTest.startsSomethingOnce();
  }

  /** Runs a script with the tree below /mnt, which any user can reach. */
  private Result sh(Start start, DirectoryRootfs rootfs, String script) {
    try (Surroundings surroundings = Surroundings.with(Propagation.SHARED)) {
      surroundings.run("mount --bind " + folder + " /mnt");
      BytePath path = BytePath.of("/mnt/" + folder.relativize(rootfs.path().toPath()));
      return start
          .in(surroundings)
          .rootfs(new DirectoryRootfs(path, rootfs.writable(), rootfs.procOnly(), rootfs.hidden()))
          .sh(script);
    }
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @EnumSource
  void missingMountPointsAreMade(Start start) throws IOException {
    Path tree = Trees.programsOnly(folder);
    assertThat(sh(start, Rootfs.directory(tree), "ls -A /; ls /proc/1/root/bin/sh").lines())
        .containsExactly("bin", "dev", "proc", "sys", "tmp", "/proc/1/root/bin/sh");
    assertThat(names(tree)).containsExactly("bin", "dev", "proc", "sys", "tmp");
    assertThat(Files.getPosixFilePermissions(tree.resolve("tmp"))).hasSize(9);
  }

  @ParameterizedTest
  @EnumSource
  void withProcOnlyNothingElseIsMountedOrMade(Start start) throws IOException {
    Path tree = Trees.programsOnly(folder);
    Files.writeString(tree.resolve("secret"), "secret");
    DirectoryRootfs rootfs = Rootfs.directory(tree).withProcOnly().hide("/secret");
    assertThat(sh(start, rootfs, "cat /secret /proc/keys /proc/timer_list | wc -c").lines())
        .containsExactly("0");
    List<MountInfo> mounts =
        MountInfo.parse(
            sh(start, rootfs, "cat /proc/self/mountinfo")
                .output()
                .getBytes(StandardCharsets.UTF_8));
    assertThat(mounts)
        .allSatisfy(mount -> assertThat(mount.optionalFields()).isEmpty())
        .allSatisfy(
            mount -> assertThat(mount.mountPoint().toString()).matches("/|/secret|/proc(/.*)?"))
        .anySatisfy(
            mount -> assertThat(mount.mountPoint()).isEqualTo(BytePath.of("/proc/interrupts")));
    assertThat(names(tree)).containsExactly("bin", "proc", "secret");
  }

  @ParameterizedTest
  @EnumSource
  void theTreeIsWritableAndTheHostIsNotSeen(Start start) throws IOException {
    Path tree = Trees.complete(folder);
    assertThat(
            sh(
                    start,
                    Rootfs.directory(tree),
                    "echo x > /x; ls -A / /sys/fs/cgroup; cat /etc/passwd")
                .lines())
        .contains("x", "bin")
        .doesNotContain("usr", "etc")
        .anyMatch(line -> line.contains("No such file"));
    assertThat(tree.resolve("x")).hasContent("x");
  }

  @ParameterizedTest
  @EnumSource
  void onlyTheTreesMountsAreLeft(Start start) {
    Path tree = Trees.complete(folder);
    List<MountInfo> mounts =
        MountInfo.parse(
            sh(start, Rootfs.directory(tree), "cat /proc/self/mountinfo")
                .output()
                .getBytes(StandardCharsets.UTF_8));
    assertThat(mounts).filteredOn(m -> m.mountPoint().equals(BytePath.of("/"))).hasSize(1);
    assertThat(mounts)
        .allSatisfy(mount -> assertThat(mount.optionalFields()).isEmpty())
        .allSatisfy(
            mount -> assertThat(mount.mountPoint().toString()).matches("/|/(proc|sys|dev)(/.*)?"));
  }

  @ParameterizedTest
  @EnumSource
  void aReadOnlyTreeStaysAsItIs(Start start) throws IOException {
    Path tree = Trees.complete(folder);
    assertThat(
            sh(start, Rootfs.directory(tree).readOnly(), "touch /x; touch /tmp/x; ls -A /tmp")
                .lines())
        .hasSize(2)
        .allMatch(line -> line.contains("Read-only file system"));
    assertThat(names(tree.resolve("tmp"))).isEmpty();
  }

  @Test
  void aReadOnlyTreeMustHaveTheMountPoints() {
    Path tree = Trees.programsOnly(folder);
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> new TestContainer().rootfs(Rootfs.directory(tree).readOnly()).sh("true"))
        .withMessageStartingWith("mount /proc: move_mount($proc, \"\", $root, \"proc\"")
        .withMessageEndingWith("; the root directory has no directory /proc")
        .satisfies(e -> assertThat(e.is(Errno.ENOENT)).isTrue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"proc", "sys", "dev"})
  void aMountPointThatIsALinkIsRefused(String name) throws IOException {
    Path tree = Trees.programsOnly(folder);
    Path victim = Files.createDirectory(folder.resolve("victim"));
    for (String target :
        List.of("/tmp", "tmp", "bin", "../victim", victim.toString(), "/nowhere")) {
      Path link = tree.resolve(name);
      Files.createSymbolicLink(link, Path.of(target));
      for (Rootfs rootfs : List.of(Rootfs.directory(tree), Rootfs.directory(tree).readOnly())) {
        assertThatExceptionOfType(LinuxException.class)
            .isThrownBy(() -> new TestContainer().rootfs(rootfs).sh("true"))
            .withMessageContaining("/" + name + " in the root directory must be a directory");
      }
      Files.delete(link);
      for (String made : List.of("proc", "sys", "dev")) {
        Files.deleteIfExists(tree.resolve(made));
      }
    }
    assertThat(names(victim)).isEmpty();
    assertThat(names(tree)).containsExactly("bin");
  }

  @ParameterizedTest
  @EnumSource
  void aHiddenPathIsFoundInsideTheRootOnly(Start start) throws IOException {
    Path tree = Trees.complete(folder);
    Path secret = Files.writeString(Files.createDirectory(tree.resolve("etc")).resolve("s"), "s");
    Path outside = Files.writeString(folder.resolve("outside"), "outside");
    Files.createSymbolicLink(tree.resolve("link"), Path.of("/etc/s"));
    Files.createSymbolicLink(tree.resolve("up"), Path.of("../../../../../../../../etc/s"));
    Files.createSymbolicLink(tree.resolve("escape"), outside);
    DirectoryRootfs rootfs = Rootfs.directory(tree).hide("/link").hide("/escape");
    assertThat(sh(start, rootfs, "cat /etc/s /up; stat -c %t:%T /etc/s").lines())
        .containsExactly("1:3");
    assertThat(secret).hasContent("s");
    assertThat(outside).hasContent("outside");
  }

  @Test
  void deviceFilesOfTheTreeCannotBeOpened() throws Exception {
    Path tree = Trees.complete(folder);
    Process mknod = new ProcessBuilder("mknod", tree + "/zero", "c", "1", "5").start();
    assertThat(mknod.waitFor()).isZero();
    assertThat(sh(Start.ROOT, Rootfs.directory(tree), "cat /zero").output())
        .contains("Permission denied");
  }

  @Test
  void theWorkingDirectoryIsChangedInsideTheRoot() throws IOException {
    Path tree = Trees.complete(folder);
    Files.createDirectories(tree.resolve("a/b"));
    Files.createSymbolicLink(tree.resolve("link"), Path.of("../../../../a/b"));
    Files.createSymbolicLink(tree.resolve("absolute"), Path.of("/a"));
    for (String[] pathAndPwd :
        List.of(
            new String[] {"/a/b", "/a/b"},
            new String[] {"a", "/a"},
            new String[] {"/link", "/a/b"},
            new String[] {"/absolute", "/a"},
            new String[] {"/../../..", "/"},
            new String[] {"/", "/"})) {
      assertThat(
              new TestContainer()
                  .rootfs(Rootfs.directory(tree))
                  .workingDirectory(pathAndPwd[0])
                  .sh("pwd")
                  .lines())
          .containsExactly(pathAndPwd[1]);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/proc/self/fd/3", "/proc/self/root", "/proc/1/cwd", "/link"})
  void aMagicLinkIsNoWorkingDirectory(String path) throws IOException {
    Path tree = Trees.complete(folder);
    Files.createSymbolicLink(tree.resolve("link"), Path.of("/proc/self/fd/4"));
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() ->
            new TestContainer().rootfs(Rootfs.directory(tree)).workingDirectory(path).sh("pwd"))
        .withMessageStartingWith("change to the working directory " + path)
        .satisfies(e -> assertThat(e.is(Errno.ELOOP)).isTrue());
  }

  @Test
  void aMissingWorkingDirectoryIsExplained() {
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> new TestContainer().workingDirectory("/nowhere").sh("pwd"))
        .withMessageEndingWith("; the directory must exist inside the container");
  }

  @Test
  void aMissingDirectoryIsReportedByTheStepThatTakesIt() {
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> new TestContainer().rootfs(Rootfs.directory("/nowhere")).sh("true"))
        .withMessageStartingWith(
            "take the tree that becomes the root: open_tree(AT_FDCWD, \"/nowhere\"");
  }

  @Test
  void mountsBelowTheDirectoryComeAlong() {
    Path tree = Trees.complete(folder);
    try (Surroundings surroundings = Surroundings.with(Propagation.SHARED)) {
      surroundings.run(
          "mkdir %1$s/sub; mount -t tmpfs sub %1$s/sub; echo x > %1$s/sub/x".formatted(tree));
      TestContainer container = new TestContainer().in(surroundings);
      assertThat(
              container
                  .rootfs(Rootfs.directory(tree))
                  .sh("cat /sub/x; touch /sub/y && echo y")
                  .lines())
          .containsExactly("x", "y");
      assertThat(
              container
                  .rootfs(Rootfs.directory(tree).readOnly())
                  .sh("cat /sub/x; touch /sub/z")
                  .output())
          .startsWith("x\n")
          .contains("Read-only file system");
    }
  }
}
