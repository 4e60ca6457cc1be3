package dev.belljar.cgroups.hierarchy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroup;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Making, walking, listing, killing and removing groups in the tree of either version. */
@KernelTest
@RequiresCgroup
class CgroupDirectoryTest {

  /** A group in the tree this machine has: version 2 if it may be used, else the pids hierarchy. */
  static TestGroup anywhere() {
    return CgroupLayout.current().v2().isPresent() ? TestGroup.v2() : TestGroup.v1(Subsystem.PIDS);
  }

  private static Path path(CgroupDirectory group) {
    return group.path().toPath();
  }

  @Test
  void groupsAreMadeInGroupsAndWalkedParentsFirst() {
    try (TestGroup test = anywhere();
        CgroupDirectory a = test.directory().create("a");
        CgroupDirectory b = a.create("b");
        CgroupDirectory c = b.create("c");
        CgroupDirectory d = a.create("d")) {
      assertThat(test.directory().walk().map(BytePath::toString))
          .containsExactlyInAnyOrder("a", "a/b", "a/b/c", "a/d")
          .startsWith("a")
          .containsSubsequence("a/b", "a/b/c");
      assertThat(a.children()).containsExactlyInAnyOrder(BytePath.of("b"), BytePath.of("d"));
      assertThat(a.children()).as("listed once more").hasSize(2);
      assertThat(a.files()).isNotEmpty().isEqualTo(a.files());
      assertThat(path(c)).isDirectory();
      assertThat(path(d)).isEqualTo(path(test.directory()).resolve("a/d"));
      try (CgroupDirectory again = test.directory().descendant(BytePath.of("a/b/c"))) {
        assertThat(again.path()).isEqualTo(c.path());
      }
    }
  }

