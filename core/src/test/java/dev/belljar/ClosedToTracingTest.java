package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.PID;
import static dev.belljar.namespaces.NamespaceType.UTS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.FailingSteps;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.namespaces.Namespace;
import dev.belljar.program.ImageCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * No process of a container can look into or trace one that is on its way into it, and still holds
 * what is the JVM's, though both have the same user and the same capabilities.
 */
class ClosedToTracingTest extends ContainerTest {
  private static final String LOOK =
      "cat /proc/%1$s/environ /proc/%1$s/maps; readlink /proc/%1$s/exe /proc/%1$s/fd/0";

  @Test
  void whatIsExecedIntoAContainer() throws Exception {
    ContainerSpec spec = resident().build();
    try (Container container = spec.start()) {
      looksInto(container, ExecSteps.of(spec, "cat"), () -> container.exec("cat"));
    }
  }

  @Test
  @RequiresRoot
  void whatIsStartedInAJoinedPidNamespace() throws Exception {
    try (Container container = resident().start();
        Namespace pid = container.namespace(PID)) {
      ContainerSpec joining = Container.builder().command("cat").namespaces(UTS).join(pid).build();
      looksInto(container, joining.plan().steps(), joining::start);
    }
  }

  @Test
  void theBuiltInInit() {
    try (Container container = resident().start()) {
      assertThatNothingIsSeenOf(container, "1");
    }
  }

  @Test
  void anyOtherProcessCanBeLookedInto() throws Exception {
    try (Container container = resident().start();
        Killed sleep = new Killed(container.exec("sleep", "1000"))) {
      String number = numberInside(sleep.process().pid());
      Outcome seen = exec(container, LOOK.formatted(number));
      assertThat(seen.output()).contains("PATH=", "/sleep", "pipe:");
    }
  }

  /** Starts a process that waits at its last step before its exec, and looks into it. */
  private static void looksInto(Container container, List<Plan.Step> steps, Runnable start)
      throws Exception {
    int ready = steps.stream().map(Plan.Step::purpose).toList().indexOf(Faults.READY);
    ImageCache.clear();
    List<Long> before = Await.children();
    try (ExecutorService threads = Executors.newSingleThreadExecutor()) {
      Future<Optional<Throwable>> started =
          threads.submit(() -> FailingSteps.holding(ready, start));
      Await.until("the process waits", () -> isHeld(held(before)));
      try {
        assertThatNothingIsSeenOf(container, numberInside(held(before).orElseThrow()));
      } finally {
        container.close();
      }
      assertThat(started.get()).isPresent();
    }
  }

  private static Optional<Long> held(List<Long> before) {
    return Await.children().stream().filter(pid -> !before.contains(pid)).findFirst();
  }

  // It gives up gaining privileges just before the step that it waits at.
  private static boolean isHeld(Optional<Long> pid) {
    try {
      return pid.isPresent()
          && Files.readString(Path.of("/proc/" + pid.get() + "/status")).contains("NoNewPrivs:\t1")
          && Files.readString(Path.of("/proc/" + pid.get() + "/stat")).contains(") S ");
    } catch (IOException gone) {
      return false;
    }
  }

  private static String numberInside(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith("NSpid:"))
        .map(line -> line.substring(line.lastIndexOf('\t') + 1))
        .findFirst()
        .orElseThrow();
  }

  private static void assertThatNothingIsSeenOf(Container container, String number) {
    Outcome seen =
        exec(container, "kill -0 %1$s && echo there; ".formatted(number) + LOOK.formatted(number));
    assertThat(seen.out()).isEqualTo("there");
    assertThat(seen.status().isSuccess()).isFalse();
    assertThat(seen.err().lines().filter(line -> line.contains("Permission denied"))).hasSize(2);
  }
}
