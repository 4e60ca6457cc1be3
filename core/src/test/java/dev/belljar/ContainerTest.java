package dev.belljar;

import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.WarmUp;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/**
 * A test that starts containers. After each, every process must have ended by itself or by a close,
 * and once the library is shut down nothing of it may be left.
 */
@KernelTest
@Timeout(value = 5, unit = TimeUnit.MINUTES)
abstract class ContainerTest {
  /** How long anything may take that should happen at once; emulated machines are slow. */
  static final Duration DEADLINE = Duration.ofSeconds(60);

  @WarmUp
  static void startsAContainerOnce() {
    Container container = Container.builder().start();
    try (container) {
      Outcome.of(container.exec("true"));
    }
    container.onExit().join();
    Belljar.shutdown();
  }

  @AfterEach
  void endsNothingButTheLibrary() {
    Await.until("all processes have ended", () -> Await.children().isEmpty());
    Belljar.shutdown();
  }

  /** A container of a shell, which cannot outlive the test's patience. */
  static ContainerBuilder sh(String script) {
    return Container.builder().command("sh", "-c", script).timeout(DEADLINE);
  }

  /** A container that holds only the built-in init. */
  static ContainerBuilder resident() {
    return Container.builder().timeout(DEADLINE);
  }

  /** Runs a container to its end. */
  static Outcome run(ContainerBuilder builder) {
    return Outcome.of(builder);
  }

  /** Runs a shell in a container. */
  static Outcome exec(Container container, String script) {
    return Outcome.of(container.exec("sh", "-c", script));
  }
}
