package dev.belljar.cgroups.hierarchy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroup;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Each row of the table, met on the real kernel. */
@KernelTest
class CoreErrorsTest {
  private static final String NO_PROCESS = "4194304"; // one more than the largest there can be

  /**
   * The kernel refuses it with the row's error, and the message says the row's cause and remedy.
   */
  static void explains(ControlFileError row, ThrowingCallable refused) {
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(refused)
        .satisfies(e -> {
          assertThat(e.error()).contains(row.errno());
          assertThat(e).hasMessageContaining(row.cause()).hasMessageContaining(row.remedy());
        });
  }

  @Test
  @RequiresCgroupV2("memory")
  void aGroupThatSharesItsResourcesOutHoldsNoProcesses() {
    try (TestGroup test = TestGroup.v2(Subsystem.MEMORY)) {
      new CoreFilesV2(test.directory()).enable(Subsystem.MEMORY);
      Process process = test.start("exec sleep 1000");

      explains(CoreErrors.INTERNAL_PROCESSES, () -> test.directory().attach(process.pid()));
    }
  }

  @Test
  @RequiresCgroupV2("memory")
  void aGroupThatHoldsProcessesSharesNothingOut() {
    try (TestGroup test = TestGroup.v2(Subsystem.MEMORY)) {
      test.run("exec sleep 1000");

      explains(
          CoreErrors.PROCESSES_INSIDE,
          () -> new CoreFilesV2(test.directory()).enable(Subsystem.MEMORY));
    }
  }

  @Test
  @RequiresCgroupV2("pids")
  void aControllerThatAChildSharesOutCannotBeTakenAway() {
    try (TestGroup test = TestGroup.v2(Subsystem.PIDS);
        CgroupDirectory child = test.directory().create("child")) {
      CoreFilesV2 files = new CoreFilesV2(test.directory());
      files.enable(Subsystem.PIDS);
      new CoreFilesV2(child).enable(Subsystem.PIDS);

      explains(CoreErrors.USED_BELOW, () -> files.disable(Subsystem.PIDS));
    }
  }

  @Test
  @RequiresCgroupV2
  void aControllerThatTheGroupDoesNotHaveCannotBeSharedOut() {
    try (TestGroup test = TestGroup.v2();
        CgroupDirectory child = test.directory().create("child")) {
      explains(CoreErrors.NOT_AVAILABLE, () -> child.write("cgroup.subtree_control", "+hugetlb"));
    }
  }

  @Test
  @RequiresCgroupV2
  void aControllerThatNoKernelHasIsUnknown() {
    try (TestGroup test = TestGroup.v2()) {
      explains(
          CoreErrors.UNKNOWN_CONTROLLER,
          () -> test.directory().write("cgroup.subtree_control", "+nonsense"));
    }
  }

  @Test
  @RequiresCgroupV2("memory")
  void memoryIsNotSharedOutToThreads() {
    try (TestGroup test = TestGroup.v2(Subsystem.MEMORY);
        CgroupDirectory threaded = test.directory().create("threaded")) {
      new CoreFilesV2(threaded).makeThreaded();

      explains(
          CoreErrors.NOT_FOR_THREADS,
          () -> new CoreFilesV2(test.directory()).enable(Subsystem.MEMORY));
    }
  }

  @Test
  @RequiresCgroupV2
  void anInvalidDomainHoldsNoProcess() {
    try (TestGroup test = TestGroup.v2();
        CgroupDirectory threaded = test.directory().create("threaded");
        CgroupDirectory below = threaded.create("below")) {
      new CoreFilesV2(threaded).makeThreaded();
      Process process = test.start("exec sleep 1000");

      explains(CoreErrors.INVALID_DOMAIN, () -> below.attach(process.pid()));
    }
  }

  @Test
  @RequiresCgroupV2
  void aThreadDoesNotLeaveItsDomain() {
    try (TestGroup test = TestGroup.v2();
        CgroupDirectory threaded = test.directory().create("threaded")) {
      new CoreFilesV2(threaded).makeThreaded();

      explains(CoreErrors.OTHER_DOMAIN, () -> new GroupMembers(threaded).attachCurrentThread());
    }
  }

  @Test
  @RequiresCgroupV2
  void theProcessesOfAThreadedGroupAreNotListed() {
    try (TestGroup test = TestGroup.v2();
        CgroupDirectory threaded = test.directory().create("threaded")) {
      new CoreFilesV2(threaded).makeThreaded();

      explains(CoreErrors.LISTS_THREADS, () -> new GroupMembers(threaded).processes());
    }
  }

