package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Rootfs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Users of commands put into a running container, by the names that it has for them now. */
@MakesMounts
@RequiresTool("busybox")
class ExecUserTest extends ContainerTest {
  private static final String WHO = "id -u; id -g; id -G; echo $HOME";

  @TempDir Path folder;
  private Path root;

  @BeforeEach
  void makeRoot() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    root = Files.createDirectory(folder.resolve("root"));
    BusyboxTree.make(root);
    for (String name : List.of("proc", "sys", "dev", "tmp", "etc")) {
      Files.createDirectory(root.resolve(name));
    }
    Files.writeString(
        root.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\nme:x:77:78:Me:/home/me:\n");
    Files.writeString(root.resolve("etc/group"), "mine:x:78:\nmore:x:80:you,me\n");
  }

  private ContainerBuilder container() {
    return resident().rootfs(Rootfs.directory(root));
  }

  private static String output(ExecBuilder exec) {
    return Outcome.of(exec.command("/bin/sh", "-c", WHO).start()).output();
  }

  @ParameterizedTest
  @RequiresRoot
  @CsvSource({
    "me,77,78,78 80,/home/me",
    "77,77,78,78 80,/home/me",
    "me:more,77,80,80,/home/me",
    "root,0,0,0,/root",
    "12:13,12,13,13,/"
  })
  void areWhoTheFilesSay(String user, String uid, String gid, String groups, String home) {
    try (Container container = container().start()) {
      assertThat(output(container.exec().user(user)).lines())
          .containsExactly(uid, gid, groups, home);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void areLookedUpInWhatIsThereNow(boolean privileged) {
    ContainerBuilder builder = privileged ? container().rootless().privileged() : container();
    try (Container container = builder.start()) {
      assertThatThrownBy(() -> output(container.exec().user("late")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("the container's root has no user 'late' in /etc/passwd");
      assertThat(exec(container, "echo 'late:x:0:0::/late:' >> /etc/passwd").output()).isEmpty();
      assertThat(output(container.exec().user("late")).lines()).endsWith("/late").startsWith("0");
    }
  }

  @Test
  void areLookedUpInWhatIsMounted() throws IOException {
    Path other = Files.writeString(folder.resolve("other"), "mounted:x:0:0::/other:\n");
    ContainerBuilder builder = container().mount(Mount.bind(other.toString(), "/etc/passwd"));
    try (Container container = builder.start()) {
      assertThat(output(container.exec().user("mounted")).lines()).endsWith("/other");
    }
  }

  @Test
  void areLookedUpInRootsThatAreMadeAtTheStart() throws IOException {
    Path passwd = root.resolve("etc/passwd");
    ContainerBuilder builder =
        resident()
            .rootfs(Rootfs.empty())
            .mount(
                Mount.bind(passwd.toString(), "/etc/passwd"),
                Mount.bind(root.resolve("bin").toString(), "/bin"));
    try (Container container = builder.start()) {
      assertThat(output(container.exec().user("root")).lines()).endsWith("/root");
    }
  }

  @Test
  void areLookedUpInTheHostsFilesWithoutAnOwnRoot() {
    try (Container container = resident().namespaces(NamespaceType.UTS).start()) {
      assertThatThrownBy(() -> output(container.exec().user("nobody at all")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no user 'nobody at all'");
      assertThat(output(container.exec().user("root")).lines()).endsWith("/root");
    }
  }

  @Test
  void aHomeThatWasSaidStays() {
    try (Container container = container().environment("HOME", "/tmp").start()) {
      assertThat(output(container.exec().user("root")).lines()).endsWith("/tmp");
    }
    try (Container container = container().start()) {
      assertThat(output(container.exec().user("root").environment("HOME", "/dev")).lines())
          .endsWith("/dev");
    }
  }

  @Test
  @RequiresRoot
  void aLaterCallHolds() {
    try (Container container = container().start()) {
      assertThat(output(container.exec().user("nobody").user(1, 2)).lines()).startsWith("1", "2");
      assertThat(output(container.exec().user(1, 2).user("me")).lines()).startsWith("77", "78");
    }
  }

  @Test
  void wordsThatAreNoneAreMistakes() {
    try (Container container = container().start()) {
      assertThatThrownBy(() -> output(container.exec().user("a:b:c")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("user must be NAME or NAME:GROUP");
    }
  }

  @Test
  void aContainerThatHasEndedHasNone() {
    Container container = container().start();
    container.close();
    assertThatThrownBy(() -> output(container.exec().user("me")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("ended");
  }

  private void isRefused(String attack, String message) {
    try (Container container = container().start()) {
      assertThat(exec(container, attack).output()).isEmpty();
      assertThatThrownBy(() -> output(container.exec().user("secret")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(message);
      assertThat(exec(container, "echo usable").output()).isEqualTo("usable");
    }
  }

  /** CVE-2024-9676 and its like. */
  @Test
  void aLinkLeadsNowhereOutside() throws IOException {
    Path secret = Files.writeString(folder.resolve("passwd"), "secret:x:0:0::/:\n");
    String remove = "rm /etc/passwd; ln -s ";
    isRefused(remove + secret + " /etc/passwd", "no user 'secret'");
    isRefused(remove + "../../../../../.." + secret + " /etc/passwd", "no user 'secret'");
    isRefused("rm -r /etc; ln -s " + folder + " /etc", "no user 'secret'");
  }

  @Test
  void aMagicLinkIsNotFollowed() {
    try (Container container = container().start()) {
      String attack = "rm /etc/passwd; ln -s /proc/1/root/etc/passwd /etc/passwd";
      assertThat(exec(container, attack).output()).isEmpty();
      assertThatThrownBy(() -> output(container.exec().user("root")))
          .isInstanceOf(ContainerException.class)
          .hasMessageContaining("looking up the user 'root'")
          .hasMessageContaining("ELOOP");
    }
  }

  @Test
  void whatIsNoFileIsNeitherReadNorWaitedFor() {
    isRefused("rm /etc/passwd; busybox mkfifo /etc/passwd", "is no regular file");
    isRefused("rm /etc/passwd; ln -s /dev/zero /etc/passwd", "is no regular file");
    isRefused("rm /etc/passwd; mkdir /etc/passwd", "is no regular file");
  }

  @Test
  void aFileThatIsTooBigIsNotRead() {
    isRefused("busybox truncate -s 1G /etc/passwd", "more than 1 MiB");
  }

  /** A file by its type, of whose reading there is no end: the kernel's messages, taken away. */
  @Test
  @RequiresRoot
  void theKernelsFilesAreNotRead() {
    isRefused("rm /etc/passwd; ln -s /proc/kmsg /etc/passwd", "no user 'secret'");
  }

  /** A lease of the container's keeps whoever opens the file waiting for 45 seconds. */
  @Test
  @RequiresTool("python3")
  void aLeaseIsNotWaitedFor() throws Exception {
    String lease =
        "import fcntl,os,signal,time; signal.signal(signal.SIGIO, signal.SIG_IGN);"
            + " f=os.open('/tmp/passwd', os.O_RDWR); fcntl.fcntl(f, fcntl.F_SETLEASE,"
            + " fcntl.F_WRLCK); print('held', flush=True); time.sleep(1000)";
    Path passwd = Files.writeString(folder.resolve("leased"), "secret:x:0:0::/:\n");
    ContainerBuilder builder =
        resident()
            .mount(
                Mount.bind(passwd.toString(), "/tmp/passwd"),
                Mount.bind(passwd.toString(), "/etc/passwd"));
    try (Container container = builder.start()) {
      ContainerProcess holder = container.exec("python3", "-c", lease);
      assertThat(holder.inputReader().readLine()).isEqualTo("held");
      long before = System.nanoTime();
      assertThatThrownBy(() -> output(container.exec().user("secret")))
          .isInstanceOf(ContainerException.class)
          .hasMessageContaining("EAGAIN");
      assertThat(System.nanoTime() - before).isLessThan(DEADLINE.toNanos() / 2);
    }
  }
}
