package dev.belljar.cgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.controller.Pids;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.CoreFilesV2;
import dev.belljar.cgroups.hierarchy.GroupMembers;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.WarmUp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A group is joined, frozen, killed and removed as one, in whatever hierarchies it is. */
@KernelTest
class CgroupLifeTest {
  private static final Resources LIMITS = Resources.builder().pids(50).build();
  private static final long SELF = ProcessHandle.current().pid();

  @WarmUp
  static void makeAGroupOnce() throws Exception {
    if (missing().isEmpty()) {
      Cgroup.create("warm-up", LIMITS).close();
      JvmCgroups.release();
    }
  }

  private static List<String> missing() {
    return CgroupPlacement.find(CgroupRequest.of(LIMITS).killable(true)).missing().stream()
        .map(Object::toString)
        .toList();
  }

  @BeforeEach
  void needsAPlace() {
    Assumptions.assumeTrue(missing().isEmpty(), () -> "needs a place for groups: " + missing());
  }

  @AfterEach
  void letTheGroupsGo() {
    JvmCgroups.release();
  }

  private static Process sleeping() throws IOException {
    return new ProcessBuilder("sleep", "1000").start();
  }

  private static void end(Process process) {
    process.destroyForcibly().onExit().join();
  }

  private static Map<Hierarchy, Optional<BytePath>> groupsOf(Cgroup group, long pid) {
    Map<Hierarchy, Optional<BytePath>> all = new HashMap<>();
    group.hierarchies().forEach(hierarchy -> all.put(hierarchy, hierarchy.groupOf(pid)));
    return all;
  }