  @Test
  @RequiresCgroupV2
  void aGroupThatHoldsProcessesDoesNotBecomeThreaded() {
    try (TestGroup test = TestGroup.v2();
        CgroupDirectory child = test.directory().create("child")) {
      test.runIn(child, "exec sleep 1000");

      explains(CoreErrors.CANNOT_BE_THREADED, () -> new CoreFilesV2(child).makeThreaded());
    }
  }

  @Test
  @RequiresCgroupV2
  void aTypeOtherThanThreadedIsNotWritten() {
    try (TestGroup test = TestGroup.v2()) {
      explains(CoreErrors.NOT_A_TYPE, () -> test.directory().write("cgroup.type", "domain"));
    }
  }

  @Test
  @RequiresCgroupV2
  void aThreadedGroupIsNotKilledAlone() {
    try (TestGroup test = TestGroup.v2();
        CgroupDirectory threaded = test.directory().create("threaded")) {
      new CoreFilesV2(threaded).makeThreaded();

      explains(CoreErrors.KILL_THREADED, () -> threaded.write("cgroup.kill", "1"));
    }
  }

  @Test
  @RequiresCgroupV2
  void aSwitchIsOneOrNought() {
    try (TestGroup test = TestGroup.v2()) {
      explains(CoreErrors.NOT_A_SWITCH, () -> test.directory().write("cgroup.freeze", "2"));
      explains(CoreErrors.NOT_A_SWITCH, () -> test.directory().write("cgroup.kill", "0"));
    }
  }

  @Test
  @RequiresCgroupV2
  void moreLevelsThanAllowedAreNotMade() {
    try (TestGroup test = TestGroup.v2()) {
      test.directory().write("cgroup.max.depth", "0");

      explains(CoreErrors.TOO_DEEP_OR_MANY, () -> test.directory().create("child"));
    }
  }

  @Test
  @RequiresCgroup
  void aGroupThatHoldsAProcessIsNotRemoved() {
    try (TestGroup test = CgroupDirectoryTest.anywhere();
        CgroupDirectory child = test.directory().create("child")) {
      test.runIn(child, "exec sleep 1000");

      explains(CoreErrors.NOT_EMPTY, () -> child.removeIncludingForeign(Duration.ofMillis(50)));
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("cpuset")
  void anEmptyCpusetIsNotJoined() throws Exception {
    try (TestGroup test = TestGroup.v1(Subsystem.CPUSET)) {
      Path empty = Files.createDirectory(test.directory().path().toPath().resolve("empty"));
      Process process = test.start("exec sleep 1000");

      try (CgroupDirectory child = test.directory().child(empty.getFileName().toString())) {
        explains(CoreErrors.EMPTY_CPUSET, () -> child.attach(process.pid()));
        explains(
            CoreErrors.EMPTY_CPUSET, () -> new GroupMembers(child).attachThread(process.pid()));
      }
    }
  }

  @Test
  @RequiresCgroup
  void aProcessThatIsNotThereCannotBeMoved() {
    try (TestGroup test = CgroupDirectoryTest.anywhere()) {
      explains(
          CoreErrors.NO_SUCH_PROCESS, () -> test.directory().write("cgroup.procs", NO_PROCESS));
    }
  }

  @Test
  @RequiresRoot
  void aKernelThreadBoundToItsProcessorCannotBeMoved() throws Exception {
    long bound = kernelThread("ksoftirqd/0");
    try (TestGroup test = CgroupDirectoryTest.anywhere()) {
      explains(CoreErrors.KERNEL_THREAD, () -> test.directory().attach(bound));
    }
  }

  private static long kernelThread(String name) throws Exception {
    try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        if (Files.exists(process) && name.equals(comm(process))) {
          return Long.parseLong(process.getFileName().toString());
        }
      }
    }
    org.junit.jupiter.api.Assumptions.abort("needs to see the kernel thread " + name);
    return 0;
  }

  private static String comm(Path process) {
    try {
      return Files.readString(process.resolve("comm")).strip();
    } catch (java.io.IOException gone) {
      return "";
    }
  }

  @Test
  void everyRowSaysAllOfItself() {
    assertThat(ControlFileErrors.all())
        .isNotEmpty()
        .allSatisfy(row -> {
          assertThat(row.errno()).isNotNull();
          assertThat(row.cause()).doesNotEndWith(".").isNotBlank();
          assertThat(row.remedy()).doesNotEndWith(".").isNotBlank();
          assertThat(row.kernels()).isNotBlank();
        });
  }
}
