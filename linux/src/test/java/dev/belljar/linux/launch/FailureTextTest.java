package dev.belljar.linux.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@link CloneFailure} and {@link StepFailure} tell people. */
class FailureTextTest {
  private static final long PID = Uapi.CLONE_NEWPID();
  private static final long USER = Uapi.CLONE_NEWUSER();

  @Test
  void aFailedCloneSaysWhatWasToBeMade() {
    LinuxException failure = CloneFailure.explain(Errno.EBUSY.number(), PID | USER, true);

    assertThat(failure)
        .hasMessage(
            "starting a process: clone3({flags=CLONE_VM|CLONE_VFORK|CLONE_PIDFD|CLONE_CLEAR_SIGHAND"
                + "|CLONE_NEWUSER|CLONE_NEWPID|CLONE_INTO_CGROUP}, 88) failed: EBUSY (16, Device or"
                + " resource busy); the cgroup has controllers enabled for its children");
    assertThat(CloneFailure.explain(1, 0, true).call())
        .contains("CLONE_CLEAR_SIGHAND|CLONE_INTO_CGROUP}");
    assertThat(CloneFailure.explain(1, 0, false).call()).contains("CLONE_CLEAR_SIGHAND}");
  }

  @Test
  void everyKindOfNamespaceHasItsFlagsName() {
    assertThat(
            CloneFailure.flags(Uapi.CLONE_NEWTIME() | Uapi.CLONE_NEWNS() | Uapi.CLONE_NEWCGROUP()))
        .isEqualTo("CLONE_NEWTIME|CLONE_NEWNS|CLONE_NEWCGROUP");
    assertThat(CloneFailure.flags(Uapi.CLONE_NEWUTS() | Uapi.CLONE_NEWIPC() | Uapi.CLONE_NEWNET()))
        .isEqualTo("CLONE_NEWUTS|CLONE_NEWIPC|CLONE_NEWNET");
    assertThat(CloneFailure.flags(0)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "ENOSPC, true, user.max_user_namespaces",
    "ENOSPC, false, /proc/sys/user/max_",
    "ENOSYS, false, seccomp filter",
    "EPERM, true, unprivileged_userns_clone",
    "EPERM, false, CAP_SYS_ADMIN",
    "EAGAIN, false, RLIMIT_NPROC",
  })
  void theRemedyDependsOnTheErrnoAndOnUser(Errno errno, boolean user, String words) {
    long namespaces = user ? PID | USER : PID;

    assertThat(CloneFailure.remedy(errno.number(), namespaces, false)).contains(words);
  }

  @Test
  void theCgroupIsBlamedOnlyWhenThereIsOne() {
    assertThat(CloneFailure.remedy(Errno.EACCES.number(), 0, true)).contains("delegated");
    assertThat(CloneFailure.remedy(Errno.EACCES.number(), 0, false)).isEmpty();
    assertThat(CloneFailure.remedy(Errno.EBUSY.number(), 0, false)).isEmpty();
    assertThat(CloneFailure.remedy(Errno.EFAULT.number(), 0, true)).isEmpty();
  }

  @Test
  void aFailedStepIsToldByNameCallAndErrno() {
    ProgramBuilder builder = new ProgramBuilder();
    builder
        .call(SyscallNumber.CHDIR, builder.string("/srv"))
        .named("go to the working directory")
        .remedy(Errno.ENOENT, "make it first");
    builder.call(SyscallNumber.CHDIR, builder.string("/"));
    LaunchProgram program = builder.build();

    assertThat(StepFailure.of(program, new Report(0, Errno.ENOENT.number(), -2)))
        .hasMessage(
            "go to the working directory: chdir(\"/srv\") failed: ENOENT (2, No such file or"
                + " directory); make it first");
    assertThat(StepFailure.of(program, new Report(1, Errno.EACCES.number(), -13)))
        .hasMessage("step 1: chdir(\"/\") failed: EACCES (13, Permission denied)");
  }

  @Test
  void anUnmetDemandIsToldWithTheResult() {
    ProgramBuilder builder = new ProgramBuilder();
    builder.call(SyscallNumber.WRITE, literal(4)).named("join the group").demand(16);
    builder.call(SyscallNumber.READ, literal(4)).named("wait").demandAtLeast(1);

    assertThat(StepFailure.of(builder.build(), new Report(0, 0, 3)))
        .hasMessage("join the group: the result was 3, not 16: write(4) failed");
    assertThat(StepFailure.of(builder.build(), new Report(1, 0, 0)))
        .hasMessage("wait: the result was 0, not at least 1: read(4) failed");
  }

  @Test
  void aFailedCloneStepHasTheRemediesOfClone() {
    ProgramBuilder builder = new ProgramBuilder();
    builder.call(SyscallNumber.CLONE3).changes(USER);

    assertThat(StepFailure.of(builder.build(), new Report(0, Errno.ENOSPC.number(), -28)))
        .hasMessageContaining("user.max_user_namespaces");
  }

  @Test
  void aReportThatMakesNoSenseIsAProtocolError() {
    ProgramBuilder builder = new ProgramBuilder();
    builder.exit(0);

    assertThat(StepFailure.of(builder.build(), new Report(1, 5, 0)).error()).contains(Errno.EPROTO);
    assertThat(StepFailure.of(builder.build(), new Report(-7, 5, 0)).error())
        .contains(Errno.EPROTO);
  }

  @Test
  void aReportIsSixteenBytes() {
    MemorySegment bytes =
        MemorySegment.ofArray(new long[] {Report.READY & 0xffff_ffffL | 7L << 32, -3});

    assertThat(bytes.byteSize()).isEqualTo(Report.SIZE);
    assertThat(Report.read(bytes)).isEqualTo(new Report(Report.READY, 7, -3));
  }

  @Test
  void readyAndTheProcessAreWrittenWholeOrTheStepFails() {
    ProgramBuilder builder = new ProgramBuilder();
    Report.addProcess(builder, literal(77));
    Report.addReady(builder);

    assertThat(builder.build().toString())
        .isEqualTo(
            """
              0  *(u64 *)({feffffff000000000000000000000000} + 8) = 77
              1  write($report, {feffffff000000000000000000000000}, 16)  == 16  # report the container's process
              2  write($report, {ffffffff000000000000000000000000}, 16)  == 16  # report that all is ready
            """);
  }
}
