package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.Effort;
import dev.belljar.program.ImageCache;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
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

  @ParameterizedTest
  @EnumSource
  void aCallThatFailsIsNamedAndNothingIsLeftBehind(StartShape shape) {
    Faults.failEveryCall(new LifeOfContainer(shape::builder));
  }

  @Test
  void aCallOfAPreparedStartThatFailsIsNamedAndNothingIsLeftBehind() {
    Faults.failEveryCall(new LifeOfPreparedStart());
  }

  @Test
  void aCallOfAnExecThatFailsIsNamedAndNothingIsLeftBehind() {
    Faults.failEveryCall(new LifeOfExec());
  }

  @ParameterizedTest
  @EnumSource(names = {"LIMITED", "BEHIND_AN_INIT", "OF_ALL_KINDS"}) // all steps there are
  void aStepThatFailsIsNamedAndNothingIsLeftBehind(StartShape shape) {
    List<String> names =
        shape.builder().build().plan().steps().stream().map(Plan.Step::purpose).toList();
    assertThat(Faults.failEveryStep(new LifeOfContainer(shape::builder), names))
        .contains(Faults.READY);
  }

  @Test
  void aStepOfAnExecThatFailsIsNamedAndNothingIsLeftBehind() {
    assertThat(Faults.failEveryStep(new LifeOfExec(), List.of())).hasSizeGreaterThan(Effort.of(50));
  }

  /** A container that is started and closed. */
  static class LifeOfContainer implements Faults.Life {
    private final Supplier<ContainerBuilder> builder;
    private Optional<Container> started = Optional.empty();

    LifeOfContainer(Supplier<ContainerBuilder> builder) {
      this.builder = builder;
    }

    /** Whether the last start succeeded. */
    boolean hasStarted() {
      return started.isPresent();
    }

    Container start() {
      return builder.get().start();
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
    private boolean grouped;
    private boolean groupsAhead;

    LifeOfPreparedStart() {
      super(StartShape.LIMITED::builder);
    }

    @Override
    public void begin() {
      spec = Optional.of(StartShape.LIMITED.builder().build());
      start().close();
      try (Container container = start()) {
        grouped = container.cgroup().isPresent();
      }
      if (grouped) {
        SpareGroupsTest.assertSpare(spec.get());
      }
      ImageCache.clear();
    }

    @Override
    Container start() {
      Container container = spec.orElseThrow().start();
      prepared = PreparedMountsTest.isPrepared(container);
      groupsAhead = spec.orElseThrow().blueprint().groups.isReady();
      return container;
    }

    // What cannot be prepared is made as if nothing had been tried, and the groups of a start that
    // cannot be made ahead are left to that start.
    @Override
    public boolean doesWithout() {
      return (Folders.IS_ROOT && !prepared) || (grouped && !groupsAhead);
    }
  }

  private static final class LifeOfExec implements Faults.Life {
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
