package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.IPC;
import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static dev.belljar.namespaces.NamespaceType.PID;
import static dev.belljar.namespaces.NamespaceType.UTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.MountInfo;
import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.Overlay;
import dev.belljar.rootfs.Propagation;
import dev.belljar.rootfs.Rootfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Starts of one spec that begin with a copy of mounts prepared for all of them. */
@MakesMounts
@RequiresRoot
@RequiresTool("busybox")
class PreparedMountsTest extends ContainerTest {
  private static final String EVERY_MOUNT = "cat /proc/self/mountinfo";

  private static final String WRITTEN = "/tmp/w /run/w /dev/shm/w /dev/mqueue/w /dev/w";

  /** Says how many of them could be made. */
  private static final String WRITE_EVERYWHERE =
      "n=0; for f in " + WRITTEN + "; do : > $f && n=$((n+1)); done; echo $n";

  @TempDir private Path dir;

  enum Tree {
    HOST,
    DIRECTORY,
    READ_ONLY,
    PROC_ONLY;

    Rootfs rootfs(Path dir) throws IOException {
      if (this == HOST) {
        return Rootfs.host();
      }
      BusyboxTree.make(dir);
      return switch (this) {
        case DIRECTORY -> Rootfs.directory(dir);
        case READ_ONLY -> {
          for (String name : List.of("proc", "sys", "dev")) {
            Files.createDirectory(dir.resolve(name));
          }
          yield Rootfs.directory(dir).readOnly();
        }
        default -> Rootfs.directory(dir).withProcOnly();
      };
    }
  }

  static boolean isPrepared(Container container) {
    return container.plan().steps().stream().anyMatch(step -> step.call().startsWith("setns("));
  }

  private static String run(ContainerSpec spec, boolean prepared) {
    try (Container container = spec.start()) {
      assertThat(isPrepared(container)).isEqualTo(prepared);
      return Outcome.of(container.process()).output();
    }
  }

  private static List<MountInfo> mounts(String mountinfo) {
    return MountInfo.parse((mountinfo + "\n").getBytes(StandardCharsets.UTF_8));
  }

  /** What can be seen of the mounts, without the numbers that differ each time. */
  private static List<String> visible(String mountinfo) {
    return mounts(mountinfo).stream()
        .map(mount ->
            "%s %s %s %s"
                .formatted(
                    mount.mountPoint(),
                    mount.type(),
                    mount.options(),
                    mount.optionalFields().toString().replaceAll("[0-9]+", "N")))
        .sorted()
        .toList();
  }

  private static Set<BytePath> mountPoints(String mountinfo) {
    return mounts(mountinfo).stream().map(MountInfo::mountPoint).collect(Collectors.toSet());
  }

  @ParameterizedTest
  @EnumSource
  void theThirdStartOfASpecIsLikeTheFirst(Tree files) throws IOException {
    ContainerSpec spec =
        sh(EVERY_MOUNT).rootfs(files.rootfs(dir)).namespaces(PID, MOUNT, UTS, IPC).build();
    String first = run(spec, false);
    run(spec, false);
    for (int i = 0; i < 3; i++) {
      String later = run(spec, true);
      assertThat(mountPoints(later)).isEqualTo(mountPoints(first));
      if (files != Tree.PROC_ONLY) { // whose null device is another, covered by /proc
        assertThat(visible(later)).isEqualTo(visible(first));
      }
    }
  }

  @Test
  void allNamespacesCanBePreparedFor() {
    ContainerSpec spec = sh(EVERY_MOUNT + "; ls /sys/class/net /sys/fs/cgroup").build();
    String first = run(spec, false);
    run(spec, false);
    assertThat(visible(mountsOnly(run(spec, true)))).isEqualTo(visible(mountsOnly(first)));
  }

  private static String mountsOnly(String output) {
    return output.lines().filter(line -> line.contains(" - ")).collect(Collectors.joining("\n"));
  }

  @ParameterizedTest
  @EnumSource(names = {"HOST", "READ_ONLY", "PROC_ONLY"})
  void twoContainersOfOneSpecShareNothingThatCanBeWritten(Tree files) throws IOException {
    ContainerSpec spec = resident().rootfs(files.rootfs(dir)).build();
    spec.start().close();
    spec.start().close();
    try (Container one = spec.start();
        Container other = spec.start()) {
      assertThat(isPrepared(one) && isPrepared(other)).isTrue();
      List<MountInfo> mounts = mounts(exec(one, EVERY_MOUNT).output());
      Set<String> ofOne = writable(mounts);
      Set<String> ofOther = writable(mounts(exec(other, EVERY_MOUNT).output()));
      if (files == Tree.PROC_ONLY) { // but for the tree that was asked for
        ofOne.retainAll(ofOther);
        assertThat(ofOne).hasSize(1);
        return;
      }
      assertThat(ofOne).doesNotContainAnyElementsOf(ofOther).isNotEmpty();
      if (files == Tree.HOST) {
        assertThat(exec(one, WRITE_EVERYWHERE).output()).isEqualTo("5");
        assertThat(exec(other, "ls " + WRITTEN).out()).isEmpty();
        seeNoTerminalOf(one, other);
      }
      for (MountInfo mount : mounts) {
        String file = mount.mountPoint().resolve(BytePath.of("written")).toString();
        var _ = exec(one, "busybox mkdir '" + file + "'; true");
        assertThat(exec(other, "[ -e '" + file + "' ] && echo there").out()).as(file).isEmpty();
      }
    }
  }

