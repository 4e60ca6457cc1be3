package dev.belljar.cgroups.hierarchy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.WarmUp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Mounting hierarchies: on a working machine only those that group and do nothing else. */
@KernelTest
@RequiresRoot
class MountedHierarchyTest {
  /** The number of the first cgroup namespace, PROC_CGROUP_INIT_INO. */
  private static final String FIRST_NAMESPACE = "cgroup:[4026531835]";

  @TempDir Path folder;

  @WarmUp
  static void readTheStatus() throws Exception {
    SubsystemStatus.readAll();
  }

  @BeforeEach
  void needsTheFirstNamespace() throws Exception {
    assumeThat(Files.readSymbolicLink(Path.of("/proc/self/ns/cgroup")))
        .as("hierarchies are made in the first cgroup namespace only")
        .hasToString(FIRST_NAMESPACE);
  }

  private BytePath at() {
    return BytePath.of(folder);
  }

  private static String name() {
    return "belljar-" + ProcessHandle.current().pid();
  }

  private static boolean isKnown(Hierarchy hierarchy) {
    return CgroupLayout.read().hierarchies().stream().anyMatch(h -> h.id() == hierarchy.id());
  }

  @Test
  void aNamedHierarchyIsThereUntilItIsUnmounted() throws Exception {
    Hierarchy hierarchy;
    try (MountedHierarchy mounted = MountedHierarchy.named(at(), name())) {
      hierarchy = mounted.hierarchy();

      assertThat(hierarchy.version()).isEqualTo(CgroupVersion.V1);
      assertThat(hierarchy.name()).isEqualTo(name());
      assertThat(hierarchy.subsystems()).isEmpty();
      assertThat(hierarchy.mountPoint()).isEqualTo(mounted.mountPoint());
      assertThat(hierarchy.own()).contains(mounted.mountPoint());
      assertThat(Files.readString(Path.of("/proc/self/cgroup"))).contains("name=" + name());
      assertThat(CgroupLayout.current().hierarchies()).contains(hierarchy);
    }
    assertThat(Files.readString(Path.of("/proc/self/cgroup"))).doesNotContain(name());
    assertThat(isKnown(hierarchy)).isFalse();
  }

  @Test
  void anUnmountRightAfterAGroupWasRemovedEndsTheHierarchyAllTheSame() throws Exception {
    for (int i = 0; i < 20; i++) {
      try (MountedHierarchy mounted = MountedHierarchy.named(at(), name());
          CgroupDirectory root = CgroupDirectory.open(mounted.hierarchy(), mounted.mountPoint())) {
        for (int j = 0; j < 20; j++) {
          try (CgroupDirectory group = root.create("group-" + j)) {
            group.remove();
          }
        }
      }
      assertThat(Files.readString(Path.of("/proc/self/cgroup"))).doesNotContain(name());
    }
  }

  @Test
  void aHierarchyIsSeenAtEachOfItsMountPoints() throws Exception {
    Path first = Files.createDirectory(folder.resolve("first"));
    Path second = Files.createDirectory(folder.resolve("second"));
    try (MountedHierarchy one = MountedHierarchy.named(BytePath.of(first), name());
        MountedHierarchy two = MountedHierarchy.named(BytePath.of(second), name())) {
      assertThat(two.hierarchy().id()).isEqualTo(one.hierarchy().id());
      assertThat(two.hierarchy().mountPoint()).isEqualTo(two.mountPoint());
      assertThat(two.hierarchy().mounts())
          .extracting(HierarchyMount::point)
          .containsExactly(two.mountPoint(), one.mountPoint());

      two.unmount();

      assertThat(isKnown(one.hierarchy())).isTrue();
    }
    Files.delete(first);
    Files.delete(second);
  }

