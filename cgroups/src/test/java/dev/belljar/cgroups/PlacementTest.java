package dev.belljar.cgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belljar.cgroups.controller.DeviceRules;
import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.linux.Finding;
import dev.belljar.linux.testing.OtherJvm;
import dev.belljar.linux.testing.RequiresCgroup;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where groups go, and what is said when they cannot. */
class PlacementTest extends GroupTest {
  private static final String DELEGATION = "Delegate=yes";
  private static final long NO_PAGE = 4096; // which is no huge one

  @Test
  void onVersion1GroupsGoWhereTheJvmIs() {
    CgroupPlacement placement = CgroupPlacement.find(CgroupRequest.of(LIMITS));
    for (int i = 0; i < placement.hierarchies().size(); i++) {
      Hierarchy hierarchy = placement.hierarchies().get(i);
      if (hierarchy.version() == CgroupVersion.V1) {
        assertThat(hierarchy.own()).contains(placement.bases().get(i));
      } else {
        assertThat(hierarchy.own().orElseThrow().startsWith(placement.bases().get(i))).isTrue();
      }
    }
  }

  @Test
  void findingAPlaceMakesNothing() {
    for (Hierarchy hierarchy : hierarchies()) {
      List<String> before = groupsBelow(base(hierarchy));
      assertThat(CgroupPlacement.find(CgroupRequest.of(LIMITS)).missing()).isEmpty();
      assertThat(groupsBelow(base(hierarchy))).isEqualTo(before);
    }
  }

