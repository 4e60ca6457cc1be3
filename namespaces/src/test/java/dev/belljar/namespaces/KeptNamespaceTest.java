package dev.belljar.namespaces;

import static dev.belljar.namespaces.NamespaceType.IPC;
import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.UTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.OwnNetwork;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.WarmUp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@KernelTest
@RequiresRoot
class KeptNamespaceTest {
  private static final int MANY = 200;

  @TempDir private Path folder;

  @WarmUp
  static void makeSome() {
    InsideTest.enterOnce();
  }

  @Test
  void aKeptNamespaceLivesOnWithoutAHandleUntilItIsReleased() {
    Path file = folder.resolve("kept/net");
    Namespace made = make(NET);
    made.keep(file);
    made.close();

    try (Namespace found = Namespace.open(file)) {
      assertThat(found.inode()).isEqualTo(made.inode());
    }
    assertThat(Namespaces.all())
        .filteredOn(info -> info.inode() == made.inode())
        .singleElement()
        .satisfies(info -> assertThat(info.files()).hasSize(1));
    Namespace.release(file);
    assertThat(file.getParent()).doesNotExist();
    assertGone(made.inode());
  }

  @Test
  void twoAreKeptInOneDirectoryWhichGoesWithTheLast() throws IOException {
    Path directory = Files.createDirectory(folder.resolve("there"));
    try (Namespace net = make(NET);
        Namespace uts = make(UTS)) {
      net.keep(directory.resolve("net"));
      uts.keep(directory.resolve("uts"));
      assertThatThrownBy(() -> uts.keep(directory.resolve("net")))
          .isInstanceOfSatisfying(
              LinuxException.class, e -> assertThat(e.is(Errno.EEXIST)).isTrue());
      Namespace.release(directory.resolve("net"));
      assertThat(directory).isNotEmptyDirectory();
      Namespace.release(directory.resolve("uts"));
    }
    assertThat(directory).isEmptyDirectory(); // it was there before
    assertThatThrownBy(() -> Namespace.release(directory.resolve("uts")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aPidNamespaceIsKeptOnlyWhileItsFirstProcessLives() throws IOException {
    Path file = folder.resolve("pid/one");
    try (Namespace pid = endedOne(file)) {
      assertThatThrownBy(() -> pid.keep(file))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("has ended");
      assertThat(file).doesNotExist();
    }
  }

  /** One that was kept while its process lived. */
  private static Namespace endedOne(Path file) {
    try (NamespaceProcess process = NamespaceProcess.clone(NamespaceType.PID)) {
      Namespace pid = process.namespaces().get(NamespaceType.PID).reopen();
      pid.keep(file);
      Namespace.release(file);
      return pid;
    }
  }

  @Test
  void aDirectoryWithOtherFilesIsNotHidden() throws IOException {
    Files.createFile(folder.resolve("other"));
    try (Namespace net = make(NET)) {
      assertThatThrownBy(() -> net.keep(folder.resolve("net")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("holds other files");
    }
  }

  @Test
  @RequiresTool({"unshare", "ip"})
  void itIsGoneAfterReleaseThoughOtherMountNamespacesAreAbout() throws IOException {
    Path file = folder.resolve("kept/net");
    try (Unshared slave = new Unshared("slave")) {
      Namespace made = make(NET);
      made.keep(file);
      try (OwnNetwork other = OwnNetwork.make()) {
        other.run(
            "ip",
            "link",
            "add",
            "seen0",
            "type",
            "veth",
            "peer",
            "name",
            "end0",
            "netns",
            "/proc/%d/fd/%d".formatted(ProcessHandle.current().pid(), made.descriptor().number()));
        made.close();
        try (Unshared later = new Unshared("private")) {
          assertThat(links(other)).contains("seen0");
          Namespace.release(file);
          assertGone(made.inode());
          awaitNoLink(other, "seen0"); // which goes when the network of its peer does
          later.end();
        }
      }
      slave.end();
    }
  }

  private static String links(OwnNetwork network) {
    return network.run("ip", "-o", "link");
  }

  /** The kernel takes a network apart a little later, by a worker of its own. */
  private static void awaitNoLink(OwnNetwork network, String name) {
    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (links(network).contains(name)) {
      assertThat(System.nanoTime()).as("the network is still there").isLessThan(end);
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  @Test
  void manyAreKeptAndReleasedWithNothingLeft() {
    Set<Long> inodes = new HashSet<>();
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < MANY / 2; i++) {
      try (NamespaceSet made = NewNamespaces.of(UTS, IPC).create()) {
        for (NamespaceType type : made.types()) {
          Path file = folder.resolve("many/" + type + i);
          made.get(type).keep(file);
          files.add(file);
          inodes.add(made.get(type).inode());
        }
      }
    }
    assertThat(inodes).hasSize(MANY);
    files.forEach(Namespace::release);
    assertThat(Namespaces.all()).noneMatch(info -> inodes.contains(info.inode()));
    assertThat(folder).isEmptyDirectory();
  }

  private static Namespace make(NamespaceType type) {
    return NewNamespaces.of(type).create().get(type);
  }

  /**
   * Sees that no mount namespace holds it. Those of this machine's processes are all there are to
   * hold one.
   */
  private static void assertGone(long inode) {
    String name = "net:[" + inode + "]";
    for (ProcessHandle process : ProcessHandle.allProcesses().toList()) {
      String mounts;
      try {
        mounts =
            Files.readString(
                Path.of("/proc", Long.toString(process.pid()), "mountinfo"),
                StandardCharsets.ISO_8859_1);
      } catch (IOException ended) {
        continue;
      }
      assertThat(mounts).as(process.toString()).doesNotContain(name);
    }
  }

  /** A process in a mount namespace of its own. */
  private static final class Unshared implements AutoCloseable {
    private final Process process;

    private Unshared(String propagation) throws IOException {
      process =
          new ProcessBuilder("unshare", "-m", "--propagation", propagation, "sh", "-c", "echo; cat")
              .start();
      process.getInputStream().read(); // it is inside by now
    }

    private void end() throws IOException {
      assertThat(process.isAlive()).isTrue();
      process.getOutputStream().close();
    }

    @Override
    public void close() {
      process.destroyForcibly();
      process.onExit().join();
    }
  }
}
