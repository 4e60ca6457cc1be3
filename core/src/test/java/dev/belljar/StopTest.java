package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.UTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.Signal;
import dev.belljar.linux.testing.RequiresCgroup;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StopTest extends ContainerTest {
  private static final Duration SHORT = Duration.ofMillis(300);

  @Test
  void theBuiltInInitEndsWhenItIsStopped() throws Exception {
    try (Container container = resident().start()) {
      assertThat(container.stop(DEADLINE)).hasToString("exited with 143");
    }
  }

  @Test
  void theBuiltInInitTellsWhatWasPutInToEnd() throws Exception {
    try (Container container = resident().start()) {
      ContainerProcess polite =
          container.exec(
              "sh",
              "-c",
              "trap 'echo asked; exit 5' TERM; echo ready; while :; do sleep 0.05; done");
      BufferedReader output = polite.inputReader();
      assertThat(output.readLine()).isEqualTo("ready");

      assertThat(container.stop(DEADLINE).code()).isEqualTo(143);
      assertThat(output.readLine()).isEqualTo("asked");
      assertThat(polite.waitFor()).isEqualTo(5);
    }
  }

  @Test
  void whatDoesNotEndInTimeIsKilled() throws Exception {
    try (Container container = resident().start()) {
      ContainerProcess deaf = container.exec("sh", "-c", "trap '' TERM; echo ready; cat");
      assertThat(deaf.inputReader().readLine()).isEqualTo("ready");

      assertThat(container.stop(SHORT).signal()).contains(Signal.SIGKILL);
      assertThat(deaf.awaitStatus().signal()).contains(Signal.SIGKILL);
    }
  }

  @Test
  void aProcess1WithoutAHandlerIgnoresSigtermAndIsKilled() throws Exception {
    try (Container container = sh("exec cat").start()) {
      assertThat(container.plan().warnings()).anyMatch(warning -> warning.contains("process 1"));
      assertThat(container.stop(SHORT).signal()).contains(Signal.SIGKILL);
    }
  }

  @Test
  void aProcess1WithAHandlerEndsByItself() throws Exception {
    try (Container container = sh("trap 'exit 3' TERM; echo ready; sleep 1000 & wait").start()) {
      assertThat(container.process().inputReader().readLine()).isEqualTo("ready");
      assertThat(container.stop(DEADLINE).code()).isEqualTo(3);
    }
  }

  @Test
  @RequiresCgroup
  void withoutPidTheWholeGroupIsKilled() throws Exception {
    try (Container container =
        sh("sleep 100 & sleep 100 & trap '' TERM; echo ready; read x").namespaces(NET).start()) {
      assertThat(container.process().inputReader().readLine()).isEqualTo("ready");
      List<ProcessHandle> all = new ArrayList<>(container.process().toHandle().children().toList());
      assertThat(all).hasSize(2);
      assertThat(container.stop(SHORT).signal()).contains(Signal.SIGKILL);
      for (ProcessHandle process : all) {
        Await.until(process + " has ended", () -> !process.isAlive());
      }
    }
  }

  @Test
  @RequiresCgroup
  void withoutPidWhatTheFirstProcessLeftBehindEndsWithIt() throws Exception {
    try (Container container = sh("setsid sleep 100 & echo $!").namespaces(UTS).start()) {
      long left = Long.parseLong(container.process().inputReader().readLine());
      assertThat(container.waitFor(DEADLINE)).isTrue();
      Await.until(
          "process " + left + " has ended",
          () -> ProcessHandle.of(left).filter(ProcessHandle::isAlive).isEmpty());
    }
  }

  @Test
  void closeReturnsInTimeWithProcessesPutInStillAlive() throws Exception {
    for (ContainerBuilder builder : List.of(resident(), resident().namespaces(UTS))) {
      Container container = builder.start();
      List<ContainerProcess> inside = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        inside.add(container.exec("sh", "-c", "trap '' TERM; cat & cat"));
      }
      container.close();

      assertThat(container.state()).isEqualTo(ContainerState.ENDED);
      for (ContainerProcess process : inside) {
        assertThat(process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitStatus().signal()).contains(Signal.SIGKILL);
      }
    }
  }

  @Test
  void closeTwiceIsOnce() {
    Container container = sh("cat").start();
    container.close();
    container.close();
    assertThat(container.state()).isEqualTo(ContainerState.ENDED);
  }

  @Test
  void anEndedContainerTakesNoSignalsAndNoCommands() throws Exception {
    Container container = sh("true").start();
    container.waitFor();

    assertThat(container.signal(Signal.SIGTERM)).isFalse();
    assertThat(container.stop(SHORT).code()).isZero();
    assertThatThrownBy(() -> container.exec("true"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has ended");
    assertThatThrownBy(() -> container.namespace(UTS))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("has ended");
    container.close();
  }

  @Test
  void aStreamThatIsBeingReadEndsWithTheContainer() throws Exception {
    Container container = sh("cat").start();
    Thread closer = Thread.ofPlatform().start(container::close);
    assertThat(readToEnd(container.process())).isEmpty();
    closer.join();
  }

  private static String readToEnd(ContainerProcess process) throws IOException {
    try {
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException closed) {
      return "";
    }
  }
}
