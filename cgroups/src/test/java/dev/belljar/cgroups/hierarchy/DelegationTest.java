package dev.belljar.cgroups.hierarchy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.Errno;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

@KernelTest
@RequiresRoot
class DelegationTest {
  private static final int USER = 65_534;

  private static Object owner(CgroupDirectory group, String file) throws Exception {
    return Files.getAttribute(group.path().toPath().resolve(file), "unix:uid");
  }

  /** Runs a script as the user, in the group. */
  private static String asUser(TestGroup test, String script) throws Exception {
    Process process =
        test.run(
            "cd "
                + test.directory().path()
                + "; exec setpriv --reuid "
                + USER
                + " --regid "
                + USER
                + " --clear-groups sh -c '"
                + script
                + "' 2>&1");
    String said =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
    process.waitFor();
    return said;
  }

  @Test
  @RequiresCgroupV2
  @RequiresTool("setpriv")
  void aUserMakesGroupsInAGroupThatWasGivenAway() throws Exception {
    try (TestGroup test = TestGroup.v2()) {
      Delegation.give(test.directory(), USER, USER);

      assertThat(asUser(test, "mkdir inner && echo 0 > inner/cgroup.procs && echo made"))
          .isEqualTo("made");
      assertThat(asUser(test, "echo 1 > cgroup.freeze")).contains("Permission denied");
    }
  }

  @Test
  @RequiresCgroupV2
  @RequiresTool("setpriv")
  void aUserCannotBringInAProcessFromOutside() throws Exception {
    try (TestGroup test = TestGroup.v2()) {
      Delegation.give(test.directory(), USER, USER);
      Process outside = test.start("exec sleep 1000");

      String said =
          asUser(test, "echo " + outside.pid() + " | dd of=cgroup.procs conv=notrunc status=none");

      assertThat(said).contains("Permission denied");
      assertThat(test.directory().hierarchy().groupOf(outside.pid())).contains(test.above().path());
      RefusedWrite refused =
          new RefusedWrite(
              test.directory(), "cgroup.procs", Long.toString(outside.pid()), Errno.EACCES);
      assertThat(ControlFileErrors.find(refused)).contains(CoreErrors.NO_COMMON_ANCESTOR);
    }
  }

  @Test
  @RequiresCgroupV2
  void theKernelsListIsGivenAwayAndTakenBack() throws Exception {
    try (TestGroup test = TestGroup.v2()) {
      CgroupDirectory group = test.directory();
      assertThat(Delegation.files(group))
          .contains("cgroup.procs", "cgroup.threads", "cgroup.subtree_control");

      Delegation.give(group, USER, USER);

      assertThat(owner(group, ".")).isEqualTo(USER);
      for (String file : Delegation.files(group)) {
        assertThat(owner(group, file)).as(file).isEqualTo(USER);
      }
      assertThat(owner(group, "cgroup.freeze")).isEqualTo(0);

      Delegation.give(group, 0, 0);

      assertThat(owner(group, ".")).isEqualTo(0);
      assertThat(owner(group, "cgroup.procs")).isEqualTo(0);
    }
  }

  @Test
  @RequiresCgroupV1("pids")
  void version1GivesTheListsOfMembers() throws Exception {
    try (TestGroup test = TestGroup.v1(Subsystem.PIDS)) {
      Delegation.give(test.directory(), USER, USER);

      assertThat(owner(test.directory(), "tasks")).isEqualTo(USER);
      assertThat(owner(test.directory(), "pids.max")).isEqualTo(0);
      Path inner = test.directory().path().toPath();
      assertThat(Files.getAttribute(inner, "unix:gid")).isEqualTo(USER);
    }
  }

  @Test
  @RequiresCgroupV2
  void whatIsNoUserIsRefused() {
    try (TestGroup test = TestGroup.v2()) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Delegation.give(test.directory(), -1, 0));
    }
  }
}
