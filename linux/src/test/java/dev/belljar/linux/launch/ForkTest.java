package dev.belljar.linux.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static dev.belljar.linux.launch.ProgramBuilder.nothing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.call.WaitStatus;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.linux.uapi.Uapi;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Programs that fork the process that goes on, as a child of the JVM and not of themselves. */
@KernelTest
class ForkTest {
  private final ProgramBuilder program = new ProgramBuilder();

  @WarmUp
  static void warmUp() {
    TestLaunch.warmUp();
  }

  @Test
  void theForkedProcessIsTheOneThatIsReturned() {
    ForkSteps.add(program, 0, () -> {});
    TestLaunch.addExec(program, "/bin/sh");
    List<Integer> told = new ArrayList<>();

    Child child = TestLaunch.of(program, "sh", "-c", "exit 7").forking(told::add).start();
    child.await(-1);

    assertThat(told).containsExactly(child.pid());
    assertThat(child.status()).contains(new WaitStatus(true, 7, false));
  }

  @Test
  @RequiresRoot
  void aPidNamespaceMadeByTheProgramHasTheForkedProcessAsItsFirst() {
    assertThatForkExitsWith(Uapi.CLONE_NEWPID(), "exit $$", 1);
  }

  @Test
  @RequiresUserNamespaces
  void aUserNamespaceMadeByTheProgramNeedsNoPrivilege() {
    assertThatForkExitsWith(Uapi.CLONE_NEWUSER(), "exit $(($(id -u) & 255))", 65_534 & 255);
    assertThatForkExitsWith(Uapi.CLONE_NEWUSER() | Uapi.CLONE_NEWPID(), "exit $$", 1);
  }

  private static void assertThatForkExitsWith(long namespaces, String line, int code) {
    ProgramBuilder program = new ProgramBuilder();
    ForkSteps.add(program, namespaces, () -> {});
    TestLaunch.addExec(program, "/bin/sh");

    Child child = TestLaunch.of(program, "sh", "-c", line).forking().start();
    child.await(-1);

    assertThat(child.status()).contains(new WaitStatus(true, code, false));
  }

  @Test
  void theJvmWorksOnTheForkedProcessWhileItWaits() {
    Argument gate = program.input("gate");
    ProgramBuilder.Variable word = program.variable("word");
    ForkSteps.add(program, 0, () -> {});
    program.call(SyscallNumber.READ, gate, word.address(), literal(8)).demand(1);
    TestLaunch.addExec(program, "/bin/sh");

    try (Pipe pipe = FileCalls.pipe(0)) {
      Child child =
          TestLaunch.of(program, "sh", "-c", "exit 0")
              .withDescriptors(pipe.read().number())
              .forking(_ -> FileCalls.write(pipe.write().number(), new byte[] {1}))
              .start();
      child.await(-1);
      assertThat(child.status()).contains(new WaitStatus(true, 0, false));
    }
  }

  @Test
  void aFailedStepOfTheForkedProcessIsNamed() {
    ForkSteps.add(program, 0, () -> {});
    program.call(SyscallNumber.FCHDIR, literal(-1)).named("go nowhere");
    TestLaunch.addExec(program, "/bin/sh");

    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(TestLaunch.of(program, "sh").forking()::start)
        .withMessageStartingWith("go nowhere: fchdir(-1) failed: EBADF");
  }

  @Test
  void aForkedProcessThatIsKilledBeforeItsExecIsAFailedStartWithItsStatus() {
    ProgramBuilder.Variable self = program.variable("self");
    ForkSteps.add(program, 0, () -> {});
    program.call(SyscallNumber.GETPID).into(self);
    program.call(SyscallNumber.KILL, self.value(), literal(Uapi.SIGKILL()));
    TestLaunch.addExec(program, "/bin/sh");

    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(TestLaunch.of(program, "sh").forking()::start)
        .withMessageContaining("killed by SIGKILL");
  }

  @Test
  void whatTheJvmThrowsWhileTheForkedProcessWaitsEndsTheStart() {
    ForkSteps.add(program, 0, () -> {});
    program.call(SyscallNumber.PPOLL, nothing(), literal(0), nothing(), nothing());
    TestLaunch.addExec(program, "/bin/sh");
    TestLaunch launch =
        TestLaunch.of(program, "sh")
            .forking(_ -> {
              throw new IllegalStateException("the maps are wrong");
            });

    assertThatIllegalStateException().isThrownBy(launch::start).withMessage("the maps are wrong");
  }

  @Test
  void aDeadlineEndsTheForkedProcessToo() {
    ForkSteps.add(program, 0, () -> {});
    program.call(SyscallNumber.PPOLL, nothing(), literal(0), nothing(), nothing());
    TestLaunch.addExec(program, "/bin/sh");

    assertThatTimesOut();
  }

  @Test
  void aForkedProcessThatWasNotReportedInTimeIsFoundAndEnded() {
    ForkSteps.add(
        program,
        0,
        () -> program.call(SyscallNumber.PPOLL, nothing(), literal(0), nothing(), nothing()));
    program.call(SyscallNumber.PPOLL, nothing(), literal(0), nothing(), nothing());
    TestLaunch.addExec(program, "/bin/sh");

    assertThatTimesOut();
  }

  private void assertThatTimesOut() {
    TestLaunch launch =
        TestLaunch.of(program, "sh").forking().withDeadline(50, TimeUnit.MILLISECONDS);
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(launch::start)
        .satisfies(failure -> assertThat(failure.error()).contains(Errno.ETIMEDOUT))
        .satisfies(failure -> assertThat(failure.getSuppressed()).isEmpty());
  }

  @Test
  void aProgramMustReportWhatItForkedWhenItsLaunchSaysSo() {
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(TestLaunch.shell("exit 0").forking()::start)
        .withMessageContaining("has not reported the process that goes on");
  }

  @Test
  void aProgramMustNotForkWhenItsLaunchDoesNotSaySo() {
    ForkSteps.add(program, 0, () -> {});
    TestLaunch.addExec(program, "/bin/sh");

    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(TestLaunch.of(program, "sh")::start)
        .withMessageContaining("forked unexpectedly");
  }
}
