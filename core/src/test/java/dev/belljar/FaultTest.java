package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.Effort;
import dev.belljar.program.ImageCache;
import dev.belljar.program.TerminalSize;
import dev.belljar.rootfs.Mount;
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

  @ParameterizedTest
  @EnumSource
  void aCallOfAnExecThatFailsIsNamedAndNothingIsLeftBehind(ExecShape shape) {
    Faults.failEveryCall(new LifeOfExec(shape));
  }

  @ParameterizedTest
  @EnumSource(
      names = {"LIMITED", "BEHIND_AN_INIT", "OF_ALL_KINDS", "FURNISHED"}) // all steps there are
  void aStepThatFailsIsNamedAndNothingIsLeftBehind(StartShape shape) {
    List<String> names =
        shape.builder().build().plan().steps().stream().map(Plan.Step::purpose).toList();
    assertThat(Faults.failEveryStep(new LifeOfContainer(shape::builder), names))
        .contains(Faults.READY);
  }

  @ParameterizedTest
  @EnumSource(names = {"WITH_PIPES", "ON_A_TERMINAL"}) // of one program
  void aStepOfAnExecThatFailsIsNamedAndNothingIsLeftBehind(ExecShape shape) {
    Optional<TerminalSize> terminal =
        shape == ExecShape.ON_A_TERMINAL ? Optional.of(TerminalSize.USUAL) : Optional.empty();
    List<String> names =
        ExecSteps.of(Container.builder().build(), terminal, "cat").stream()
            .map(Plan.Step::purpose)
            .toList();
    assertThat(Faults.failEveryStep(new LifeOfExec(shape), names))
        .hasSizeGreaterThan(Effort.of(50))
        .contains(Faults.READY);
  }

  @Test
  void aStepOfWhatOpensAContainersRootIsNamedAndNothingIsLeftBehind() {
    assertThat(Faults.failEveryStep(new LifeOfExec(ExecShape.OF_NOBODY), List.of())).isNotEmpty();
  }

  /** What is put into a container. */
  enum ExecShape {
    WITH_PIPES {
      @Override
      Optional<ContainerProcess> start(Container container) {
        return Optional.of(container.exec("cat"));
      }
    },
    ON_A_TERMINAL {
      @Override
      Optional<ContainerProcess> start(Container container) {
        return Optional.of(container.exec().command("cat").terminal().start());
      }
    },
    OF_A_NAMED_USER {
      @Override
      Optional<ContainerProcess> start(Container container) {
        return Optional.of(container.exec().command("cat").user("root").terminal().start());
      }
    },
    /** Which ends when the root directory, in which names are looked up, has been opened. */
    OF_NOBODY {
      @Override
      Optional<ContainerProcess> start(Container container) {
        try {
          return Optional.of(container.exec().command("cat").user("nobody at all").start());
        } catch (IllegalArgumentException e) {
          if (e.getSuppressed().length > 0) {
            throw e; // with what failed as it was thrown
          }
          return Optional.empty();
        }
      }
    };

    abstract Optional<ContainerProcess> start(Container container);
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
      super(LifeOfPreparedStart::builder);
    }

    private static ContainerBuilder builder() {
      return StartShape.LIMITED.builder().mount(Mount.rbind("/etc", "/tmp/bound").readOnly());
    }

    @Override
    public void begin() {
      spec = Optional.of(builder().build());
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
    private final ExecShape shape;
    private Optional<Container> container = Optional.empty();
    private Optional<ContainerProcess> started = Optional.empty();

    LifeOfExec(ExecShape shape) {
      this.shape = shape;
    }

    @Override
    public void begin() {
      container = Optional.of(Container.builder().start());
      ImageCache.clear();
    }

    @Override
    public void live() {
      started = shape.start(container.orElseThrow());
      started.ifPresent(process -> {
        process.destroyForcibly();
        process.onExit().join();
      });
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