  @Test
  void aNameThatLeadsElsewhereIsRefused() {
    try (TestGroup test = anywhere()) {
      assertThatIllegalArgumentException().isThrownBy(() -> test.directory().create("../x"));
      assertThatIllegalArgumentException()
          .isThrownBy(() -> test.directory().descendant(BytePath.of("a/../..")));
      assertThatIllegalArgumentException().isThrownBy(() -> test.directory().read("../tasks"));
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> CgroupDirectory.open(test.directory().hierarchy(), BytePath.of("/sys/kernel")));
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("pids")
  void theFilesOfAVersion1GroupSayWhatTheyBelongTo() {
    try (TestGroup test = TestGroup.v1(Subsystem.PIDS)) {
      List<ControlFile> files = test.directory().files();

      assertThat(files)
          .contains(
              new ControlFile("pids.max", list(Subsystem.PIDS), false, true, true),
              new ControlFile("pids.current", list(Subsystem.PIDS), false, true, false),
              new ControlFile("tasks", list(), true, true, true),
              new ControlFile("notify_on_release", list(), true, true, true),
              new ControlFile("cgroup.procs", list(), true, true, true));
      assertThat(files).extracting(ControlFile::name).isSorted().doesNotContain("release_agent");
    }
  }

  private static Optional<Subsystem> list(Subsystem... one) {
    return List.of(one).stream().findFirst();
  }

  @Test
  @RequiresCgroupV2
  void theFilesOfAVersion2GroupSayWhatTheyBelongTo() throws Exception {
    try (TestGroup test = TestGroup.v2()) {
      List<ControlFile> files = test.directory().files();

      assertThat(files)
          .contains(
              new ControlFile("cgroup.kill", list(), true, false, true),
              new ControlFile("cgroup.events", list(), true, true, false),
              new ControlFile("cpu.stat", list(Subsystem.CPU), true, true, false));
      try (var there = Files.list(path(test.directory()))) {
        assertThat(files).hasSameSizeAs(there.toList());
      }
    }
  }

  @Test
  @RequiresCgroupV2
  @Proves({"cgroup.kill", "cgroup.procs"})
  void killEndsAllProcessesBelow() throws Exception {
    try (TestGroup test = TestGroup.v2();
        CgroupDirectory inner = test.directory().create("inner")) {
      Process outer = test.run("exec sleep 1000");
      Process nested = test.runIn(inner, "sleep 1000 & wait");

      test.directory().kill();

      assertThat(outer.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(nested.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(outer.exitValue()).isEqualTo(128 + 9);
      TestGroup.until("the group is empty", () -> test.directory().processes().isEmpty());
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("freezer")
  void killOnVersion1EndsAllProcessesBelow() throws Exception {
    try (TestGroup test = TestGroup.v1(Subsystem.FREEZER);
        CgroupDirectory inner = test.directory().create("inner")) {
      Process nested = test.runIn(inner, "sleep 1000 & sleep 1000 & wait");

      test.directory().kill();

      assertThat(nested.waitFor(60, TimeUnit.SECONDS)).isTrue();
      TestGroup.until("the group is empty", () -> test.directory().processes().isEmpty());
    }
  }

  @Test
  @RequiresCgroupV2
  void killingAThreadedGroupKillsItsWholeDomain() throws Exception {
    try (TestGroup test = TestGroup.v2();
        CgroupDirectory domain = test.directory().create("domain");
        CgroupDirectory threaded = domain.create("threaded");
        CgroupDirectory other = test.directory().create("other")) {
      new CoreFilesV2(threaded).makeThreaded();
      Process inDomain = test.runIn(domain, "exec sleep 1000");
      Process outside = test.runIn(other, "exec sleep 1000");

      threaded.kill();

      assertThat(inDomain.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(outside.isAlive()).isTrue();
      assertThat(other.processes()).containsExactly(outside.pid());
    }
  }

  @Test
  void removeWaitsForKilledProcessesAndTakesTheGroupsBelowAlong() {
    try (TestGroup test = anywhere();
        CgroupDirectory jobs = test.directory().create("jobs");
        CgroupDirectory night = jobs.create("night")) {
      test.runIn(night, "sleep 1000 & sleep 1000 & wait");

      jobs.kill();
      jobs.remove();

      assertThat(path(jobs)).doesNotExist();
      jobs.remove(); // nothing is left to do
    }
  }

  @Test
  void aGroupOfOthersIsOnlyRemovedWhenAsked() throws Exception {
    try (TestGroup test = anywhere();
        CgroupDirectory jobs = test.directory().create("jobs")) {
      Path foreign = Files.createDirectory(path(jobs).resolve("foreign"));

      assertThatIllegalStateException()
          .isThrownBy(jobs::remove)
          .withMessageContaining(foreign.toString());
      assertThat(foreign).isDirectory();

      jobs.removeIncludingForeign(Duration.ofSeconds(10));
      assertThat(path(jobs)).doesNotExist();
    }
  }

  @Test
  void aGroupMadeAnewByOthersUnderTheSameNameStays() throws Exception {
    try (TestGroup test = anywhere();
        CgroupDirectory jobs = test.directory().create("jobs")) {
      Files.delete(path(jobs));
      Files.createDirectory(path(jobs));

      jobs.removeIncludingForeign(Duration.ofSeconds(10));

      assertThat(path(jobs)).isDirectory();
    }
  }

  @Test
  void aRemovedGroupSaysThatItIsGone() {
    try (TestGroup test = anywhere();
        CgroupDirectory jobs = test.directory().create("jobs")) {
      jobs.remove();

      assertThatThrownBy(() -> jobs.read("cgroup.procs")).isInstanceOf(LinuxException.class);
    }
  }

  @Test
  void theRootIsNotRemoved() {
    Hierarchy hierarchy = CgroupLayout.current().hierarchies().getFirst();
    try (CgroupDirectory root = CgroupDirectory.open(hierarchy, hierarchy.mountPoint())) {
      assertThatIllegalArgumentException().isThrownBy(root::remove);
    }
  }
}
