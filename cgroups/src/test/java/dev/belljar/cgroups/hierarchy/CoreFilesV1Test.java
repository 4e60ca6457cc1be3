package dev.belljar.cgroups.hierarchy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.coverage.ReadsBack;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import org.junit.jupiter.api.Test;

@KernelTest
class CoreFilesV1Test {
  @Test
  @RequiresRoot
  @RequiresCgroupV1("pids")
  void aGroupInheritsWhetherItNotifies() {
    try (TestGroup test = TestGroup.v1(Subsystem.PIDS)) {
      CoreFilesV1 files = new CoreFilesV1(test.directory());
      assertThat(files.isNotifyOnRelease()).isFalse();

      files.setNotifyOnRelease(true);

      assertThat(files.isNotifyOnRelease()).isTrue();
      try (CgroupDirectory inner = test.directory().create("inner")) {
        assertThat(new CoreFilesV1(inner).isNotifyOnRelease()).isTrue();
      }
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("cpuset")
  @Proves("cgroup.clone_children")
  void aCpusetClonesItsSettingsToItsChildren() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPUSET)) {
      CoreFilesV1 files = new CoreFilesV1(test.directory());
      String parent = test.directory().read("cpuset.cpus");

      assertThat(cpusOfNewChild(test, "plain")).isEmpty();
      files.setCloneChildren(true);
      assertThat(files.isCloneChildren()).isTrue();
      assertThat(cpusOfNewChild(test, "clone")).isEqualTo(parent).isNotEmpty();
    }
  }

  /** Made by mkdir alone: the library fills the cpuset itself. */
  private static String cpusOfNewChild(TestGroup test, String name) {
    try {
      java.nio.file.Files.createDirectory(test.directory().path().toPath().resolve(name));
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    try (CgroupDirectory child = test.directory().child(name)) {
      return child.read("cpuset.cpus");
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("pids")
  @ReadsBack(value = "cgroup.sane_behavior", why = "it is 0 on every hierarchy since Linux 4.5")
  void noHierarchyBehavesSanely() {
    try (TestGroup test = TestGroup.v1(Subsystem.PIDS);
        CgroupDirectory root =
            CgroupDirectory.open(
                test.directory().hierarchy(), test.directory().hierarchy().mountPoint())) {
      org.junit.jupiter.api.Assumptions.assumeTrue(
          root.has("cgroup.sane_behavior"), "needs the root of the hierarchy to be visible");
      assertThat(new CoreFilesV1(root).isSaneBehavior()).isFalse();
    }
  }

  @Test
  @RequiresCgroupV2
  void aGroupOfVersion2HasOtherFiles() {
    try (TestGroup test = TestGroup.v2()) {
      assertThatIllegalArgumentException().isThrownBy(() -> new CoreFilesV1(test.directory()));
    }
  }
}