  /** A terminal that one has open is none of the other's. */
  private static void seeNoTerminalOf(Container one, Container other) throws IOException {
    ContainerProcess holder =
        one.exec("sh", "-c", "exec 3<>/dev/ptmx; ls /dev/pts | grep -v ptmx; read x");
    assertThat(holder.inputReader().readLine()).isEqualTo("0");
    assertThat(exec(other, "ls /dev/pts").output()).isEqualTo("ptmx");
    holder.getOutputStream().close();
    assertThat(Outcome.of(holder).status()).isNotNull();
  }

  /** The numbers of the file systems that are mounted writable. */
  private static Set<String> writable(List<MountInfo> mounts) {
    assertThat(mounts).allSatisfy(mount -> assertThat(mount.optionalFields()).isEmpty());
    return mounts.stream()
        .filter(mount -> mount.hasOption("rw"))
        .map(mount -> mount.device().toString())
        .collect(Collectors.toSet());
  }

  @Test
  void whatIsMountedMeanwhileIsThereAtTheNextStart() throws Exception {
    BusyboxTree.make(dir);
    Path place = Files.createDirectory(dir.resolve("place"));
    ContainerSpec spec = sh("ls /place").rootfs(Rootfs.directory(dir)).build();
    for (int i = 0; i < 4; i++) {
      assertThat(run(spec, i >= 2)).isEmpty();
    }
    mount("mount", "-t", "tmpfs", "none", place.toString());
    try {
      Files.writeString(place.resolve("new"), "");
      assertThat(run(spec, true)).isEqualTo("new");
    } finally {
      mount("umount", place.toString());
    }
    assertThat(run(spec, true)).isEmpty();
  }

  private static void mount(String... command) throws Exception {
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
  }

  @Test
  void fileSystemsThatWereAskedForAreMadeAtEachStart() {
    ContainerSpec spec =
        sh("ls -A /tmp/m; echo x > /tmp/m/x; " + EVERY_MOUNT)
            .mount(
                Mount.tmpfs("/tmp/m").option("size=64k"),
                Mount.mqueue("/tmp/q"),
                Mount.proc("/proc").option("hidepid=2"))
            .build();
    String first = run(spec, false);
    assertThat(mountPoints(first)).contains(BytePath.of("/tmp/m"), BytePath.of("/tmp/q"));
    run(spec, false);
    for (int i = 0; i < 2; i++) {
      assertThat(visible(run(spec, true))).isEqualTo(visible(first));
    }
  }

  @Test
  void bindsAreTakenFromTheHostAtEachStart() throws IOException {
    Path tree = Files.createDirectory(dir.resolve("tree"));
    BusyboxTree.make(tree);
    Path source = Files.createDirectory(dir.resolve("source"));
    Path file = Files.writeString(source.resolve("file"), "old");
    ContainerSpec spec =
        sh("cat /tmp/ro/file; echo; echo x > /tmp/rw/written; echo x > /tmp/ro/no; " + EVERY_MOUNT)
            .rootfs(Rootfs.host().writable(source.toString()))
            .mount(
                Mount.bind(source.toString(), "/tmp/ro").readOnly(),
                Mount.rbind(source.toString(), "/tmp/rw"),
                Mount.bind(file.toString(), "/tmp/file"),
                Mount.bind("/bin", "/tmp/within").within(tree.toString()),
                Mount.rbind(source.toString(), "/tmp/slave").propagation(Propagation.RSLAVE),
                Mount.rbind(source.toString(), "/tmp/shared").propagation(Propagation.RSHARED))
            .build();
    String first = run(spec, false);
    assertThat(first).startsWith("old");
    assertThat(mountPoints(mountsOnly(first)))
        .contains(BytePath.of("/tmp/within"), BytePath.of(source.toString()));
    assertThat(source.resolve("written")).exists();
    run(spec, false);
    for (int i = 0; i < 2; i++) {
      assertThat(visible(mountsOnly(run(spec, true)))).isEqualTo(visible(mountsOnly(first)));
    }
    Files.move(source, dir.resolve("was the source"));
    Files.createDirectory(source);
    Files.writeString(file, "new");
    assertThat(run(spec, true)).startsWith("new");
    assertThat(source.resolve("written")).exists();
    assertThat(source.resolve("no")).doesNotExist();
  }

