package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.belljar.cgroups.bpf.BpfAssembler;
import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.BpfCalls;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresOrdinaryUser;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.uapi.Uapi;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What device rules do to processes, on both versions. */
@KernelTest
class DevicesTest {
  private static final DeviceRules READ_NULL = DeviceRules.of(DeviceRule.allow("c 1:3 r"));
  private static final DeviceRules USE_NULL =
      DeviceRules.of(DeviceRule.allow("c 1:3 rw"), DeviceRule.allow("c *:* m"));
  private static final String SELF = Long.toString(ProcessHandle.current().pid());

  @TempDir private Path folder;

  /** Which of four accesses succeed in a group: reading and writing null, reading zero, mknod. */
  private String accesses(TestGroup test, CgroupDirectory group) throws IOException {
    String node = folder.resolve("node").toString();
    Process shell =
        test.runIn(
            group,
            """
            (: < /dev/null) 2>&- && echo read
            (: > /dev/null) 2>&- && echo write
            (: < /dev/zero) 2>&- && echo zero
            mknod %s c 1 3 2>&1 && rm %s && echo mknod
            echo
            """
                .formatted(node, node));
    return new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
        .strip()
        .replaceAll("mknod:.*\n?", "")
        .replace('\n', ' ')
        .strip();
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("devices")
  @Proves({"devices.allow", "devices.deny", "devices.list"})
  void onVersion1OnlyWhatIsAllowedCanBeDone() throws IOException {
    try (TestGroup test = TestGroup.v1(Subsystem.DEVICES)) {
      DevicesV1 devices = new DevicesV1(test.directory());
      assertThat(devices.rules()).isEqualTo(DeviceRules.EVERYTHING);
      assertThat(accesses(test, test.directory())).isEqualTo("read write zero mknod");

      assertThat(devices.set(READ_NULL).isExact()).isTrue();
      assertThat(devices.rules()).isEqualTo(READ_NULL);
      assertThat(accesses(test, test.directory())).isEqualTo("read");

      Written<DeviceRules> written = devices.set(USE_NULL);
      assertThat(written.isExact()).as(written.toString()).isTrue();
      assertThat(accesses(test, test.directory())).isEqualTo("read write mknod");

      devices.set(DeviceRules.NOTHING);
      assertThat(devices.rules()).isEqualTo(DeviceRules.NOTHING);
      assertThat(accesses(test, test.directory())).isEmpty();

      devices.set(DeviceRules.EVERYTHING);
      assertThat(accesses(test, test.directory())).isEqualTo("read write zero mknod");
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("devices")
  void onVersion1DenialsThatTheListHidesAreTakenBackToo() throws IOException {
    try (TestGroup test = TestGroup.v1(Subsystem.DEVICES)) {
      DevicesV1 devices = new DevicesV1(test.directory());
      test.directory().write("devices.deny", "c 1:5 r");
      assertThat(devices.rules()).as("hidden").isEqualTo(DeviceRules.EVERYTHING);
      assertThat(accesses(test, test.directory())).isEqualTo("read write mknod");

      assertThat(devices.set(DeviceRules.EVERYTHING).isExact()).isTrue();

      assertThat(accesses(test, test.directory())).isEqualTo("read write zero mknod");
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("devices")
  void onVersion1AChildCannotExceedItsParent() throws IOException {
    try (TestGroup test = TestGroup.v1(Subsystem.DEVICES);
        CgroupDirectory child = test.directory().create("child")) {
      DevicesV1 devices = new DevicesV1(child);
      devices.set(READ_NULL);
      test.directory().write("devices.deny", "c 1:5 rwm");

      assertThatExceptionOfType(LinuxException.class)
          .isThrownBy(() ->
              devices.set(
                  DeviceRules.of(DeviceRule.allow("c 1:3 rw"), DeviceRule.allow("c 1:5 r"))))
          .satisfies(e -> assertThat(e.is(Errno.EPERM)).isTrue())
          .withMessageContaining("c 1:5 r");
      assertThat(devices.rules()).as("put back").isEqualTo(READ_NULL);
      assertThat(accesses(test, child)).isEqualTo("read");
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("devices")
  void onVersion1ADenialInsideAWildcardWouldDoNothing() throws IOException {
    try (TestGroup test = TestGroup.v1(Subsystem.DEVICES)) {
      test.directory().write("devices.deny", "a");
      test.directory().write("devices.allow", "c 1:* r");
      test.directory().write("devices.deny", "c 1:5 r"); // taken by the kernel, and forgotten
      assertThat(accesses(test, test.directory())).isEqualTo("read zero");

      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() ->
              new DevicesV1(test.directory())
                  .set(DeviceRules.of(DeviceRule.allow("c 1:* r"), DeviceRule.deny("c 1:5 r"))))
          .withMessageContaining("\"c 1:5 r\" inside \"c 1:* r\"");
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("devices")
  void onVersion1TheJvmDoesNotDenyDevicesToItself() {
    try (TestGroup test = TestGroup.v1(Subsystem.DEVICES)) {
      DevicesV1 devices = new DevicesV1(test.directory());
      test.directory().write("cgroup.procs", SELF);
      try {
        assertThatIllegalStateException()
            .isThrownBy(() -> devices.set(READ_NULL))
            .withMessageContaining("denying devices");
        assertThat(devices.set(DeviceRules.EVERYTHING).isExact()).isTrue();
      } finally {
        test.above().write("cgroup.procs", SELF);
      }
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV2
  void onVersion2OnlyWhatIsAllowedCanBeDone() throws IOException {
    try (TestGroup test = TestGroup.v2()) {
      DevicesV2 devices = new DevicesV2(test.directory());
      assertThat(devices.programs()).isEmpty();
      assertThat(accesses(test, test.directory())).isEqualTo("read write zero mknod");

      DevicesV2.Program first = devices.set(READ_NULL);
      assertThat(devices.programs()).containsExactly(first);
      assertThat(accesses(test, test.directory())).isEqualTo("read");

      DevicesV2.Program second = devices.set(USE_NULL);
      assertThat(devices.programs()).as("replaced").containsExactly(second);
      assertThat(accesses(test, test.directory())).isEqualTo("read write mknod");

      devices.set(DeviceRules.NOTHING);
      assertThat(accesses(test, test.directory())).isEmpty();

      devices.clear();
      assertThat(devices.programs()).isEmpty();
      assertThat(accesses(test, test.directory())).isEqualTo("read write zero mknod");
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV2
  void onVersion2AHoleInAWildcardIsDenied() throws IOException {
    try (TestGroup test = TestGroup.v2()) {
      new DevicesV2(test.directory())
          .set(DeviceRules.of(DeviceRule.allow("a"), DeviceRule.deny("c 1:5 r")));

      assertThat(accesses(test, test.directory())).isEqualTo("read write mknod");
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV2
  void onVersion2AChildCannotExceedItsParent() throws IOException {
    try (TestGroup test = TestGroup.v2();
        CgroupDirectory child = test.directory().create("child")) {
      new DevicesV2(child).set(DeviceRules.EVERYTHING);
      new DevicesV2(test.directory()).set(READ_NULL);

      assertThat(accesses(test, child)).isEqualTo("read");
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV2
  void onVersion2TheRulesInForceAreKnownByTheirTag() {
    try (TestGroup test = TestGroup.v2()) {
      DevicesV2 devices = new DevicesV2(test.directory());
      devices.set(USE_NULL);

      assertThat(devices.isSet(USE_NULL)).isTrue();
      assertThat(devices.isSet(READ_NULL)).isFalse();
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV2
  void onVersion2AProgramThatWantsToBeAloneIsSaidToBeInTheWay() {
    try (TestGroup test = TestGroup.v2();
        CgroupDirectory child = test.directory().create("child")) {
      attachAlone(test.directory());

      for (CgroupDirectory group : List.of(test.directory(), child)) {
        assertThatExceptionOfType(LinuxException.class)
            .isThrownBy(() -> new DevicesV2(group).set(USE_NULL))
            .satisfies(e -> assertThat(e.is(Errno.EPERM)).isTrue())
            .withMessageContaining("BPF_F_ALLOW_MULTI")
            .withMessageNotContaining("CAP_BPF");
      }
    }
  }

  /** Attaches a program that allows everything, but no other program. */
  private static void attachAlone(CgroupDirectory group) {
    byte[] code = BpfAssembler.encode(DeviceProgram.of(DeviceRules.EVERYTHING));
    try (Descriptor program = BpfCalls.loadDeviceProgram(code, "alone");
        Scratch scratch = Scratch.open()) {
      MemorySegment attributes = scratch.allocate(128);
      attributes.set(ValueLayout.JAVA_INT, 0, group.directory().number());
      attributes.set(ValueLayout.JAVA_INT, 4, program.number());
      attributes.set(ValueLayout.JAVA_INT, 8, Uapi.BPF_CGROUP_DEVICE());
      assertThat(Syscall.call(SyscallNumber.BPF, Uapi.BPF_PROG_ATTACH(), attributes.address(), 128))
          .isZero();
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV2
  void onVersion2AThousandRulesPassTheVerifier() throws IOException {
    List<DeviceRule> rules =
        IntStream.range(0, 1000)
            .mapToObj(i ->
                DeviceRule.parse(
                    i % 3 != 0, "c %d:%d %s".formatted(i % 7, i, i % 2 == 0 ? "rw" : "r")))
            .toList();
    try (TestGroup test = TestGroup.v2()) {
      DevicesV2 devices = new DevicesV2(test.directory());
      devices.set(new DeviceRules(rules));

      assertThat(devices.isSet(new DeviceRules(rules))).isTrue();
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV2
  void onVersion2TheJvmDoesNotDenyDevicesToItself() {
    try (TestGroup test = TestGroup.v2()) {
      DevicesV2 devices = new DevicesV2(test.directory());
      test.directory().write("cgroup.procs", SELF);
      try {
        assertThatIllegalStateException().isThrownBy(() -> devices.set(READ_NULL));
      } finally {
        test.above().write("cgroup.procs", SELF);
      }
      assertThat(devices.programs()).isEmpty();
    }
  }

  @Test
  @RequiresOrdinaryUser
  @RequiresCgroupV2
  void onVersion2WithoutPrivilegeTheErrorSaysSo() {
    try (TestGroup test = TestGroup.v2()) {
      assertThatExceptionOfType(LinuxException.class)
          .isThrownBy(() -> new DevicesV2(test.directory()).set(READ_NULL))
          .satisfies(e -> assertThat(e.is(Errno.EPERM)).isTrue())
          .withMessageContaining("CAP_BPF");
    }
  }
}