  @Test
  void theLastOfItsMountsWaitsForItsEndWhicheverMadeIt() throws Exception {
    Path first = Files.createDirectory(folder.resolve("first"));
    Path second = Files.createDirectory(folder.resolve("second"));
    try (MountedHierarchy one = MountedHierarchy.named(BytePath.of(first), name());
        MountedHierarchy two = MountedHierarchy.named(BytePath.of(second), name());
        CgroupDirectory root = CgroupDirectory.open(two.hierarchy(), two.mountPoint())) {
      one.unmount(); // and does not wait for what the other holds
      assertThat(isKnown(two.hierarchy())).isTrue();
      for (int i = 0; i < 20; i++) {
        try (CgroupDirectory group = root.create("group-" + i)) {
          group.remove();
        }
      }
    }
    assertThat(Files.readString(Path.of("/proc/self/cgroup"))).doesNotContain(name());
    Files.delete(first);
    Files.delete(second);
  }

  @Test
  void aFreeSubsystemLeavesVersion2UntilItsHierarchyEnds() throws Exception {
    assumeTrue(
        CgroupLayout.current().kind() == CgroupLayout.Kind.V1,
        "needs a machine that does not use version 2, from which it takes a subsystem");
    Path tree = Files.createDirectory(folder.resolve("tree"));
    Path jobs = Files.createDirectory(folder.resolve("jobs"));
    try (MountedHierarchy _ = MountedHierarchy.v2(BytePath.of(tree))) {
      Subsystem free = freeController(tree);
      String name = free.v2Name().orElseThrow();
      Path controllers = tree.resolve("cgroup.controllers");
      try (MountedHierarchy mounted = MountedHierarchy.v1(BytePath.of(jobs), Set.of(free));
          CgroupDirectory root = CgroupDirectory.open(mounted.hierarchy(), mounted.mountPoint())) {
        assertThat(mounted.hierarchy().subsystems()).containsExactly(free);
        assertThat(words(controllers)).doesNotContain(name);
        assertThat(hierarchyOf(free)).isEqualTo(mounted.hierarchy().id());
        try (CgroupDirectory group = root.create("group")) {
          assertThat(group.files()).anyMatch(file -> file.name().startsWith(free.v1Name() + "."));
          group.remove();
        }
      }
      assertThat(hierarchyOf(free)).isZero();
      assertThat(words(controllers)).contains(name);
    }
    Files.delete(tree);
    Files.delete(jobs);
  }

  /** One that no group of version 2 has enabled, so that it may be taken away. */
  private static Subsystem freeController(Path root) throws Exception {
    List<String> enabled = words(root.resolve("cgroup.subtree_control"));
    Optional<Subsystem> free =
        words(root.resolve("cgroup.controllers")).stream()
            .filter(name -> !enabled.contains(name))
            .flatMap(name -> Subsystem.named(CgroupVersion.V2, name).stream())
            .findFirst();
    assumeTrue(free.isPresent(), "needs a controller that is free to mount");
    return free.orElseThrow();
  }

  private static List<String> words(Path file) throws Exception {
    return List.of(Files.readString(file).strip().split(" "));
  }