  @Test
  void nothingIsPreparedForWhoDoesNotWantItOrCannotHaveIt() throws IOException {
    BusyboxTree.make(dir);
    List<ContainerBuilder> builders = new ArrayList<>();
    builders.add(sh("").prepare(false));
    builders.add(sh("").rootless());
    builders.add(sh("").privileged());
    builders.add(sh("").rootfs(Rootfs.overlay(dir.toString())));
    builders.add(sh("").mount(Mount.overlay(Overlay.of(dir.toString()), "/tmp/m")));
    builders.add(sh("").mount(Mount.tmpfs("/etc").copyUp()));
    for (ContainerBuilder builder : builders) {
      ContainerSpec spec = builder.build();
      for (int i = 0; i < 4; i++) {
        try (Container container = spec.start()) {
          assertThat(container.plan().steps())
              .noneMatch(step -> step.purpose().contains("prepared"));
        }
      }
    }
  }

  @Test
  void aTreeThatTookTheOldOnesPlaceIsTheNextStartsRoot() throws IOException {
    Path tree = Files.createDirectory(dir.resolve("tree"));
    BusyboxTree.make(tree);
    Path next = Files.createDirectory(dir.resolve("next"));
    BusyboxTree.make(next);
    Files.writeString(next.resolve("new"), "");
    ContainerSpec spec =
        sh("[ -e /new ] && echo new || echo old").rootfs(Rootfs.directory(tree)).build();
    for (int i = 0; i < 4; i++) {
      assertThat(run(spec, i >= 2)).isEqualTo("old");
    }
    Files.move(tree, dir.resolve("old"));
    Files.move(next, tree);
    for (int i = 0; i < 3; i++) {
      assertThat(run(spec, true)).isEqualTo("new");
    }
  }

  @Test
  void aTreeThatIsFilledAnewLosesNothingOfTheNextStart() throws IOException {
    BusyboxTree.make(dir);
    Path proc = dir.resolve("proc");
    Files.createDirectory(proc);
    ContainerSpec spec =
        sh("head -c 1 /proc/kcore | wc -c").rootfs(Rootfs.directory(dir).withProcOnly()).build();
    for (int i = 0; i < 4; i++) {
      assertThat(run(spec, i >= 2)).isEqualTo("0");
    }
    Files.delete(proc); // and with it what was mounted there
    Files.createFile(dir.resolve("so that the number is not given again"));
    Files.createDirectory(proc);
    assertThat(run(spec, true)).isEqualTo("0");
  }

  @Test
  void aStartThatFailedIsFollowedByOneWithNothingPrepared() throws IOException {
    Path source = Files.writeString(dir.resolve("source"), "");
    ContainerSpec spec = sh("").mount(Mount.bind(source.toString(), "/tmp/m")).build();
    for (int i = 0; i < 4; i++) {
      assertThat(run(spec, i >= 2)).isEmpty();
    }
    Files.delete(source);
    assertThatExceptionOfType(ContainerException.class)
        .isThrownBy(spec::start)
        .withMessageContaining("take " + source + " for /tmp/m")
        .withMessageContaining("ENOENT");
    Files.writeString(source, "");
    assertThat(run(spec, false)).isEmpty();
    assertThat(run(spec, true)).isEmpty();
  }

  /**
   * The file system of the tree is gone at once when the JVM is killed: a watch on it ends then,
   * but not one on what is still mounted in some namespace.
   */
  @Test
  void aKilledJvmLeavesNoneOfIt() throws Exception {
    Effort.assumeNotEmulated(); // it takes several JVMs
    mount("mount", "-t", "tmpfs", "none", dir.toString());
    boolean isMounted = true;
    try (WatchService watches = dir.getFileSystem().newWatchService()) {
      BusyboxTree.make(dir);
      try (ChildJvm jvm =
          ChildJvm.start(
              List.of("env", "BELLJAR_TEST_TREE=" + dir),
              List.of("--enable-native-access=ALL-UNNAMED"),
              PreparesAndWaits.class)) {
        assertThat(jvm.output().readLine()).isEqualTo("prepared");
        WatchKey watch = dir.register(watches, StandardWatchEventKinds.ENTRY_CREATE);
        jvm.stop();
        mount("umount", dir.toString());
        isMounted = false;
        seeAWatchEnd(watches);
        assertThat(watch.isValid()).as("the stopped JVM still has it").isTrue();
        jvm.kill();
        Await.until("the file system is gone", () -> !watch.isValid());
      }
    } finally {
      if (isMounted) {
        mount("umount", dir.toString());
      }
      Belljar.sweep();
    }
  }

  // Events come in order: one before it would have come by then.
  private void seeAWatchEnd(WatchService watches) throws Exception {
    mount("mount", "-t", "tmpfs", "none", dir.toString());
    WatchKey other = dir.register(watches, StandardWatchEventKinds.ENTRY_CREATE);
    mount("umount", dir.toString());
    Await.until("the other watch has ended", () -> !other.isValid());
  }
}
