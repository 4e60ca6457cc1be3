package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import org.junit.jupiter.api.Test;

@KernelTest
class FreezerReadingsTest {
  @Test
  @RequiresRoot
  @RequiresCgroupV1("freezer")
  @Proves({"freezer.state", "freezer.self_freezing", "freezer.parent_freezing"})
  void aGroupBelowAFrozenOneSaysWhoFrozeIt() {
    try (TestGroup test = TestGroup.v1(Subsystem.FREEZER);
        CgroupDirectory child = test.directory().create("child")) {
      FreezerV1 above = new FreezerV1(test.directory());
      FreezerV1 below = new FreezerV1(child);
      test.runIn(child, Busy.LOOP);
      assertThat(above.state()).isEqualTo(FreezerV1.State.THAWED);

      test.directory().write("freezer.state", "FROZEN");
      try {
        Busy.await("it is frozen", () -> below.state() == FreezerV1.State.FROZEN);
        assertThat(above.selfFreezing()).isTrue();
        assertThat(above.parentFreezing()).isFalse();
        assertThat(below.selfFreezing()).isFalse();
        assertThat(below.parentFreezing()).isTrue();
      } finally {
        test.directory().write("freezer.state", "THAWED");
      }
      assertThat(below.state()).isEqualTo(FreezerV1.State.THAWED);
      assertThat(below.parentFreezing()).isFalse();
    }
  }

  @Test
  @RequiresCgroupV2
  @Proves({"cgroup.freeze", "cgroup.events"})
  void aGroupBelowAFrozenOneIsFrozenToo() {
    try (TestGroup test = TestGroup.v2();
        CgroupDirectory child = test.directory().create("child")) {
      FreezerV2 above = new FreezerV2(test.directory());
      FreezerV2 below = new FreezerV2(child);
      test.runIn(child, Busy.LOOP);

      test.directory().write("cgroup.freeze", "1");
      try {
        Busy.await("it is frozen", () -> above.frozen() && below.frozen());
        assertThat(above.selfFreezing()).isTrue();
        assertThat(below.selfFreezing()).isFalse();
      } finally {
        test.directory().write("cgroup.freeze", "0");
      }
      Busy.await("it is thawed", () -> !above.frozen() && !below.frozen());
    }
  }
}
