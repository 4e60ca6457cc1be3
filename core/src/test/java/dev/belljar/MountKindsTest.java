package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.CGROUP;
import static dev.belljar.namespaces.NamespaceType.IPC;
import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.PID;
import static dev.belljar.namespaces.NamespaceType.UTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.IdMap;
import dev.belljar.linux.MountInfo;
import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.linux.testing.RequiresKernel;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.MountTable;
import dev.belljar.rootfs.NewMount;
import dev.belljar.rootfs.Overlay;
import dev.belljar.rootfs.Rootfs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every cell of the table in docs/mounts.md: which kind of mount is allowed to whom. */
@MakesMounts
class MountKindsTest extends ContainerTest {
  /** Who makes the mounts. */
  enum Who {
    /** The machine's root, without a USER namespace. */
    ROOT,
    /** Anybody, in a USER namespace. */
    USER;

    ContainerBuilder sh(String script, NamespaceType... without) {
      Set<NamespaceType> own = EnumSet.of(PID, MOUNT, UTS, IPC, NET, CGROUP);
      own.removeAll(Arrays.asList(without));
      ContainerBuilder builder =
          ContainerTest.sh(script).namespaces(own.toArray(NamespaceType[]::new));
      return this == USER && IS_ROOT
          ? builder.namespaces(
              Stream.concat(own.stream(), Stream.of(NamespaceType.USER))
                  .toArray(NamespaceType[]::new))
          : builder;
    }
  }

  static final boolean IS_ROOT = System.getProperty("user.name").equals("root");
  private static final String PLACE = "/tmp/m";

  static List<Who> everybody() {
    return IS_ROOT ? List.of(Who.values()) : List.of(Who.USER);
  }

  private static String output(ContainerBuilder builder) {
    return run(builder).output();
  }

  private static void allowed(Who who, Mount mount, NamespaceType... without) {
    String script = "grep ' " + mount.target() + " ' /proc/self/mountinfo";
    MountInfo made =
        MountInfo.parseLine(
            output(who.sh(script, without).mount(mount)).getBytes(StandardCharsets.UTF_8));
    assertThat(made.options()).contains("nosuid");
  }

