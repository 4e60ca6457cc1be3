package dev.belljar.cgroups.hierarchy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresKernel;
import dev.belljar.linux.testing.RequiresRoot;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

@KernelTest
class GroupFreezerTest {
  /** Prints a letter whenever it is told to. */
  private static final String ECHO = "while read word; do echo $word; done";

  private static void say(Process process) throws IOException {
    process.getOutputStream().write("x\n".getBytes(StandardCharsets.US_ASCII));
    process.getOutputStream().flush();
  }

  private static int available(Process process) {
    try {
      return process.getInputStream().available();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A frozen process does not answer, a thawed one does. */
  private static void freezesAndGoesOn(TestGroup test) throws Exception {
    try (CgroupDirectory inner = test.directory().create("inner")) {
      Process process = test.runIn(inner, ECHO);
      GroupFreezer freezer = new GroupFreezer(test.directory());
      assertThat(freezer.isFrozen()).isFalse();

      freezer.freeze();

      assertThat(freezer.isFrozen()).isTrue();
      assertThat(new GroupFreezer(inner).isFrozen()).isTrue();
      say(process);
      // All that could answer runs when another process, started now, has run to its end.
      assertThat(test.start("echo").waitFor()).isZero();
      assertThat(available(process)).isZero();

      assertThat(freezer.thaw()).isTrue();

      assertThat(freezer.isFrozen()).isFalse();
      InputStream said = process.getInputStream();
      assertThat(said.read()).isEqualTo('x');
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("freezer")
  @Proves("freezer.state")
  void aFrozenVersion1GroupStandsAndAThawedOneGoesOn() throws Exception {
    try (TestGroup test = TestGroup.v1(Subsystem.FREEZER)) {
      freezesAndGoesOn(test);
    }
  }

  @Test
  @RequiresCgroupV2
  @Proves({"cgroup.freeze", "cgroup.events"})
  void aFrozenVersion2GroupStandsAndAThawedOneGoesOn() throws Exception {
    try (TestGroup test = TestGroup.v2()) {
      freezesAndGoesOn(test);
    }
  }

  private static void staysFrozenBelowAFrozenOne(TestGroup test) {
    try (CgroupDirectory inner = test.directory().create("inner")) {
      test.runIn(inner, "exec sleep 1000");
      GroupFreezer outer = new GroupFreezer(test.directory());
      GroupFreezer below = new GroupFreezer(inner);
      outer.freeze();
      below.freeze();

      assertThat(below.thaw()).isFalse();
      assertThat(below.isFrozen()).isTrue();

      assertThat(outer.thaw()).isTrue();
      TestGroup.until("the group below goes on", () -> !below.isFrozen());
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("freezer")
  void aVersion1GroupStaysFrozenBelowAFrozenOne() {
    try (TestGroup test = TestGroup.v1(Subsystem.FREEZER)) {
      staysFrozenBelowAFrozenOne(test);
    }
  }

  @Test
  @RequiresCgroupV2
  void aVersion2GroupStaysFrozenBelowAFrozenOne() {
    try (TestGroup test = TestGroup.v2()) {
      staysFrozenBelowAFrozenOne(test);
    }
  }

  private static void refusesTheJvm(TestGroup test, String stillThawed, String file) {
    GroupMembers members = new GroupMembers(test.directory());
    members.attachSelf();
    try {
      assertThatIllegalStateException()
          .isThrownBy(new GroupFreezer(test.directory())::freeze)
          .withMessageContaining("freezing " + test.directory());
      assertThat(test.directory().read(file)).isEqualTo(stillThawed);
    } finally {
      new GroupMembers(test.above()).attachSelf();
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("freezer")
  void theVersion1GroupOfTheJvmIsNotFrozen() {
    try (TestGroup test = TestGroup.v1(Subsystem.FREEZER)) {
      refusesTheJvm(test, "THAWED", "freezer.state");
    }
  }

  @Test
  @RequiresCgroupV2
  void theVersion2GroupOfTheJvmIsNotFrozen() {
    try (TestGroup test = TestGroup.v2()) {
      refusesTheJvm(test, "0", "cgroup.freeze");
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("freezer")
  void aFrozenVersion1GroupIsKilled() throws Exception {
    try (TestGroup test = TestGroup.v1(Subsystem.FREEZER)) {
      Process process = test.run("exec sleep 1000");
      new GroupFreezer(test.directory()).freeze();

      test.directory().kill();

      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  @RequiresCgroupV2
  void aFrozenVersion2GroupIsKilled() throws Exception {
    try (TestGroup test = TestGroup.v2()) {
      Process process = test.run("exec sleep 1000");
      new GroupFreezer(test.directory()).freeze();

      test.directory().kill();

      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  @RequiresCgroupV2
  @RequiresKernel("6.18")
  @Proves("cgroup.stat.local")
  void theTimeFrozenIsCounted() {
    try (TestGroup test = TestGroup.v2()) {
      test.run("exec sleep 1000");
      CoreFilesV2 files = new CoreFilesV2(test.directory());
      assertThat(files.frozenTime().orElseThrow()).isZero();

      new GroupFreezer(test.directory()).freeze();
      new GroupFreezer(test.directory()).thaw();

      assertThat(files.frozenTime().orElseThrow()).isPositive();
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("pids")
  void anotherVersion1HierarchyCannotFreeze() {
    try (TestGroup test = TestGroup.v1(Subsystem.PIDS)) {
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> new GroupFreezer(test.directory()));
    }
  }
}
