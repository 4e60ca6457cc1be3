package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.rootfs.Rootfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Users by the names that the container's root has for them. */
@MakesMounts
class NamedUserTest extends ContainerTest {
  @TempDir Path root;

  @BeforeEach
  void makeRoot() throws IOException {
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    for (String name : new String[] {"proc", "sys", "dev", "tmp", "etc"}) {
      Files.createDirectory(root.resolve(name));
    }
    Files.writeString(
        root.resolve("etc/passwd"),
        "root:x:0:0:root:/root:/bin/sh\n\nbroken\nme:x:77:78:Me:/home/me:/bin/sh\n5:x:99:99::/:\n");
    Files.writeString(
        root.resolve("etc/group"), "mine:x:78:\nmore:x:80:you,me\nother:x:81:you\nlast:x:82:me\n");
  }

  private ContainerBuilder as(String user) {
    return Container.builder()
        .rootfs(Rootfs.directory(root))
        .command("/bin/sh", "-c", "id -u; id -g; id -G; echo $HOME")
        .timeout(DEADLINE)
        .user(user);
  }

  @ParameterizedTest
  @RequiresRoot
  @RequiresTool("busybox")
  @CsvSource({
    "me,77,78,78 80 82,/home/me",
    "77,77,78,78 80 82,/home/me",
    "me:other,77,81,81,/home/me",
    "me:7,77,7,7,/home/me",
    "5,5,0,0,/",
    "root,0,0,0,/root",
    "12:13,12,13,13,/"
  })
  void areWhoTheFilesSay(String user, String uid, String gid, String groups, String home)
      throws Exception {
    BusyboxTree.make(root);
    assertThat(run(as(user)).output().lines()).containsExactly(uid, gid, groups, home);
  }

  @Test
  void ofTheHostAreReadInItsFiles() {
    assertThat(run(sh("id -u").user("root")).output()).isEqualTo("0");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nobody",
        "me:nobody",
        "me:",
        ":mine",
        "",
        "a:b:c",
        "4294967295",
        "me:99999999999"
      })
  void thatAreNotThereAreMistakes(String user) {
    assertThatThrownBy(() -> as(user).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching("(?s).*(user|group).*");
  }

  @Test
  void aLaterCallHolds() {
    assertThat(as("nobody").user(1, 2).build().credentials.uid()).isEqualTo(1);
    assertThat(as("nobody").user(1, 2).user("me").build().credentials.uid()).isEqualTo(77);
  }

  @Test
  void ofARootThatIsYetToBeMadeAreRefused() {
    assertThatThrownBy(() -> as("me").rootfs(Rootfs.empty()).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("needs ids");
  }

  @Test
  void linksAreFollowedInsideTheRootOnly() throws Exception {
    Files.move(root.resolve("etc/passwd"), root.resolve("tmp/passwd"));
    Files.createSymbolicLink(root.resolve("etc/passwd"), Path.of("/../../tmp/passwd"));
    assertThat(as("me").build().credentials.uid()).isEqualTo(77);
  }

  @Test
  @RequiresTool("mkfifo")
  void whatIsNoFileOrTooBigIsNotRead() throws Exception {
    Path passwd = root.resolve("etc/passwd");
    Files.delete(passwd);
    assertThat(new ProcessBuilder("mkfifo", passwd.toString()).start().waitFor()).isZero();
    assertThatThrownBy(() -> as("me").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("/etc/passwd of the container's root is no regular file");
    Files.delete(passwd);
    Files.writeString(passwd, "x".repeat((1 << 20) + 1));
    assertThatThrownBy(() -> as("me").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("more than 1 MiB");
  }
}
