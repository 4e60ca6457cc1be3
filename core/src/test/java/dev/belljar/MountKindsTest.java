package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.CGROUP;
import static dev.belljar.namespaces.NamespaceType.IPC;
import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.PID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.IdMap;
import dev.belljar.linux.MountInfo;
import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.linux.testing.RequiresKernel;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.MountTable;
import dev.belljar.rootfs.NewMount;
import dev.belljar.rootfs.Overlay;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every cell of the table in docs/mounts.md: which kind of mount is allowed to whom. */
@MakesMounts
class MountKindsTest extends ContainerTest {
  private static final String PLACE = "/tmp/m";

  /** Skips the test where the kernel lacks a type, or has not loaded it. */
  private static void assumeKnown(String type) throws IOException {
    List<String> known = Files.readAllLines(Path.of("/proc/filesystems"));
    assumeTrue(known.contains("nodev\t" + type), "needs " + type);
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
  @MethodSource("dev.belljar.Who#everybody")
  void procNeedsAnOwnPid(Who who) {
    onlyWith(who, Mount.proc(PLACE), PID);
  }

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
  void sysfsNeedsAnOwnNet(Who who) {
    onlyWith(who, Mount.sysfs(PLACE), NET);
  }

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
  void mqueueNeedsAnOwnIpc(Who who) {
    onlyWith(who, Mount.mqueue(PLACE), IPC);
  }

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
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
  @MethodSource("dev.belljar.Who#everybody")
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
  @MethodSource("dev.belljar.Who#everybody")
  void aFileSystemOfTheMachineIsForRootOnly(Who who) throws IOException {
    for (String type : List.of("tracefs", "bpf")) {
      assumeKnown(type);
      Mount mount = Mount.of(type, type, PLACE);
      if (who == Who.ROOT) {
        allowed(who, mount);
      } else {
        refused(who, mount, "in a user namespace");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
  @RequiresKernel("6.7")
  void aFileSystemThatTheKernelCallsSafeIsForEverybody(Who who) throws IOException {
    assumeKnown("binfmt_misc");
    allowed(who, Mount.of("binfmt_misc", "x", PLACE), PID, NET, IPC, CGROUP);
  }

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
  void fuseIsForEverybodyButWantsADescriptorOfItsDevice(Who who) throws IOException {
    assumeKnown("fuse");
    NewMount mount = Mount.of("fuse", "x", PLACE).option("rootmode=40000").option("user_id=0");
    assertThatExceptionOfType(ContainerException.class)
        .isThrownBy(() -> who.sh("true").mount(mount.option("group_id=0")).start())
        .withMessageContaining("EINVAL"); // who must not mount it gets EPERM
  }

  @ParameterizedTest
  @MethodSource("dev.belljar.Who#everybody")
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
  @MethodSource("dev.belljar.Who#everybody")
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
  @MethodSource("dev.belljar.Who#everybody")
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
  @MethodSource("dev.belljar.Who#everybody")
  void aBindWithinABaseNeedsNothing(Who who) {
    allowed(who, Mount.bind("/passwd", PLACE).within("/etc"), PID, NET, IPC, CGROUP);
    allowed(who, Mount.rbind("/passwd", PLACE).within("/etc"), PID, NET, IPC, CGROUP);
  }

  @Test
  void ownersAreShownThroughAMapOnlyByRootOfTheFileSystemsUser() {
    assumeTrue(!Folders.IS_ROOT, "needs an ordinary user");
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
  @MethodSource("dev.belljar.Who#everybody")
  void anUnknownTypeIsExplained(Who who) {
    assertThat(catchThrowable(() -> who.sh("true").mount(Mount.of("nonesuch", "x", PLACE)).start()))
        .hasMessageContaining("nonesuch");
  }
}