  private static void refused(Who who, Mount mount, String why, NamespaceType... without) {
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> who.sh("true", without).mount(mount).start())
        .withMessageContaining(why)
        .withMessageContaining(mount.target().toString());
  }

  private static void onlyWith(Who who, Mount mount, NamespaceType own) {
    allowed(who, mount);
    if (who == Who.ROOT) {
      allowed(who, mount, own);
    } else {
      refused(who, mount, "needs an own " + own + " namespace", own);
    }
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void procNeedsAnOwnPid(Who who) {
    onlyWith(who, Mount.proc(PLACE), PID);
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void sysfsNeedsAnOwnNet(Who who) {
    onlyWith(who, Mount.sysfs(PLACE), NET);
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void mqueueNeedsAnOwnIpc(Who who) {
    onlyWith(who, Mount.mqueue(PLACE), IPC);
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void aHierarchyOfCgroupsNeedsAnOwnCgroup(Who who) {
    List<Mount> groups = Mount.cgroups(MountTable.current(), PLACE);
    assumeTrue(!groups.isEmpty(), "needs cgroups");
    String script = "grep -c ' - cgroup' /proc/self/mountinfo";
    int hierarchies = groups.size() == 1 ? 1 : groups.size() - 1;
    int shown = Integer.parseInt(output(who.sh(script).mount(groups)));
    assertThat(shown).isGreaterThanOrEqualTo(hierarchies);
    if (who == Who.USER) {
      refused(who, groups.getLast(), "needs an own CGROUP namespace", CGROUP);
    } else {
      allowed(who, Mount.tmpfs(PLACE), CGROUP);
      assertThat(output(who.sh(script, CGROUP).mount(groups))).isNotEqualTo("0");
    }
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void devptsTmpfsBindsAndOverlaysNeedNothing(Who who) {
    for (Mount mount :
        List.of(
            Mount.devpts(PLACE),
            Mount.tmpfs(PLACE),
            Mount.of("ramfs", "x", PLACE),
            Mount.bind("/etc/passwd", PLACE),
            Mount.rbind("/usr", PLACE))) {
      allowed(who, mount, PID, NET, IPC, CGROUP);
    }
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void aFileSystemOfTheMachineIsForRootOnly(Who who) throws IOException {
    assumeTrue(isInKernel("tracefs"), "needs tracefs in the kernel");
    Mount mount = Mount.of("tracefs", "tracefs", PLACE);
    if (who == Who.ROOT) {
      allowed(who, mount);
    } else {
      refused(who, mount, "in a user namespace");
    }
  }

  @ParameterizedTest
  @MethodSource("everybody")
  @RequiresKernel("6.7")
  void aFileSystemThatTheKernelCallsSafeIsForEverybody(Who who) throws IOException {
    assumeTrue(isInKernel("binfmt_misc"), "needs binfmt_misc in the kernel");
    allowed(who, Mount.of("binfmt_misc", "x", PLACE), PID, NET, IPC, CGROUP);
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void fuseIsForEverybodyButWantsADescriptorOfItsDevice(Who who) throws IOException {
    assumeTrue(isInKernel("fuse"), "needs fuse in the kernel");
    NewMount mount = Mount.of("fuse", "x", PLACE).option("rootmode=40000").option("user_id=0");
    assertThatExceptionOfType(ContainerException.class)
        .isThrownBy(() -> who.sh("true").mount(mount.option("group_id=0")).start())
        .withMessageContaining("EINVAL"); // who must not mount it gets EPERM
  }

  private static boolean isInKernel(String type) throws IOException {
    return Files.readString(Path.of("/proc/filesystems"))
        .lines()
        .anyMatch(("nodev\t" + type)::equals);
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void eachHierarchyOfCgroupsNeedsAnOwnCgroup(Who who) {
    List<Mount> single =
        Mount.cgroups(MountTable.current(), PLACE).stream()
            .filter(mount -> mount instanceof NewMount made && made.type().startsWith("cgroup"))
            .map(mount -> ((NewMount) mount))
            .<Mount>map(made ->
                made.type().equals("cgroup2")
                    ? Mount.cgroup2(PLACE)
                    : Mount.cgroup(
                        made.options().data().stream()
                            .map(Object::toString)
                            .collect(Collectors.joining(",")),
                        PLACE))
            .toList();
    assumeTrue(!single.isEmpty(), "needs cgroups");
    single.forEach(mount -> onlyWith(who, mount, CGROUP));
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void whatIsThrownAwayNeedsAttributesInMemoryOfAUser(Who who) throws IOException {
    List<Mount> kinds =
        List.of(
            Mount.tmpfs("/etc").copyUp(),
            Mount.overlay(Overlay.of("/usr"), PLACE),
            Mount.overlay(Overlay.of("/usr").size(1 << 20), PLACE));
    boolean possible = who == Who.ROOT || Folders.hasAttributes(Path.of("/dev/shm"));
    for (Mount mount : kinds) {
      if (possible) {
        allowed(who, mount, PID, NET, IPC, CGROUP);
      } else {
        assertThat(catchThrowable(() -> who.sh("true").mount(mount).start()))
            .isInstanceOf(UnsupportedOperationException.class)
            .hasMessageContaining("needs Linux 6.6 in a user namespace");
      }
    }
    allowed(who, Mount.overlay(Overlay.of("/usr").readOnly(), PLACE), PID, NET, IPC, CGROUP);
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void anOverlayWithAnUpperFolderIsForEverybody(Who who) throws IOException {
    Path folder = Folders.forUpper("kinds");
    Overlay overlay = Overlay.of("/usr").upper(BytePath.of(folder));
    try {
      if (who == Who.ROOT || Folders.hasAttributes(folder)) {
        allowed(who, Mount.overlay(overlay, PLACE), PID, NET, IPC, CGROUP);
      } else {
        refused(who, overlay, folder);
      }
    } finally {
      overlay.delete();
      Files.delete(folder);
    }
  }

  private static void refused(Who who, Overlay overlay, Path folder) {
    assertThat(catchThrowable(() -> who.sh("true").mount(Mount.overlay(overlay, PLACE)).start()))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining(folder + " is on a file system without attributes of users");
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void aBindWithinABaseNeedsNothing(Who who) {
    allowed(who, Mount.bind("/passwd", PLACE).within("/etc"), PID, NET, IPC, CGROUP);
    allowed(who, Mount.rbind("/passwd", PLACE).within("/etc"), PID, NET, IPC, CGROUP);
  }

  @Test
  void ownersAreShownThroughAMapOnlyByRootOfTheFileSystemsUser() {
    assumeTrue(!IS_ROOT, "needs an ordinary user");
    IdMap map = IdMap.of(0, 4242, 1);
    for (Mount mount :
        List.of(
            Mount.bind("/usr", PLACE).mapped(map),
            Mount.rbind("/usr", PLACE).mappedAsContainer(),
            Mount.overlay(Overlay.of("/usr").mapped(map).readOnly(), PLACE))) {
      assertThat(catchThrowable(() -> sh("true").mount(mount).start()))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining(
              "the owners of /usr can be shown through a map only by root of the");
    }
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void procIsReadOnlyWhenAsked(Who who) {
    String script =
        "for f in /proc/self/comm /proc/sys/net/ipv4/ip_default_ttl; do"
            + " { echo 1 > $f; } 2>/dev/null || echo refused; done";
    assertThat(output(who.sh(script).mount(Mount.proc("/proc").readOnly())).lines())
        .containsExactly("refused", "refused");
    assertThat(run(who.sh(script)).out()).isEqualTo("refused");
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void sysIsWritableWhenAsked(Who who) {
    String script = "cat /proc/self/mountinfo";
    boolean isWritable =
        MountTable.current()
            .at(BytePath.of("/sys"))
            .filter(sys -> sys.hasOption("rw") && sys.type().equals("sysfs"))
            .isPresent();
    assumeTrue(who == Who.ROOT || isWritable, "needs a writable /sys");
    for (boolean asked : List.of(true, false)) {
      ContainerBuilder builder = who.sh(script);
      if (asked) {
        builder.mount(Mount.sysfs("/sys").option("rw"));
      }
      assertThat(
              MountTable.parse((output(builder) + "\n").getBytes(StandardCharsets.UTF_8))
                  .at(BytePath.of("/sys"))
                  .orElseThrow()
                  .hasOption("rw"))
          .isEqualTo(asked);
    }
  }

  @ParameterizedTest
  @MethodSource("everybody")
  @RequiresTool("busybox")
  void aTreeWithProcOnlyHasTheSysThatWasAskedFor(Who who) throws IOException {
    Path tree = Files.createTempDirectory(Path.of("/var/tmp"), "kinds");
    try {
      BusyboxTree.make(tree);
      for (String name : List.of("proc", "sys")) {
        Files.createDirectories(tree.resolve(name));
      }
      String script = "grep ' / /sys ' /proc/self/mountinfo; ls /sys/class/net";
      assertThat(
              output(
                      who.sh(script)
                          .rootfs(Rootfs.directory(tree).withProcOnly())
                          .mount(Mount.sysfs("/sys")))
                  .lines())
          .hasSize(2)
          .endsWith("lo");
    } finally {
      Folders.delete(tree);
    }
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void anUnknownTypeIsExplained(Who who) {
    assertThat(catchThrowable(() -> who.sh("true").mount(Mount.of("nonesuch", "x", PLACE)).start()))
        .hasMessageContaining("nonesuch");
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void procTakesItsOptions(Who who) {
    String script = "cat /proc/self/mountinfo; ls /proc | grep -v '^[0-9]'";
    String out = output(who.sh(script).mount(Mount.proc("/proc").options("hidepid=2,subset=pid")));
    assertThat(out).containsPattern("/proc .* - proc proc rw,hidepid=(2|invisible),subset=pid");
    assertThat(out.lines().filter(line -> !line.contains(" - ")).toList())
        .containsExactly("self", "thread-self");
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void tmpfsTakesItsOptions(Who who) {
    String script = "stat -c %a /tmp/m; head -c 200000 /dev/zero > /tmp/m/x || echo full";
    Outcome outcome = run(who.sh(script).mount(Mount.tmpfs(PLACE).options("size=64k,mode=0700")));
    assertThat(outcome.output().lines()).containsExactly("700", "full");
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void devptsHasItsOwnPtmx(Who who) {
    String script = "exec 3<>/tmp/m/ptmx; ls /tmp/m; ls /dev/pts";
    assertThat(output(who.sh(script).mount(Mount.devpts(PLACE))).lines())
        .containsExactly("0", "ptmx", "ptmx");
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void everyAttributeIsSet(Who who) {
    for (String option :
        List.of("ro", "nosuid", "nodev", "noexec", "noatime", "nodiratime", "nosymfollow")) {
      String script = "grep ' /tmp/m ' /proc/self/mountinfo";
      String out = output(who.sh(script).mount(Mount.tmpfs(PLACE).option(option)));
      assertThat(MountInfo.parseLine(out.getBytes(StandardCharsets.UTF_8)).options())
          .contains(option);
    }
    String strict =
        output(
            who.sh("grep ' /tmp/m ' /proc/self/mountinfo")
                .mount(Mount.tmpfs(PLACE).options("strictatime,suid,dev")));
    assertThat(MountInfo.parseLine(strict.getBytes(StandardCharsets.UTF_8)).options())
        .doesNotContain("relatime", "noatime", "nosuid", "nodev");
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void sysctlsAreThoseOfTheNamespaces(Who who) throws Exception {
    String file = "/proc/sys/net/ipv4/ip_default_ttl";
    String before = Files.readString(Path.of(file));
    assertThat(output(who.sh("cat " + file).sysctl("net.ipv4.ip_default_ttl", "77")))
        .isEqualTo("77");
    assertThat(Files.readString(Path.of(file))).isEqualTo(before);
  }

  @Test
  void sysctlsOfTheMachineAreRefused() {
    assertThat(
            catchThrowable(() ->
                sh("true")
                    .namespaces(MOUNT, PID)
                    .sysctl("vm.swappiness", "1")
                    .sysctl("net.ipv4.ip_forward", "1")
                    .sysctl("kernel.hostname", "x")
                    .sysctl("../x", "1")
                    .build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("vm.swappiness belongs to no namespace")
        .hasMessageContaining("net.ipv4.ip_forward needs NET")
        .hasMessageContaining("use the builder's hostname")
        .hasMessageContaining("'../x'");
  }

  @ParameterizedTest
  @MethodSource("everybody")
  void directoriesOfTheCommandAreMade(Who who) {
    ContainerBuilder builder =
        who.sh("pwd; echo $HOME; stat -c %u:%a . $HOME")
            .workingDirectory("/tmp/a/b")
            .environment("HOME", "/tmp/home")
            .makeDirectories();
    if (who == Who.ROOT) {
      builder.user(1234, 1234);
    }
    String uid = who == Who.ROOT ? "1234" : "0";
    assertThat(output(builder).lines())
        .containsExactly("/tmp/a/b", "/tmp/home", uid + ":755", uid + ":755");
  }
}
