package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.FailingCalls;
import dev.belljar.linux.testing.FailingSteps;
import dev.belljar.linux.testing.Machine;
import dev.belljar.program.ImageCache;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whatever fails in a container's life, the exception names it and nothing is left behind.
 *
 * <p>Each call that the starting thread and the launch threads make fails in turn, and each step of
 * the launch program. The library is shut down before each start, so that all of it is made anew.
 */
class FaultTest extends ContainerTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String READY = "report that all is ready";

  /** Something that is started and ended again, while something in it fails. */
  private interface Life {
    /** Makes what it needs, with nothing failing. */
    default void begin() {}

    /** Starts and ends it. */
    void live();

    /** Whether it went on without what a failing call was for. */
    default boolean doesWithout() {
      return false;
    }

    /** Frees what is left, with nothing failing any more. */
    void end();
  }

  @ParameterizedTest
  @EnumSource
  void aCallThatFailsIsNamedAndNothingIsLeftBehind(StartShape shape) {
    failEveryCall(new LifeOfContainer(shape));
  }

  @Test
  void aCallOfAPreparedStartThatFailsIsNamedAndNothingIsLeftBehind() {
    failEveryCall(new LifeOfPreparedStart());
  }

  @Test
  void aCallOfAnExecThatFailsIsNamedAndNothingIsLeftBehind() {
    failEveryCall(new LifeOfExec());
  }

  @ParameterizedTest
  @EnumSource(names = {"LIMITED", "BEHIND_AN_INIT", "OF_ALL_KINDS"}) // all steps there are
  void aStepThatFailsIsNamedAndNothingIsLeftBehind(StartShape shape) {
    List<String> names =
        shape.builder().build().plan().steps().stream().map(Plan.Step::purpose).toList();
    assertThat(failEveryStep(new LifeOfContainer(shape), names)).contains(READY);
  }

  @Test
  void aStepOfAnExecThatFailsIsNamedAndNothingIsLeftBehind() {
    assertThat(failEveryStep(new LifeOfExec(), List.of())).hasSizeGreaterThan(Effort.of(50));
  }

  private static void failEveryCall(Life life) {
    life.begin();
    List<FailingCalls.Call> calls = FailingCalls.of(life::live);
    life.end();
    Machine before = Machine.now();
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < calls.size(); i += Effort.STRIDE) {
      FailingCalls.Call call = calls.get(i);
      life.begin();
      FailingCalls.Outcome outcome = FailingCalls.failing(call, life::live);
      life.end();
      List<String> texts = outcome.failure().map(FaultTest::texts).orElse(List.of());
      boolean silent = texts.isEmpty() && life.doesWithout();
      if (outcome.reached()
          && !silent
          && texts.stream().noneMatch(text -> text.contains(call.name()))) {
        wrong.add(call + " is not named: " + texts);
      }
      if (!outcome.reached() && !texts.isEmpty()) {
        wrong.add(call + " was not made, but: " + texts);
      }
      differences(before).forEach(left -> wrong.add(call + " " + left));
    }
    assertThat(calls).hasSizeGreaterThan(20);
    assertThat(wrong).isEmpty();
  }

  /** Returns the names of the steps that failed. */
  private static List<String> failEveryStep(Life life, List<String> names) {
    life.begin();
    int count = FailingSteps.count(life::live);
    life.end();
    Machine before = Machine.now();
    List<String> wrong = new ArrayList<>();
    List<String> failed = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = names.isEmpty() ? "" : names.get(i);
      if (i % Effort.STRIDE != 0 && !name.equals(READY)) {
        continue;
      }
      life.begin();
      Optional<Throwable> failure = FailingSteps.failing(i, life::live);
      life.end();
      if (failure.isEmpty()) {
        continue; // the program has not come to it
      }
      failed.add(name);
      List<String> texts = texts(failure.get());
      if (!texts.getFirst().contains(name)
          || !texts.getFirst().contains(FailingSteps.ERROR.name())) {
        wrong.add("step " + i + " " + name + " is not named: " + texts);
      }
      for (String left : differences(before)) {
        wrong.add("step " + i + " " + name + " " + left);
      }
    }
    assertThat(wrong).isEmpty();
    return failed;
  }

  // What ends on other threads may take a little while.
  private static List<String> differences(Machine before) {
    List<String> differences = Machine.now().differencesFrom(before);
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!differences.isEmpty() && System.nanoTime() < end) {
      LockSupport.parkNanos(Duration.ofMillis(2).toNanos());
      differences = Machine.now().differencesFrom(before);
    }
    return differences;
  }

  /** The messages of what was thrown and of all that it brought with it. */
  private static List<String> texts(Throwable failure) {
    List<String> texts = new ArrayList<>();
    addTexts(failure, texts);
    return texts;
  }

  private static void addTexts(Throwable failure, List<String> texts) {
    texts.add(String.valueOf(failure.getMessage()));
    if (failure.getCause() != null) {
      addTexts(failure.getCause(), texts);
    }
    for (Throwable suppressed : failure.getSuppressed()) {
      addTexts(suppressed, texts);
    }
  }

  private static class LifeOfContainer implements Life {
    private final StartShape shape;
    private Optional<Container> started = Optional.empty();

    LifeOfContainer(StartShape shape) {
      this.shape = shape;
    }

    Container start() {
      return shape.builder().start();
    }

    @Override
    public void live() {
      Container container = start();
      started = Optional.of(container);
      container.close();
    }

    @Override
    public void end() {
      started.ifPresent(container -> {
        try {
          container.close();
        } catch (ContainerException told) {
          // as by the first close
        }
        container.process().onExit().join();
      });
      started = Optional.empty();
      Belljar.shutdown();
    }
  }

  /** The third of a spec: its groups have been made ahead, and as root it prepares its mounts. */
  private static final class LifeOfPreparedStart extends LifeOfContainer {
    private Optional<ContainerSpec> spec = Optional.empty();
    private boolean prepared;

    LifeOfPreparedStart() {
      super(StartShape.LIMITED);
    }

    @Override
    public void begin() {
      spec = Optional.of(StartShape.LIMITED.builder().build());
      start().close();
      List<Path> parents;
      try (Container container = start()) {
        parents = SpareGroupsTest.parents(container);
      }
      parents.forEach(SpareGroupsTest::awaitSpare);
      ImageCache.clear();
    }

    @Override
    Container start() {
      Container container = spec.orElseThrow().start();
      prepared = PreparedMountsTest.isPrepared(container);
      return container;
    }

    // What cannot be prepared is made as if nothing had been tried.
    @Override
    public boolean doesWithout() {
      return Folders.IS_ROOT && !prepared;
    }
  }

  private static final class LifeOfExec implements Life {
    private Optional<Container> container = Optional.empty();
    private Optional<ContainerProcess> started = Optional.empty();

    @Override
    public void begin() {
      container = Optional.of(Container.builder().start());
      ImageCache.clear();
    }

    @Override
    public void live() {
      ContainerProcess process = container.orElseThrow().exec("cat");
      started = Optional.of(process);
      process.destroyForcibly();
      process.onExit().join();
    }

    @Override
    public void end() {
      container.ifPresent(Container::close);
      started.ifPresent(process -> process.onExit().join());
      started = Optional.empty();
      Belljar.shutdown();
    }
  }
}