  @Test
  void aProcessIsAttachedInAllHierarchies() throws Exception {
    Process process = sleeping();
    try (Cgroup group = Cgroup.create("attached", LIMITS)) {
      assertThat(group.isPopulated()).isFalse();

      group.attach(process.pid());

      assertThat(group.isPopulated()).isTrue();
      assertThat(group.threads()).containsExactly(process.pid());
      groupsOf(group, process.pid())
          .forEach((hierarchy, path) -> assertThat(path).contains(group.path(hierarchy)));
    } finally {
      end(process);
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("pids")
  void aProcessThatOneHierarchyRefusesGoesBackInAllOthers() throws Exception {
    Process process = sleeping();
    Resources two = Resources.builder().pids(50).cpuShares(512).build();
    try (Cgroup group = Cgroup.create("refused", two)) {
      Map<Hierarchy, Optional<BytePath>> before = groupsOf(group, process.pid());
      Hierarchy last = group.hierarchies().getLast();
      Files.delete(group.path(last).toPath());

      assertThatExceptionOfType(LinuxException.class).isThrownBy(() -> group.attach(process.pid()));

      assertThat(groupsOf(group, process.pid())).isEqualTo(before);
    } finally {
      end(process);
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("pids")
  void oneThreadIsAttachedWhereThreadsCanBeParted() throws Exception {
    try (Cgroup group = Cgroup.create("thread", LIMITS)) {
      AtomicReference<Throwable> failure = new AtomicReference<>();
      Thread thread =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  long tid = ownTid();
                  group.attachThread(tid);
                  CgroupDirectory pids = group.in(Subsystem.PIDS);
                  assertThat(new GroupMembers(pids).threads()).containsExactly(tid);
                } catch (Throwable e) {
                  failure.set(e);
                }
              });
      thread.join();
      assertThat(failure.get()).isNull();
      TestGroup.until(
          "the thread has left", () -> group.in(Subsystem.PIDS).read("tasks").isEmpty());
    }
  }

  private static long ownTid() throws IOException {
    Path self = Files.readSymbolicLink(Path.of("/proc/thread-self")); // <pid>/task/<tid>
    return Long.parseLong(self.getFileName().toString());
  }

  @Test
  void aFrozenGroupStandsUntilItIsThawed() throws Exception {
    Process process = sleeping();
    try (Cgroup group = Cgroup.create("frozen", LIMITS)) {
      group.attach(process.pid());

      group.freeze();

      assertThat(group.isFrozen()).isTrue();
      group.thaw();
      assertThat(group.isFrozen()).isFalse();
      group.freeze();
      group.kill(); // also while frozen
      assertThat(process.waitFor()).isEqualTo(128 + 9);
    } finally {
      end(process);
    }
  }

  @Test
  void theGroupOfTheJvmIsNeitherFrozenNorKilledNorClosed() throws Exception {
    try (Cgroup group = Cgroup.create("own", LIMITS)) {
      Map<Hierarchy, Optional<BytePath>> before = groupsOf(group, SELF);
      group.attach(SELF);
      try {
        assertThatIllegalStateException().isThrownBy(group::freeze);
        assertThatIllegalStateException().isThrownBy(group::kill);
        assertThatIllegalStateException().isThrownBy(group::close);
        assertThat(group.processes()).contains(SELF);
      } finally {
        for (Hierarchy hierarchy : group.hierarchies()) {
          try (CgroupDirectory old =
              CgroupDirectory.open(hierarchy, before.get(hierarchy).orElseThrow())) {
            old.attach(SELF);
          }
        }
      }
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV2
  void theProcessesOfAThreadedGroupAreKilledAndThoseBesideItAreNot() throws Exception {
    Process process = sleeping();
    Process beside = sleeping();
    Resources none = Resources.builder().build(); // since many controllers are not for threads
    CgroupRequest request = CgroupRequest.of(none).under(ForeignGroups.NAME);
    try (Cgroup group = CgroupPlacement.find(request).create("threaded").orElseThrow()) {
      Hierarchy v2 = CgroupLayout.current().v2().orElseThrow();
      new CoreFilesV2(group.directory(v2)).makeThreaded();
      try (CgroupDirectory domain =
          CgroupDirectory.open(v2, group.path(v2).parent().orElseThrow())) {
        domain.attach(process.pid());
        domain.attach(beside.pid());
        group.attachThread(process.pid());

        group.kill();

        assertThat(process.waitFor()).isEqualTo(128 + 9);
        assertThat(domain.processes()).containsExactly(beside.pid());
        assertThat(beside.isAlive()).isTrue();
      } finally {
        end(beside);
      }
    } finally {
      end(process);
    }
  }

  @Test
  void aGroupOpenedByItsPathIsKnownAsTheLibrarysOwn() {
    try (Cgroup group = Cgroup.create("opened", LIMITS)) {
      for (Hierarchy hierarchy : group.hierarchies()) {
        try (CgroupDirectory opened = CgroupDirectory.open(hierarchy, group.path(hierarchy))) {
          opened.remove();
          assertThat(opened.path().toPath()).doesNotExist();
        }
      }
    }
  }

  @Test
  void aTypedControllerStandsOnTheGroup() {
    try (Cgroup group = Cgroup.create("typed", LIMITS)) {
      Pids pids = new Pids(group.in(Subsystem.PIDS));
      assertThat(pids.max()).isEqualTo(Limit.of(50));

      pids.setMax(Limit.of(60));

      assertThat(group.pidsLimit()).contains(Limit.of(60));
      for (Hierarchy hierarchy : group.hierarchies()) {
        assertThat(group.directory(hierarchy).path()).isEqualTo(group.path(hierarchy));
      }
      assertThatIllegalArgumentException().isThrownBy(() -> group.in(Subsystem.RDMA));
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("pids")
  void onAHybridMachineTheTwinOfVersion2TellsWhetherTheGroupIsFrozen() throws Exception {
    Process process = sleeping();
    try (Cgroup group = Cgroup.create("twin", LIMITS)) {
      Optional<Hierarchy> v2 =
          group.hierarchies().stream()
              .filter(hierarchy -> hierarchy.version() == CgroupVersion.V2)
              .findFirst();
      Assumptions.assumeTrue(v2.isPresent(), "needs version 2 beside version 1");
      group.attach(process.pid());
      group.freeze();

      assertThat(group.directory(v2.get()).read("cgroup.events")).contains("frozen 1");
    } finally {
      end(process);
    }
  }
}