  private static List<String> groupsBelow(Path group) {
    try (var files = Files.list(group)) {
      return files.filter(Files::isDirectory).map(Path::toString).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aNamedParentIsMadeInEachHierarchyAndGoesWithTheLastGroup() {
    String parent = free(ForeignGroups.NAME + "/deep");
    CgroupPlacement placement = CgroupPlacement.find(CgroupRequest.of(LIMITS).under(parent));
    List<Path> made = new ArrayList<>();
    try (Cgroup group = placement.create("box").orElseThrow()) {
      assertThat(group.pidsLimit()).contains(Limit.of(20));
      assertThat(group.memoryLimit()).contains(Limit.of(64 << 20));
      assertThat(group.cpuWeight()).hasValue(59);
      for (Hierarchy hierarchy : group.hierarchies()) {
        Path expected = path(hierarchy.mountPoint()).resolve(parent);
        assertThat(path(group, hierarchy).getParent().getParent()).isEqualTo(expected);
        made.add(expected.getParent());
      }
    }
    JvmCgroups.release();
    assertThat(made).isNotEmpty().allSatisfy(group -> assertThat(group).doesNotExist());
  }

  @Test
  void aNamedParentThatWasThereStays() {
    String parent = free(ForeignGroups.NAME);
    try (ForeignGroups groups = new ForeignGroups()) {
      List<Path> there = new ArrayList<>();
      CgroupRequest request = CgroupRequest.of(LIMITS).under(parent + "/below");
      for (Hierarchy hierarchy : CgroupPlacement.find(request).hierarchies()) {
        there.add(groups.make(path(hierarchy.mountPoint()).resolve(parent)));
      }
      CgroupPlacement.find(request).create("box").orElseThrow().close();
      JvmCgroups.release();
      assertThat(there)
          .isNotEmpty()
          .allSatisfy(group -> assertThat(group).exists())
          .allSatisfy(group -> assertThat(group.resolve("below")).doesNotExist());
    }
  }

  @Test
  void aParentThatWouldLeadElsewhereIsRefused() {
    for (String parent : List.of("/absolute", "..", "a/../b", "./a")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> CgroupRequest.of(LIMITS).under(parent))
          .withMessageContaining("cgroup parent");
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroup("hugetlb")
  void limitsWithoutAFileAreKnownBeforeAnythingIsMade() throws IOException {
    Hierarchy hierarchy = CgroupLayout.current().with(Subsystem.HUGETLB).orElseThrow();
    Resources limits =
        LIMITS.toBuilder().hugepages(NO_PAGE, NO_PAGE).unified("cgroup.none", "1").build();
    try (ForeignGroups groups = new ForeignGroups()) {
      Path parent = groups.make(path(hierarchy.mountPoint()).resolve(ForeignGroups.NAME));
      CgroupRequest request = CgroupRequest.of(limits).under(ForeignGroups.NAME);
      List<String> told = new ArrayList<>();
      for (Finding finding : CgroupPlacement.find(request).missing()) {
        told.add(finding.text());
      }

      assertThat(told).anyMatch(text -> text.contains("hugepages") && text.contains("4096"));
      assertThat(told).anyMatch(text -> text.contains("unified cgroup.none 1"));
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> CgroupPlacement.find(request).create("box"))
          .withMessageContainingAll(told.toArray(String[]::new));
      assertThat(groupsBelow(parent)).isEmpty();

      CgroupPlacement lenient = CgroupPlacement.find(request.lenient(true));
      assertThat(lenient.findings()).extracting(Finding::text).containsAll(told);
      try (Cgroup group = lenient.create("box").orElseThrow()) {
        assertThat(group.findings()).extracting(Finding::text).containsOnlyOnceElementsOf(told);
        assertThat(group.pidsLimit()).contains(Limit.of(20));
      }
      JvmCgroups.release();
    }
  }

  @Test
  @RequiresRoot
  void anOrdinaryUserMayLoadNoDeviceRules() throws Exception {
    assumeTrue(DeviceLimit.lackOnV2().isEmpty(), "needs the privilege for device rules");

    assertThat(OrdinaryUser.call(DeviceLimit::lackOnV2).orElseThrow()).contains("CAP_BPF");
  }

  @Test
  @RequiresRoot
  void deviceRulesThatThisUserCannotSetOnVersion2AreKnownBefore() throws Exception {
    assumeTrue(
        CgroupLayout.current().with(Subsystem.DEVICES).isEmpty()
            && CgroupLayout.current().v2().isPresent(),
        "needs device rules on cgroup v2");
    Resources rules = Resources.builder().devices(DeviceRules.NOTHING).build();
    CgroupRequest request = CgroupRequest.of(rules).lenient(true);
    assertThat(CgroupPlacement.find(request).findings()).isEmpty();

    CgroupPlacement placement = OrdinaryUser.call(() -> CgroupPlacement.find(request));

    assertThat(placement.missing())
        .singleElement()
        .extracting(Finding::text)
        .asString()
        .contains("devices", "CAP_BPF");
    assertThat(placement.findings()).containsAll(placement.missing());
  }

  /** The controllers a group may use are those that the groups above it have enabled. */
  @Test
  @RequiresCgroupV2({"cpu", "memory", "pids"})
  void allLimitsWithoutAControllerAreToldAtOnceOnVersion2() throws IOException {
    Hierarchy v2 = CgroupLayout.current().v2().orElseThrow();
    try (ForeignGroups groups = new ForeignGroups()) {
      Path above = groups.make(base(v2).resolve(ForeignGroups.NAME));
      Files.writeString(above.resolve("cgroup.subtree_control"), "+cpu");
      Path parent = groups.make(above.resolve("poor"));
      CgroupRequest request =
          CgroupRequest.of(LIMITS).under(path(v2.mountPoint()).relativize(parent).toString());

      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> CgroupPlacement.find(request).create("box"))
          .withMessageContaining("memory 67108864")
          .withMessageContaining("controller memory")
          .withMessageContaining("pids 20")
          .withMessageContaining("controller pids")
          .matches(e -> !e.getMessage().contains(DELEGATION))
          .matches(e -> !e.getMessage().contains("cpuShares"));
      assertThat(groupsBelow(parent)).isEmpty();

      CgroupPlacement lenient = CgroupPlacement.find(request.lenient(true));
      assertThat(lenient.missing()).hasSize(2).allMatch(f -> f.kind() == Finding.Kind.MISSING);
      assertThat(lenient.findings()).containsAll(lenient.missing());
      try (Cgroup group = lenient.create("box").orElseThrow()) {
        assertThat(group.cpuWeight()).hasValue(59);
        assertThat(group.memoryLimit()).isEmpty();
        assertThat(group.pidsLimit()).isEmpty();
        assertThat(group.findings()).hasSize(2);
      }
      JvmCgroups.release();
      assertThat(read(parent.resolve("cgroup.subtree_control"))).isEmpty();
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1({"memory", "pids", "freezer"})
  @RequiresTool({"unshare", "mount"})
  void allLimitsWithoutAMountedHierarchyAreToldAtOnceOnVersion1() {
    String poor =
        ("exec unshare -m sh -c 'for h in %s %s; do mount -t tmpfs none $h || exit; done; "
                + "exec \"$@\"' sh \"$@\"")
            .formatted(mountPoint(Subsystem.MEMORY), mountPoint(Subsystem.PIDS));
    try (OtherJvm jvm = OtherJvm.start(poor, GroupMaker.class)) {
      assertThat(jvm.failureOf("create box cpu memory pids"))
          .startsWith(UnsupportedOperationException.class.getName())
          .contains("memory 67108864")
          .contains("controller memory is on no mounted hierarchy")
          .contains("pids 40")
          .contains("controller pids is on no mounted hierarchy")
          .doesNotContain(DELEGATION)
          .doesNotContain("cpuShares");
      assertThat(jvm.ask("create box lenient cpu memory pids"))
          .filteredOn(line -> line.contains("cannot be set"))
          .hasSize(2);
      jvm.end();
    }
  }

  private static String mountPoint(Subsystem subsystem) {
    return CgroupLayout.current().with(subsystem).orElseThrow().mountPoint().toString();
  }

  @Test
  @RequiresRoot
  void delegationIsNamedWhereNoGroupAboveIsWritable() throws Exception {
    CgroupRequest request = CgroupRequest.of(LIMITS);
    CgroupPlacement ofRoot = CgroupPlacement.find(request);
    assertThat(ofRoot.missing()).isEmpty();
    CgroupPlacement placement = OrdinaryUser.call(() -> CgroupPlacement.find(request));

    assertThat(placement.missing()).hasSize(4).allMatch(f -> f.kind() == Finding.Kind.MISSING);
    CgroupLayout layout = CgroupLayout.current();
    for (Finding finding : placement.missing()) {
      assertThat(finding.text()).contains("may not make groups in");
      if (layout.kind() == CgroupLayout.Kind.V2) { // nobody delegates on version 1
        assertThat(finding.text()).contains("systemd-run --user --scope -p " + DELEGATION);
      }
    }
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> placement.create("box"))
        .withMessageContainingAll("cpuShares 512", "cpus 0.5", "memory 67108864", "pids 20");

    CgroupPlacement lenient = OrdinaryUser.call(() -> CgroupPlacement.find(request.lenient(true)));
    assertThat(lenient.create("box")).isEmpty();
    assertThat(lenient.findings()).containsAll(lenient.missing());
  }
}
