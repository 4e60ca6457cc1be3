package dev.belljar.cgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belljar.cgroups.controller.CpuSet;
import dev.belljar.cgroups.controller.CpusetV1;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresRoot;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Processors of version 1 groups, which those above must have and those below may. */
@RequiresRoot
@RequiresCgroupV1("cpuset")
class CpusetSpanTest extends GroupTest {
  private static final String CPUS = "cpuset.cpus";
  private static final Resources FIRST = Resources.builder().cpusetCpus("0").build();
  private static final Resources BOTH = Resources.builder().cpusetCpus("0-1").build();

  private ForeignGroups foreign;
  private Hierarchy hierarchy;
  private CgroupPlacement placement;
  private CgroupDirectory base;

  @BeforeEach
  void makeABase() {
    hierarchy = CgroupLayout.current().with(Subsystem.CPUSET).orElseThrow();
    String own = read(path(hierarchy.mountPoint()).resolve(CPUS));
    assumeTrue(CpuSet.parse(own).cpus().contains(1), "needs two processors");
    foreign = new ForeignGroups();
    Path group = foreign.make(path(hierarchy.mountPoint()).resolve(ForeignGroups.NAME));
    placement = CgroupPlacement.find(CgroupRequest.of(FIRST).under(ForeignGroups.NAME));
    base = CgroupDirectory.open(hierarchy, BytePath.of(group));
    base.write(CPUS, "0-1");
  }

  @AfterEach
  void removeTheBase() {
    if (foreign != null) {
      JvmCgroups.release();
      base.close();
      foreign.close();
    }
  }

  private CgroupDirectory above(Cgroup group) {
    return CgroupDirectory.open(hierarchy, group.path(hierarchy).parent().orElseThrow());
  }

  @Test
  void groupsBelowShrinkWithItAndLeaveItRoomToGrow() {
    try (Cgroup group = placement.create("box").orElseThrow()) {
      group.update(BOTH);
      try (CgroupDirectory child = group.directory(hierarchy).create("child")) {
        assertThat(child.read(CPUS)).isEqualTo("0-1");

        group.update(Resources.builder().cpusetCpus("1").build());
        assertThat(group.read(CPUS)).isEqualTo("1");
        assertThat(child.read(CPUS)).isEqualTo("1");

        group.update(FIRST);
        assertThat(child.read(CPUS)).as("of what is left it has nothing").isEqualTo("0");

        group.update(BOTH);
        assertThat(group.read(CPUS)).isEqualTo("0-1");
        assertThat(child.read(CPUS)).isEqualTo("0");
      }
    }
  }

  @Test
  void theGroupAboveGrowsWithAnUpdateAndForANewGroup() {
    base.write(CPUS, "0");
    try (Cgroup group = placement.create("box").orElseThrow();
        CgroupDirectory above = above(group)) {
      assertThat(above.read(CPUS)).isEqualTo("0");
      base.write(CPUS, "0-1");

      CgroupRequest both = CgroupRequest.of(BOTH).under(ForeignGroups.NAME);
      try (Cgroup another = CgroupPlacement.find(both).create("another").orElseThrow()) {
        assertThat(another.read(CPUS)).isEqualTo("0-1");
        assertThat(above.read(CPUS)).isEqualTo("0-1");
      }
      above.write(CPUS, "0");

      group.update(BOTH);
      assertThat(group.read(CPUS)).isEqualTo("0-1");
      assertThat(above.read(CPUS)).isEqualTo("0-1");
    }
  }

  @Test
  void theGroupAboveIsAsBeforeWhenASiblingHasTheProcessorsForItself() {
    try (CgroupDirectory root = CgroupDirectory.open(hierarchy, hierarchy.mountPoint())) {
      assumeTrue(new CpusetV1(root).cpuExclusive(), "needs to run in the root's group");
    }
    assumeTrue(becomesExclusive(base), "needs no other group with the processors");
    try (Cgroup group = placement.create("box").orElseThrow();
        CgroupDirectory above = above(group)) {
      assertThat(becomesExclusive(above)).isTrue();
      try (CgroupDirectory sibling = above.create("sibling")) {
        group.directory(hierarchy).write(CPUS, "\n");
        sibling.write(CPUS, "0");
        assertThat(becomesExclusive(sibling)).isTrue();
        above.write(CPUS, "0");

        assertThatExceptionOfType(LinuxException.class)
            .isThrownBy(() -> group.update(BOTH))
            .matches(e -> e.is(Errno.EINVAL));

        assertThat(above.read(CPUS)).isEqualTo("0");
        assertThat(group.read(CPUS)).isEmpty();
        sibling.remove();
      }
    }
  }

  private static boolean becomesExclusive(CgroupDirectory group) {
    try {
      return new CpusetV1(group).setCpuExclusive(true).isExact();
    } catch (LinuxException overlaps) {
      return false;
    }
  }
}
