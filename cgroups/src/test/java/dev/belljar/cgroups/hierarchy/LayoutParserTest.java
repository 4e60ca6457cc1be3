package dev.belljar.cgroups.hierarchy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.linux.BytePath;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/**
 * The samples are what Linux 6.18 on x86-64 printed with some controllers on version 1 (hybrid),
 * and Linux 6.1 of Debian 12 in QEMU with version 1 or 2 alone; mounts of host folders left out.
 */
class LayoutParserTest {
  /** A bind mount of a part of the memory hierarchy over its mount point, on 6.18. */
  private static final String PART_MOUNTED_OVER =
      """
      22 26 0:21 / /sys rw,relatime - sysfs sysfs rw
      30 22 0:27 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
      34 30 0:31 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
      62 34 0:31 /box /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
      """;

  /** The same in a cgroup namespace made in /box/inner, with the hierarchy mounted anew in it. */
  private static final String NAMESPACE =
      """
      22 26 0:21 / /sys rw,relatime - sysfs sysfs rw
      30 22 0:27 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
      50 30 0:31 /../.. /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
      63 26 0:31 / /mnt rw,relatime - cgroup none rw,memory
      """;

  private static byte[] sample(String name) throws IOException {
    try (InputStream file = LayoutParserTest.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(file, name).readAllBytes();
    }
  }

  private static CgroupLayout layout(String mountInfo, String cgroup, String controllers)
      throws IOException {
    return LayoutParser.parse(sample(mountInfo), sample(cgroup), mountPoint -> controllers);
  }

  private static CgroupLayout layoutOf(String mountInfo, String cgroup) {
    return LayoutParser.parse(
        mountInfo.getBytes(UTF_8), cgroup.getBytes(UTF_8), mountPoint -> "cpu memory");
  }

  @Test
  void aHybridMachineHasEachSubsystemInOneHierarchy() throws IOException {
    CgroupLayout layout = layout("mountinfo-hybrid-6.18", "cgroup-hybrid-6.18", "hugetlb\n");

    assertThat(layout.kind()).isEqualTo(CgroupLayout.Kind.HYBRID);
    assertThat(layout.hierarchies()).hasSize(10);
    assertThat(layout.hierarchies().getFirst().version()).isEqualTo(CgroupVersion.V2);
    assertThat(layout.with(Subsystem.HUGETLB)).isEqualTo(layout.v2());
    assertThat(layout.with(Subsystem.CPU).orElseThrow().mountPoint())
        .hasToString("/sys/fs/cgroup/cpu");
    assertThat(layout.with(Subsystem.NET_CLS)).isEmpty();
  }

  @Test
  void theGroupOfTheJvmDiffersByHierarchy() throws IOException {
    CgroupLayout layout = layout("mountinfo-hybrid-6.18", "cgroup-hybrid-6.18", "");

    assertThat(layout.with(Subsystem.MEMORY).orElseThrow().own().orElseThrow().toString())
        .startsWith("/sys/fs/cgroup/memory/process_api/");
    assertThat(layout.with(Subsystem.PIDS).orElseThrow().own())
        .contains(BytePath.of("/sys/fs/cgroup/pids"));
  }

  @Test
  void aNamedHierarchyHasANameAndNoSubsystems() throws IOException {
    CgroupLayout layout = layout("mountinfo-hybrid-6.18", "cgroup-hybrid-6.18", "");

    assertThat(layout.hierarchies())
        .filteredOn(hierarchy -> hierarchy.name().equals("systemd"))
        .singleElement()
        .satisfies(systemd -> {
          assertThat(systemd.subsystems()).isEmpty();
          assertThat(systemd).hasToString("cgroup v1 name=systemd at /sys/fs/cgroup/systemd");
        });
  }

  @Test
  void version1AloneHasNoVersion2Tree() throws IOException {
    CgroupLayout layout = layout("mountinfo-v1-6.1", "cgroup-v1-6.1", "");

    assertThat(layout.kind()).isEqualTo(CgroupLayout.Kind.V1);
    assertThat(layout.hierarchies()).hasSize(14);
    assertThat(layout.with(Subsystem.BLKIO).orElseThrow().subsystems())
        .containsExactly(Subsystem.BLKIO);
  }

  @Test
  void version2AloneHasAllItsControllersInOneHierarchy() throws IOException {
    CgroupLayout layout =
        layout(
            "mountinfo-v2-6.1", "cgroup-v2-6.1", "cpuset cpu io memory hugetlb pids rdma misc\n");

    assertThat(layout.kind()).isEqualTo(CgroupLayout.Kind.V2);
    assertThat(layout.hierarchies())
        .singleElement()
        .satisfies(v2 -> {
          assertThat(v2.subsystems()).contains(Subsystem.CPU, Subsystem.BLKIO, Subsystem.PIDS);
          assertThat(v2.own()).contains(BytePath.of("/sys/fs/cgroup/session/leaf"));
        });
  }

  @Test
  void aMountThatCoversAnotherHidesIt() {
    CgroupLayout layout = layoutOf(PART_MOUNTED_OVER, "4:memory:/box/inner\n");

    assertThat(layout.hierarchies())
        .singleElement()
        .satisfies(memory ->
            assertThat(memory.own()).contains(BytePath.of("/sys/fs/cgroup/memory/inner")));
  }

