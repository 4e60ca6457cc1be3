package dev.belljar.cgroups.hierarchy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.coverage.ReadsBack;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV2;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@KernelTest
class CoreFilesV2Test {
  @Test
  @RequiresCgroupV2
  @Proves("cgroup.max.depth")
  void noGroupIsMadeDeeperThanTheDepth() {
    try (TestGroup test = TestGroup.v2()) {
      CoreFilesV2 files = new CoreFilesV2(test.directory());
      assertThat(files.maxDepth()).isEmpty();

      files.setMaxDepth(OptionalInt.of(1));

      assertThat(files.maxDepth()).hasValue(1);
      try (CgroupDirectory one = test.directory().create("one")) {
        assertThatExceptionOfType(LinuxException.class)
            .isThrownBy(() -> one.create("two"))
            .withMessageContaining(CoreErrors.TOO_DEEP_OR_MANY.cause());
        files.setMaxDepth(OptionalInt.empty());
        one.create("two").close();
      }
    }
  }

  @Test
  @RequiresCgroupV2
  @Proves("cgroup.max.descendants")
  void noMoreGroupsAreMadeThanTheDescendants() {
    try (TestGroup test = TestGroup.v2()) {
      CoreFilesV2 files = new CoreFilesV2(test.directory());
      files.setMaxDescendants(OptionalInt.of(2));
      test.directory().create("one").close();
      test.directory().create("two").close();

      assertThatExceptionOfType(LinuxException.class)
          .isThrownBy(() -> test.directory().create("three"))
          .withMessageContaining(CoreErrors.TOO_DEEP_OR_MANY.cause());

      files.setMaxDescendants(OptionalInt.empty());
      assertThat(files.maxDescendants()).isEmpty();
      test.directory().create("three").close();
    }
  }

  @Test
  @RequiresCgroupV2
  void aNegativeLimitIsRefused() {
    try (TestGroup test = TestGroup.v2()) {
      CoreFilesV2 files = new CoreFilesV2(test.directory());
      assertThatIllegalArgumentException().isThrownBy(() -> files.setMaxDepth(OptionalInt.of(-1)));
    }
  }

  @Test
  @RequiresCgroupV2
  @ReadsBack(
      value = {
        "cgroup.controllers",
        "cgroup.subtree_control",
        "cpu.pressure",
        "io.pressure",
        "memory.pressure"
      },
      why = "version 2 of a hybrid machine has no controllers to hand down, nor waits to show")
  void whatAGroupWithoutControllersSaysIsRead() {
    try (TestGroup test = TestGroup.v2()) {
      CoreFilesV2 files = new CoreFilesV2(test.directory());
      assertThat(test.directory().read("cgroup.subtree_control")).isEmpty();
      assertThat(test.directory().read("cgroup.controllers")).doesNotContain("\n");
      assertThat(files.descendants().living()).isZero();
      for (String resource : List.of("cpu", "io", "memory")) {
        if (test.directory().has(resource + ".pressure")) {
          assertThat(test.directory().read(resource + ".pressure")).startsWith("some avg10=");
        }
      }
    }
  }

  @Test
  @RequiresCgroupV2
  @Proves("cgroup.stat")
  void theGroupsBelowAreCounted() {
    try (TestGroup test = TestGroup.v2();
        CgroupDirectory a = test.directory().create("a");
        CgroupDirectory b = a.create("b")) {
      DescendantCounts counts = new CoreFilesV2(test.directory()).descendants();

      assertThat(counts.living()).isEqualTo(2);
      assertThat(counts.all()).containsEntry("nr_descendants", 2L);
      assertThat(new CoreFilesV2(b).descendants().living()).isZero();
    }
  }

  @Test
  @RequiresCgroupV2
  @Proves("cgroup.events")
  void aGroupIsPopulatedWhileAProcessIsBelow() throws Exception {
    try (TestGroup test = TestGroup.v2();
        CgroupDirectory inner = test.directory().create("inner")) {
      CoreFilesV2 files = new CoreFilesV2(test.directory());
      assertThat(files.isPopulated()).isFalse();

      Process process = test.runIn(inner, "exec sleep 1000");

      assertThat(files.isPopulated()).isTrue();
      process.destroyForcibly().waitFor();
      TestGroup.until("the group is empty", () -> !files.isPopulated());
    }
  }

  @Test
  @RequiresCgroupV2
  @Proves("cgroup.type")
  void aThreadedGroupMakesItsParentTheRootOfADomain() {
    try (TestGroup test = TestGroup.v2();
        CgroupDirectory threaded = test.directory().create("threaded");
        CgroupDirectory below = threaded.create("below")) {
      CoreFilesV2 parent = new CoreFilesV2(test.directory());
      assertThat(parent.type()).isEqualTo(GroupType.DOMAIN);

      new CoreFilesV2(threaded).makeThreaded();

      assertThat(new CoreFilesV2(threaded).type()).isEqualTo(GroupType.THREADED);
      assertThat(parent.type()).isEqualTo(GroupType.DOMAIN_THREADED);
      assertThat(new CoreFilesV2(below).type()).isEqualTo(GroupType.DOMAIN_INVALID);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aTypeIsParsedAsItIsPrinted(GroupType type) {
    assertThat(GroupType.parse(type.text())).isEqualTo(type);
  }

  @Test
  @RequiresCgroupV2("pids")
  @Proves({"cgroup.controllers", "cgroup.subtree_control"})
  void aControllerGivesTheChildrenItsFilesWhileItIsEnabled() {
    try (TestGroup test = TestGroup.v2(Subsystem.PIDS);
        CgroupDirectory child = test.directory().create("child")) {
      CoreFilesV2 files = new CoreFilesV2(test.directory());
      assertThat(files.controllers()).contains(Subsystem.PIDS);
      assertThat(files.enabled()).isEmpty();
      assertThat(child.has("pids.max")).isFalse();

      files.enable(Subsystem.PIDS);

      assertThat(files.enabled()).isEqualTo(Set.of(Subsystem.PIDS));
      assertThat(child.has("pids.max")).isTrue();
      assertThat(new CoreFilesV2(child).controllers()).isEqualTo(Set.of(Subsystem.PIDS));
      files.disable(Subsystem.PIDS);
      assertThat(child.has("pids.max")).isFalse();
    }
  }

  @Test
  @RequiresCgroupV2
  void aControllerThatVersion2LacksIsRefused() {
    try (TestGroup test = TestGroup.v2()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> new CoreFilesV2(test.directory()).enable(Subsystem.NET_CLS))
          .withMessageContaining("net_cls");
    }
  }

  @Test
  @RequiresCgroupV2
  @Proves("cgroup.pressure")
  void thePressureFilesAreThereWhileItIsMeasured() {
    try (TestGroup test = TestGroup.v2()) {
      CoreFilesV2 files = new CoreFilesV2(test.directory());
      Assumptions.assumeTrue(
          files.isPressureMeasured().isPresent(), "needs cgroup.pressure: Linux 6.1 with PSI");
      assertThat(files.isPressureMeasured()).contains(true);
      assertThat(names(test)).contains("cpu.pressure");

      files.setPressureMeasured(false);

      assertThat(files.isPressureMeasured()).contains(false);
      assertThat(names(test)).doesNotContain("cpu.pressure");
      files.setPressureMeasured(true);
      assertThat(names(test)).contains("cpu.pressure");
    }
  }

  private static Set<String> names(TestGroup test) {
    return test.directory().files().stream()
        .map(ControlFile::name)
        .collect(java.util.stream.Collectors.toSet());
  }
}
