package dev.belljar.linux.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static dev.belljar.linux.launch.ProgramBuilder.nothing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.Signal;
import dev.belljar.linux.call.WaitStatus;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.linux.uapi.Uapi;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@KernelTest
class LauncherTest {
  private final ProgramBuilder program = new ProgramBuilder();

  @WarmUp
  static void warmUp() {
    TestLaunch.warmUp();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 7, 255})
  void theCommandsExitCodeIsTheChildsStatus(int code) {
    Child child = TestLaunch.shell("exit " + code).start();
    child.await(-1);

    assertThat(child.exit()).isCompletedWithValue(Optional.of(new WaitStatus(true, code, false)));
    assertThat(child.isAlive()).isFalse();
  }

  @Test
  void theSignalThatKilledTheCommandIsItsStatus() {
    // The stub blocks signals and this program leaves them so, but SIGKILL can not be blocked.
    Child child = TestLaunch.shell("kill -KILL $$").start();
    child.await(-1);

    assertThat(child.status()).contains(new WaitStatus(false, Uapi.SIGKILL(), false));
  }

  @Test
  void theCommandGetsItsArgumentsAndNothingButItsEnvironment() {
    assertThat(
            TestLaunch.output(
                "/bin/sh", "name", "-c", "echo \"$0|$1|$LC_ALL\"; env | wc -l", "x", "a b"))
        .startsWith("x|a b|C\n");
    assertThat(TestLaunch.output("/usr/bin/env", "env"))
        .isEqualTo("PATH=/usr/bin:/bin\nLC_ALL=C\n");
  }

  @Test
  void aMissingCommandIsNamedWithItsStep() {
    TestLaunch.addExec(program, "/nowhere/command");

    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(TestLaunch.of(program, "command")::start)
        .withMessage(
            "execute /nowhere/command: execve(\"/nowhere/command\", argv, envp) failed: ENOENT (2,"
                + " No such file or directory)");
  }

  @Test
  void anUnmetDemandIsAFailedStart() {
    program.call(SyscallNumber.GETPID).named("be the first process").demand(1);
    TestLaunch.addExec(program, "/bin/sh");

    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(TestLaunch.of(program, "sh")::start)
        .satisfies(failure -> assertThat(failure.errno()).isZero())
        .withMessageMatching(
            "be the first process: the result was \\d+, not 1: getpid\\(\\) failed");
  }

  @Test
  void aChildKilledBeforeItsExecIsAFailedStartWithItsStatus() {
    ProgramBuilder.Variable self = program.variable("self");
    program.call(SyscallNumber.GETPID).into(self);
    program.call(SyscallNumber.KILL, self.value(), literal(Uapi.SIGKILL()));
    TestLaunch.addExec(program, "/bin/sh");

    assertThatEndsEarly(TestLaunch.of(program, "sh"), "killed by SIGKILL");
  }

  @Test
  void aChildThatExitsBeforeItsExecIsAFailedStartWithItsStatus() {
    program.exit(3);

    assertThatEndsEarly(TestLaunch.of(program), "exited with 3");
  }

  @Test
  void aProgramThatCrashesIsAFailedStartWithItsStatus() {
    program.control(Operation.Control.STORE64, nothing(), nothing(), nothing());
    program.exit(0);

    assertThatEndsEarly(TestLaunch.of(program), "killed by SIGSEGV");
  }

  private static void assertThatEndsEarly(TestLaunch launch, String how) {
    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(launch::start)
        .satisfies(failure -> assertThat(failure.errno()).isZero())
        .withMessageStartingWith("the process ended before it could execute its command: " + how);
  }

  @Test
  void aStartThatTakesLongerThanItsDeadlineEnds() {
    program.call(SyscallNumber.PPOLL, nothing(), literal(0), nothing(), nothing());
    TestLaunch.addExec(program, "/bin/sh");
    TestLaunch launch = TestLaunch.of(program, "sh").withDeadline(50, TimeUnit.MILLISECONDS);

    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(launch::start)
        .satisfies(failure -> assertThat(failure.error()).contains(Errno.ETIMEDOUT))
        .withMessageContaining("the start took longer than its deadline");
  }

  @Test
  void theCommandStartsWithoutHandlersAndWithEverySignalBlocked() {
    // The JVM handles SIGSEGV, SIGTERM and more. What the stub blocks, a real program unblocks.
    List<String> status =
        TestLaunch.output("/bin/cat", "cat", "/proc/self/status").lines().toList();

    assertThat(status).contains("SigCgt:\t0000000000000000");
    long unblockable = 1L << Uapi.SIGKILL() - 1 | 1L << Signal.SIGSTOP.number() - 1;
    assertThat(status).contains("SigBlk:\t%016x".formatted(~unblockable));
  }

  @Test
  void theCommandHasNoDescriptorThatItWasNotGiven() {
    // 0 to 2 are the JVM's own, since the program does not change them; 3 is that of the listing.
    assertThat(TestLaunch.output("/bin/ls", "ls", "/proc/self/fd").lines())
        .containsExactly("0", "1", "2", "3");
  }

  @Test
  void aDescriptorThatIsNotOpenIsNamed() {
    program.input("directory");
    TestLaunch.addExec(program, "/bin/sh");

    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(TestLaunch.of(program, "sh").withDescriptors(999_999)::start)
        .withMessage(
            "executing the launch image: fcntl(999999, F_SETFD, 0) failed: EBADF (9, Bad file"
                + " descriptor)");
  }

  @Test
  void argumentsThatAreTooManyAreAFailedStart() {
    TestLaunch.addExec(program, "/bin/sh");
    String[] arguments = new String[40];
    Arrays.fill(arguments, "x".repeat(200_000)); // one may have 128 KiB

    assertThatExceptionOfType(LinuxException.class)
        .isThrownBy(TestLaunch.of(program, arguments)::start)
        .withMessageMatching(
            "executing the launch image: execveat\\(\\d+, \"\", ..., AT_EMPTY_PATH\\) failed:"
                + " E2BIG.*");
  }

  @Test
  void aClosedImageCanNotBeStarted() {
    TestLaunch launch = TestLaunch.shell("exit 0");
    LaunchImage image = LaunchImage.of(launch.program());
    image.close();

    assertThatIllegalStateException().isThrownBy(() -> Launcher.start(launch.launch(image)));
  }

  @Test
  void anImageCanBeStartedManyTimesAndOutlivesNothing() {
    TestLaunch launch = TestLaunch.shell("exit 5");
    Child first;
    Child second;
    try (LaunchImage image = LaunchImage.of(launch.program())) {
      first = Launcher.start(launch.launch(image));
      second = Launcher.start(launch.launch(image));
    }
    first.await(-1);
    second.await(-1);

    assertThat(List.of(first.status().orElseThrow(), second.status().orElseThrow()))
        .containsOnly(new WaitStatus(true, 5, false));
  }

  @Test
  void aLaunchMustHandOverWhatTheProgramWants() {
    program.input("directory");
    program.exit(0);
    try (LaunchImage image = LaunchImage.of(program.build())) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TestLaunch.of(program).launch(image))
          .withMessage("the program wants 1 descriptors, not 0");
    }
  }

  @Test
  void anArgumentMayNotHoldANul() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ExecVector.of(List.of("a\0b"), List.of()))
        .withMessage("a NUL in an argument or the environment");
  }
}