  @Test
  void whatIsCoveredItselfHidesNothingMountedLater() {
    CgroupLayout layout =
        layoutOf(
            """
            22 26 0:21 / /sys rw - sysfs sysfs rw
            30 22 0:27 / /sys/fs/cgroup rw - cgroup2 old rw
            40 22 0:21 / /sys rw - sysfs sysfs rw
            41 40 0:27 / /sys/fs/cgroup rw - cgroup2 new ro
            """,
            "0::/\n");

    assertThat(layout.v2().orElseThrow().mounts())
        .containsExactly(
            new HierarchyMount(BytePath.of("/sys/fs/cgroup"), BytePath.of("/"), false));
  }

  @Test
  void aGroupOutsideTheMountedPartIsNotVisible() {
    CgroupLayout layout = layoutOf(PART_MOUNTED_OVER, "4:memory:/elsewhere\n");

    assertThat(layout.hierarchies())
        .singleElement()
        .satisfies(memory -> assertThat(memory.own()).isEmpty());
  }

  @Test
  void inACgroupNamespaceTheMountMadeInsideIsUsed() {
    CgroupLayout layout = layoutOf(NAMESPACE, "4:memory:/\n");

    assertThat(layout.hierarchies())
        .singleElement()
        .satisfies(memory -> {
          assertThat(memory.mountPoint()).isEqualTo(BytePath.of("/mnt"));
          assertThat(memory.own()).contains(BytePath.of("/mnt"));
        });
  }

  @Test
  void everyPlaceWhereAHierarchyIsMountedIsTold() {
    String mounts =
        """
        40 30 0:28 /box /part rw - cgroup cgroup rw,memory
        41 30 0:28 / /ro ro - cgroup cgroup rw,memory
        42 30 0:28 / /all rw - cgroup cgroup rw,memory
        43 30 0:28 /../up /above rw - cgroup cgroup rw,memory
        """;

    Hierarchy memory = layoutOf(mounts, "4:memory:/box/inner\n").hierarchies().getFirst();

    assertThat(memory.id()).isEqualTo(4);
    assertThat(memory.mounts())
        .extracting(HierarchyMount::toString)
        .containsExactly("/all", "/box at /part", "/ro (read-only)", "/../up at /above");
    assertThat(memory.mounts())
        .extracting(HierarchyMount::isPart)
        .containsExactly(false, true, false, true);
    assertThat(memory.mounts().get(1).find(BytePath.of("/box/x"))).contains(BytePath.of("/part/x"));
    assertThat(memory.mounts().get(1).find(BytePath.of("/other"))).isEmpty();
  }

  @Test
  void subsystemsMountedTogetherAreOneHierarchy() {
    // as systemd mounts them; the names of the mount stand in another order
    CgroupLayout layout =
        layoutOf(
            "40 30 0:28 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid - cgroup cgroup rw,cpu,cpuacct\n",
            "3:cpuacct,cpu:/user.slice\n");

    assertThat(layout.hierarchies())
        .singleElement()
        .satisfies(cpu -> {
          assertThat(cpu.subsystems()).containsExactlyInAnyOrder(Subsystem.CPU, Subsystem.CPUACCT);
          assertThat(cpu.own()).contains(BytePath.of("/sys/fs/cgroup/cpu,cpuacct/user.slice"));
        });
  }

  @Test
  void aReadOnlyMountIsUsedOnlyWithoutAWritableOne() {
    String readOnly = "40 30 0:28 / /ro ro,nosuid - cgroup2 cgroup2 rw\n";
    String writable = "41 30 0:28 / /rw rw,nosuid - cgroup2 cgroup2 rw\n";

    assertThat(layoutOf(readOnly + writable, "0::/\n").v2().orElseThrow().mountPoint())
        .hasToString("/rw");
    assertThat(layoutOf(readOnly, "0::/\n").v2().orElseThrow().mountPoint()).hasToString("/ro");
  }

  @Test
  void aHierarchyThatIsNotMountedIsLeftOut() {
    assertThat(layoutOf("", "4:memory:/\n0::/\n")).isEqualTo(new CgroupLayout(List.of()));
    assertThat(layoutOf("", "").kind()).isEqualTo(CgroupLayout.Kind.NONE);
  }

  @Test
  void aLineWithoutAPathIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> layoutOf("", "4:memory\n"))
        .withMessageContaining("4:memory");
    assertThatIllegalArgumentException().isThrownBy(() -> layoutOf("", "x:memory:/\n"));
  }

  @Property
  void theGroupOfTheJvmIsBelowTheMountPoint(@ForAll("groups") String group) {
    Optional<BytePath> own =
        layoutOf("40 30 0:28 / /cg rw - cgroup2 cgroup2 rw\n", "0::" + group + "\n")
            .v2()
            .orElseThrow()
            .own();

    assertThat(own).contains(BytePath.of(group.equals("/") ? "/cg" : "/cg" + group));
  }

  // A group's name is any bytes but slash and newline, colons included.
  @Provide
  Arbitrary<String> groups() {
    Arbitrary<String> name =
        Arbitraries.strings()
            .withChars("abc:. \\-_@äß漢")
            .ofMinLength(1)
            .ofMaxLength(12)
            .filter(text -> !text.equals(".") && !text.equals(".."));
    return name.list()
        .ofMaxSize(6)
        .map(names -> names.isEmpty() ? "/" : "/" + String.join("/", names));
  }
}
