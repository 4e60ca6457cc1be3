package dev.belljar.linux.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static dev.belljar.linux.launch.ProgramBuilder.nothing;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.testing.FailingCalls;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.WarmUp;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each call that a start makes in this JVM fails in turn: the exception names it, and nothing is
 * left behind. The library's threads end after each start, so their making is part of it.
 */
@KernelTest
class LaunchFaultTest {
  enum Kind {
    PLAIN,
    FORKING,
    FAILING_STEP,
    FAILING_STEP_OF_THE_FORK,
    ENDING_EARLY,
    TIMING_OUT,
    TIMING_OUT_BEFORE_THE_REPORT;

    TestLaunch launch() {
      ProgramBuilder program = new ProgramBuilder();
      switch (this) {
        case PLAIN -> {}
        case FORKING -> ForkSteps.add(program, 0, () -> {});
        case FAILING_STEP -> addFailingStep(program);
        case FAILING_STEP_OF_THE_FORK -> {
          ForkSteps.add(program, 0, () -> {});
          addFailingStep(program);
        }
        case ENDING_EARLY -> program.exit(3);
        case TIMING_OUT -> addWait(program);
        case TIMING_OUT_BEFORE_THE_REPORT -> {
          ForkSteps.add(program, 0, () -> addWait(program));
          addWait(program);
        }
      }
      TestLaunch.addExec(program, "/bin/true");
      TestLaunch launch = TestLaunch.of(program, "true").withDeadline(20, TimeUnit.SECONDS);
      return switch (this) {
        case PLAIN, FAILING_STEP, ENDING_EARLY -> launch;
        case FORKING, FAILING_STEP_OF_THE_FORK -> launch.forking();
        case TIMING_OUT -> launch.withDeadline(20, TimeUnit.MILLISECONDS);
        case TIMING_OUT_BEFORE_THE_REPORT ->
            launch.forking().withDeadline(20, TimeUnit.MILLISECONDS);
      };
    }

    private static void addFailingStep(ProgramBuilder program) {
      program.call(SyscallNumber.FCHDIR, literal(-1)).named("go nowhere");
    }

    private static void addWait(ProgramBuilder program) {
      program.call(SyscallNumber.PPOLL, nothing(), literal(0), nothing(), nothing());
    }

    boolean succeeds() {
      return this == PLAIN || this == FORKING;
    }

    String message() {
      return switch (this) {
        case PLAIN, FORKING -> "none";
        case FAILING_STEP, FAILING_STEP_OF_THE_FORK -> "go nowhere: fchdir(-1) failed: EBADF";
        case ENDING_EARLY -> "the process ended before it could execute its command";
        case TIMING_OUT, TIMING_OUT_BEFORE_THE_REPORT -> "failed: ETIMEDOUT";
      };
    }
  }

  @WarmUp
  static void loadTheStub() {
    TestLaunch.warmUp();
    Launcher.shutdown();
  }

  @AfterEach
  void endTheThreads() {
    Launcher.shutdown();
  }

  static Stream<Arguments> callsOfStarts() {
    return Stream.of(Kind.values())
        .flatMap(kind -> callsOf(kind).stream().map(call -> Arguments.of(kind, call)));
  }

  private static List<FailingCalls.Call> callsOf(Kind kind) {
    TestLaunch launch = kind.launch();
    List<Child> started = new ArrayList<>();
    try (LaunchImage image = LaunchImage.of(launch.program())) {
      return FailingCalls.of(() -> started.add(Launcher.start(launch.launch(image))));
    } finally {
      started.forEach(child -> child.await(-1)); // else the next test would see it end
      Launcher.shutdown();
    }
  }

  @ParameterizedTest
  @MethodSource("callsOfStarts")
  void aCallThatFailsIsNamedAndNothingIsLeftBehind(Kind kind, FailingCalls.Call call) {
    TestLaunch launch = kind.launch();
    List<Child> started = new ArrayList<>();
    FailingCalls.Outcome outcome;
    try (LaunchImage image = LaunchImage.of(launch.program())) {
      outcome = FailingCalls.failing(call, () -> started.add(Launcher.start(launch.launch(image))));
    }
    started.forEach(child -> child.await(-1));

    if (outcome.reached()) {
      assertThat(started).isEmpty();
      assertThat(texts(outcome)).anyMatch(text -> text.contains(call.name()));
      assertThat(texts(outcome)).anyMatch(text -> text.contains(FailingCalls.ERROR.name()));
    } else {
      // Which thread reaps a killed child is not fixed, nor how far a program comes in its time.
      assertThat(kind.succeeds()).isFalse();
    }
    assertThat(outcome.failure().isPresent()).isEqualTo(outcome.reached() || !kind.succeeds());
    if (!kind.succeeds()) {
      assertThat(texts(outcome))
          .anyMatch(text -> text.contains(kind.message()) || text.contains(call.name()));
    }
  }

  /** The messages of what was thrown and of all that it brought with it. */
  private static List<String> texts(FailingCalls.Outcome outcome) {
    List<String> texts = new ArrayList<>();
    outcome.failure().ifPresent(failure -> addTexts(failure, texts));
    return texts;
  }

  private static void addTexts(Throwable failure, List<String> texts) {
    assertThat(failure).isInstanceOf(LinuxException.class);
    texts.add(failure.getMessage());
    for (Throwable suppressed : failure.getSuppressed()) {
      addTexts(suppressed, texts);
    }
  }
}
