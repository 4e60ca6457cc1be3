package dev.belljar.rootfs.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Rootfs;
import dev.belljar.rootfs.launch.MountTargets.Kind;
import dev.belljar.rootfs.launch.TestContainer.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a mount appears, in a tree whose owner means no good. */
@KernelTest
@RequiresRoot
@RequiresTool("busybox")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class MountTargetsKernelTest {
  @TempDir Path folder;

  private Path tree;
  private Path volume;
  private Path file;
  private Path victim;

  @WarmUp
  static void startsSomethingOnce() {
    TestContainer.warmUp();
  }

  @BeforeEach
  void makeTrees() throws IOException {
    tree = Trees.complete(folder);
    volume = Files.createDirectory(folder.resolve("volume"));
    Files.writeString(volume.resolve("x"), "of the volume\n");
    file = Files.writeString(folder.resolve("file"), "of the file\n");
    victim = Files.createDirectory(folder.resolve("victim"));
  }

  private TestContainer container() {
    return new TestContainer().rootfs(Rootfs.directory(tree));
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private void link(String name, Object target) throws IOException {
    Files.createSymbolicLink(tree.resolve(name), Path.of(target.toString()));
  }

  @Test
  void whatIsMissingIsMade() throws IOException {
    Result result =
        container()
            .bind(volume, "/a/b/c")
            .bind(file, "/a/b/file")
            .bind(file, "/new")
            .sh("cat /a/b/c/x /a/b/file /new");
    assertThat(result.lines()).containsExactly("of the volume", "of the file", "of the file");
    assertThat(names(tree.resolve("a/b"))).containsExactly("c", "file");
    assertThat(tree.resolve("new")).isEmptyFile();
  }

  @Test
  void whatIsThereIsMountedOver() throws IOException {
    Files.createDirectory(tree.resolve("data"));
    Files.writeString(tree.resolve("one"), "hidden");
    assertThat(container().bind(volume, "/data").bind(file, "/one").sh("cat /data/x /one").lines())
        .containsExactly("of the volume", "of the file");
    assertThat(tree.resolve("one")).hasContent("hidden");
  }

  @Test
  void linksAreFollowedInsideTheRootOnly() throws IOException {
    Files.createDirectories(tree.resolve("real/deep"));
    link("inside", "real");
    link("up", "../../../../../../../../real");
    link("outside", victim);
    Files.createDirectories(Path.of(tree.toString(), victim.toString()));
    assertThat(
            container()
                .bind(volume, "/inside/deep")
                .bind(volume, "/up/new/er")
                .bind(volume, "/outside")
                .sh("cat /real/deep/x /real/new/er/x " + victim + "/x; ls " + victim)
                .lines())
        .containsExactly("of the volume", "of the volume", "of the volume", "x");
    assertThat(names(victim)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/link", "/link/a", "/link/a/b"})
  void aLinkThatLeadsNowhereInsideIsNoTarget(String target) throws IOException {
    link("link", victim.resolve("new"));
    for (Path source : List.of(volume, file)) {
      assertThatExceptionOfType(LinuxException.class)
          .isThrownBy(() -> container().bind(source, target).sh("true"))
          .withMessageContaining("is a link that leads nowhere");
    }
    assertThat(names(victim)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/proc", "/proc/sys", "/proc/sys/kernel", "/sys/kernel", "/proc/1"})
  void noLinkLeadsToAMountInProcOrSys(String target) throws IOException {
    link("link", target);
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> container().bind(volume, "/link").sh("true"))
        .withMessageContaining("a link leads into /proc or /sys");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/proc/self/root", "/proc/self/cwd", "/proc/self/fd/3"})
  void aMagicLinkIsNotFollowed(String target) throws IOException {
    link("link", target);
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> container().bind(volume, "/link").sh("true"))
        .satisfies(e -> assertThat(e.is(Errno.ELOOP)).isTrue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"/proc/self/attr/exec", "/proc/version", "/sys/kernel/mm/ksm/run"})
  void noLinkLeadsATextIntoProcOrSys(String target) throws IOException {
    link("text", target);
    TestContainer container = container().text("/text", "lies");
    if (Files.exists(Path.of(target))) {
      assertThatExceptionOfType(LinuxException.class)
          .isThrownBy(() -> container.sh("true"))
          .withMessageContaining("put /text in place")
          .withMessageContaining("a link leads into /proc or /sys");
    } else {
      container.sh("true"); // where there is no file there is nothing to replace
    }
  }

  @Test
  void aTextIsWrittenWhereNothingOfAnybodyElseIs() throws IOException {
    Files.writeString(tree.resolve("text"), "of the root");
    assertThat(
            container()
                .given(Mount.bind(BytePath.of(volume), BytePath.of("/dev")))
                .text("/text", "of the start")
                .sh("cat /text; ls -A /dev")
                .lines())
        .containsExactly("of the startx");
    assertThat(names(volume)).containsExactly("x");
  }

  @Test
  void noPathOfProcOrSysLeadsThroughALink() {
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> container().rootfs(Rootfs.host().hide("/proc/self/maps")).sh("true"))
        .withMessageContaining("a link of /proc or /sys");
  }

  @Test
  void figuresOfProcAndMountPointsOfSysCanBeMountedOn() {
    assertThat(
            container()
                .bind(file, "/proc/cpuinfo")
                .bind(volume, "/sys/fs/cgroup")
                .sh("cat /proc/cpuinfo /sys/fs/cgroup/x")
                .lines())
        .containsExactly("of the file", "of the volume");
  }

  @Test
  void aLinkToTheRootItselfIsNoTarget() throws IOException {
    link("link", "/");
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> container().bind(volume, "/link").sh("true"))
        .withMessageContaining("the path leads somewhere else now");
  }

  @Test
  void aFileIsNoTargetForADirectory() throws IOException {
    Files.writeString(tree.resolve("one"), "");
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> container().bind(volume, "/one").sh("true"))
        .withMessageContaining("a directory can only be mounted on a directory");
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> container().bind(volume, "/one/more").sh("true"))
        .withMessageContaining("ENOTDIR");
  }

  @Test
  void nothingIsMadeWhereThatIsNotAskedFor() throws IOException {
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() ->
            container()
                .bind(BytePath.of(volume), BytePath.of("/none"), Kind.DIRECTORY, false)
                .sh("true"))
        .withMessageContaining("make the target beforehand");
    assertThat(Files.exists(tree.resolve("none"))).isFalse();
  }

  @Test
  void namesAreBytes() {
    BytePath name = BytePath.ofBytes(new byte[] {'/', (byte) 0xff, '\n', (byte) 0xe4, '/', 'x'});
    String longest = "/" + "n".repeat(255) + "/" + "m".repeat(255);
    assertThat(
            container()
                .bind(BytePath.of(volume), name, Kind.DIRECTORY, true)
                .bind(BytePath.of(volume), BytePath.of(longest), Kind.DIRECTORY, true)
                .sh("cat \"/$(printf '\\377\\n\\344')/x/x\" /" + "n".repeat(255) + "/*/x")
                .lines())
        .containsExactly("of the volume", "of the volume");
  }

  @Test
  void aDeviceInAVolumeCannotBeOpened() throws Exception {
    Process mknod = new ProcessBuilder("mknod", volume + "/zero", "c", "1", "5").start();
    assertThat(mknod.waitFor()).isZero();
    assertThat(container().bind(volume, "/v").sh("cat /v/zero").output())
        .contains("Permission denied");
  }

  @Test
  @Timeout(60) // an open would wait for a reader
  void whatWouldBlockOrAnswerIsNeverOpened() throws Exception {
    Process mkfifo = new ProcessBuilder("mkfifo", tree + "/fifo", tree + "/other").start();
    assertThat(mkfifo.waitFor()).isZero();
    Process mknod = new ProcessBuilder("mknod", tree + "/device", "c", "1", "5").start();
    assertThat(mknod.waitFor()).isZero();
    TestContainer container = new TestContainer().rootfs(Rootfs.directory(tree).hide("/other"));
    assertThat(
            container
                .bind(file, "/fifo")
                .bind(file, "/device")
                .sh("cat /fifo /device; stat -c %t:%T /other")
                .lines())
        .containsExactly("of the file", "of the file", "1:3");
  }

  @Test
  void aTargetMayBeDeep() {
    String deep = "/d".repeat(200);
    assertThat(container().bind(volume, deep).sh("cat " + deep + "/x").lines())
        .containsExactly("of the volume");
  }
}
