package dev.belljar.cgroups.hierarchy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import org.junit.jupiter.api.Test;

@KernelTest
class OwnGroupTest {
  private static final String SELF = Long.toString(ProcessHandle.current().pid());

  @Test
  @RequiresRoot
  @RequiresCgroupV1("pids")
  void aGroupThatHoldsTheJvmIsNotKilled() {
    try (TestGroup test = TestGroup.v1(Subsystem.PIDS);
        CgroupDirectory inner = test.directory().create("inner")) {
      inner.write("cgroup.procs", SELF);
      try {
        assertThatIllegalStateException()
            .isThrownBy(inner::kill)
            .withMessageContaining("killing " + inner)
            .withMessageContaining(SELF);
        assertThatIllegalStateException().isThrownBy(test.directory()::kill);
      } finally {
        test.above().write("cgroup.procs", SELF);
      }
      assertThat(OwnGroup.holdsCaller(test.directory())).isFalse();
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("pids")
  void aGroupThatHoldsOneThreadOfTheJvmHoldsIt() {
    try (TestGroup test = TestGroup.v1(Subsystem.PIDS)) {
      test.directory().write("tasks", "0");
      try {
        assertThat(OwnGroup.holdsCaller(test.directory())).isTrue();
      } finally {
        test.above().write("tasks", "0");
      }
    }
  }

  @Test
  @RequiresCgroupV2
  void aVersion2GroupThatHoldsTheJvmIsNotKilled() {
    try (TestGroup test = TestGroup.v2();
        CgroupDirectory inner = test.directory().create("inner")) {
      inner.write("cgroup.procs", SELF);
      try {
        assertThatIllegalStateException().isThrownBy(inner::kill);
        assertThatIllegalStateException().isThrownBy(test.directory()::kill);
      } finally {
        test.above().write("cgroup.procs", SELF);
      }
      assertThat(OwnGroup.holdsCaller(test.directory())).isFalse();
    }
  }

  @Test
  @RequiresCgroupV2
  void aThreadedGroupThatHoldsTheJvmIsSeen() {
    try (TestGroup test = TestGroup.v2();
        CgroupDirectory threaded = test.directory().create("threaded")) {
      threaded.write("cgroup.type", "threaded");
      test.directory().write("cgroup.procs", SELF);
      try {
        assertThat(OwnGroup.holdsCaller(threaded)).isFalse();
        threaded.write("cgroup.threads", "0");
        assertThat(OwnGroup.holdsCaller(threaded)).isTrue();
      } finally {
        test.above().write("cgroup.procs", SELF);
      }
    }
  }

  @Test
  @RequiresCgroupV2
  void aGroupThatHoldsOtherProcessesDoesNotHoldTheJvm() {
    try (TestGroup test = TestGroup.v2()) {
      test.run("exec sleep 1000");

      assertThat(OwnGroup.holdsCaller(test.directory())).isFalse();
      assertThat(OwnGroup.holdsCaller(test.above())).isTrue();
    }
  }
}