  /** What /proc/cgroups says; -1 for a subsystem that it does not list. */
  private static int hierarchyOf(Subsystem subsystem) {
    try {
      return Files.readAllLines(Path.of("/proc/cgroups")).stream()
          .map(line -> line.split("\t"))
          .filter(fields -> fields[0].equals(subsystem.v1Name()))
          .mapToInt(fields -> Integer.parseInt(fields[1]))
          .findFirst()
          .orElse(-1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void theFolderOfAMountInUseStaysMountedAndSaysWhy() {
    try (MountedHierarchy mounted = MountedHierarchy.named(at(), name())) {
      try (CgroupDirectory root = CgroupDirectory.open(mounted.hierarchy(), mounted.mountPoint())) {
        assertThatExceptionOfType(LinuxException.class)
            .isThrownBy(mounted::unmount)
            .satisfies(e -> assertThat(e.error()).contains(Errno.EBUSY))
            .withMessageContaining("is open");
        assertThat(root.processes()).isNotEmpty();
      }
    }
  }

  @Test
  @Proves({"notify_on_release", "release_agent"})
  void theReleaseAgentIsRunWhenAGroupBecomesEmpty() throws Exception {
    Path said = Path.of("/run/belljar-released-" + ProcessHandle.current().pid());
    Path agent = Path.of("/run/belljar-agent-" + ProcessHandle.current().pid());
    try (MountedHierarchy mounted = MountedHierarchy.named(at(), name());
        TestGroup test = TestGroup.at(mounted.hierarchy());
        CgroupDirectory group = test.directory().create("short")) {
      Files.writeString(agent, "#!/bin/sh\necho \"$1\" > " + said + "\n");
      assertThat(agent.toFile().setExecutable(true)).isTrue();
      CoreFilesV1 root = new CoreFilesV1(test.above());
      assertThat(root.releaseAgent()).isEmpty();
      root.setReleaseAgent(Optional.of(BytePath.of(agent)));
      assertThat(root.releaseAgent()).contains(BytePath.of(agent));
      new CoreFilesV1(group).setNotifyOnRelease(true);
      Process process = test.runIn(group, "exec sleep 1000");

      process.destroyForcibly().waitFor();

      TestGroup.until("the agent has run", () -> Files.exists(said) && said.toFile().length() > 0);
      assertThat(Files.readString(said).strip())
          .isEqualTo("/" + test.directory().path().name().orElseThrow() + "/short");
      root.setReleaseAgent(Optional.empty());
      assertThat(root.releaseAgent()).isEmpty();
    } finally {
      Files.deleteIfExists(agent);
      Files.deleteIfExists(said);
    }
  }

  @Test
  @RequiresTool("unshare")
  void rootOfAnotherUserNamespaceSetsNoReleaseAgent() throws Exception {
    try (MountedHierarchy mounted = MountedHierarchy.named(at(), name());
        CgroupDirectory root = CgroupDirectory.open(mounted.hierarchy(), mounted.mountPoint())) {
      String file = mounted.mountPoint().resolve("release_agent").toString();
      Process tee =
          new ProcessBuilder("unshare", "--user", "--map-root-user", "tee", file)
              .redirectErrorStream(true)
              .start();
      try (Writer input = tee.outputWriter()) {
        input.write("/bin/false");
      }

      assertThat(tee.inputReader().lines())
          .anySatisfy(line -> assertThat(line).endsWith("Operation not permitted"));
      assertThat(tee.waitFor()).isNotZero(); // and the file is closed
      assertThat(new CoreFilesV1(root).releaseAgent()).isEmpty();
      RefusedWrite refused = new RefusedWrite(root, "release_agent", "/bin/false", Errno.EPERM);
      assertThat(ControlFileErrors.find(refused)).contains(CoreErrors.NOT_MACHINE_ROOT);
    }
  }

  @Test
  void whatIsMountedElsewhereIsBusy() {
    Set<Subsystem> taken = EnumSet.noneOf(Subsystem.class);
    for (Hierarchy hierarchy : CgroupLayout.read().hierarchies()) {
      if (hierarchy.version() == CgroupVersion.V1) {
        taken.addAll(hierarchy.subsystems());
      }
    }
    assumeThat(taken.size()).as("needs two subsystems on version 1 hierarchies").isGreaterThan(1);

    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(() -> MountedHierarchy.named(at(), name(), taken))
        .satisfies(e -> assertThat(e.error()).contains(Errno.EBUSY))
        .withMessageContaining("/proc/cgroups");
  }

  @Test
  @RequiresCgroupV2
  void version2IsMountedOnceMore() {
    try (MountedHierarchy mounted = MountedHierarchy.v2(at())) {
      assertThat(mounted.hierarchy().version()).isEqualTo(CgroupVersion.V2);
      assertThat(mounted.hierarchy().mountPoint()).isEqualTo(mounted.mountPoint());
      assertThat(mounted.hierarchy().mounts()).hasSizeGreaterThan(1);
      assertThat(folder.resolve("cgroup.controllers")).exists();
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void whatCannotBeAHierarchyIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> MountedHierarchy.named(at(), "a,b"));
    assertThatIllegalArgumentException().isThrownBy(() -> MountedHierarchy.named(at(), ""));
    assertThatIllegalArgumentException().isThrownBy(() -> MountedHierarchy.v1(at(), Set.of()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MountedHierarchy.named(at(), "x", Set.of()));
  }
}
