package dev.belljar.rootfs.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.Finding;
import dev.belljar.linux.MountInfo;
import dev.belljar.rootfs.Rootfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootfsCheckTest {
  private static final String PROC = "21 26 0:20 / /proc rw,relatime - proc proc rw\n";

  @Test
  void theHostAndADirectoryThatExistsAreFine(@TempDir Path folder) {
    assertThat(RootfsCheck.mistakes(Rootfs.host())).isEmpty();
    assertThat(RootfsCheck.mistakes(Rootfs.directory(folder))).isEmpty();
  }

  @Test
  void aDirectoryThatDoesNotExistIsAMistake() {
    assertThat(RootfsCheck.mistakes(Rootfs.directory("/nowhere/at all")))
        .containsExactly("rootfs directory /nowhere/at all does not exist");
  }

  @Test
  void aFileIsNoRootDirectory(@TempDir Path folder) throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThat(RootfsCheck.mistakes(Rootfs.directory(file)))
        .containsExactly("rootfs directory " + file + " is not a directory");
  }

  @Test
  void sharingProcessesWithTheHostIsSaid() {
    assertThat(
            RootfsCheck.findings(
                Rootfs.host(), new RootfsSettings(false, false, true, true, false)))
        .extracting(Finding::text)
        .anyMatch(text -> text.contains("sees the host's processes"));
  }

  @Test
  void aContainerOfItsOwnHasNoFindings() {
    assertThat(
            RootfsCheck.findings(Rootfs.host(), new RootfsSettings(false, true, true, true, false)))
        .isEmpty();
  }

  @Test
  void aWritableMachineIsSaid() {
    assertThat(
            RootfsCheck.findings(
                Rootfs.directory("/"), new RootfsSettings(false, true, true, true, false)))
        .extracting(Finding::kind)
        .containsExactly(Finding.Kind.PITFALL);
  }

  @Test
  void aMountOverAPartOfProcMakesANewOneImpossible() {
    assertThat(findings(PROC + "27 21 0:5 /null /proc/kcore rw - tmpfs tmpfs rw\n"))
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.kind()).isEqualTo(Finding.Kind.MISSING);
          assertThat(finding.text()).contains("a new /proc").contains("/proc/kcore");
        });
  }

  @Test
  void aMountOnADirectoryThatIsMadeForItDoesNot() {
    assertThat(findings(PROC + "27 21 0:5 / /proc/sys/fs/binfmt_misc rw - binfmt_misc x rw\n"))
        .isEmpty();
  }

  @Test
  void oneCompleteProcAnywhereIsEnough() {
    assertThat(
            findings(
                PROC
                    + "27 21 0:5 /null /proc/kcore rw - tmpfs tmpfs rw\n"
                    + "28 26 0:20 / /mnt/proc rw - proc proc rw\n"))
        .isEmpty();
  }

  @Test
  void withoutProcThereIsNoNewOne() {
    assertThat(findings("26 1 254:0 / / rw - ext4 /dev/vda rw\n"))
        .singleElement()
        .extracting(Finding::kind)
        .isEqualTo(Finding.Kind.MISSING);
  }

  private static List<Finding> findings(String mountinfo) {
    return Overmounts.findings("proc", MountInfo.parse(mountinfo.getBytes(StandardCharsets.UTF_8)))
        .stream()
        .toList();
  }
}
