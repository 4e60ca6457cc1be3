package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.belljar.linux.testing.RequiresRoot;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

@RequiresRoot
class PauseTest extends ContainerTest {
  @Test
  void aPausedContainerAnswersOnlyWhenItIsResumed() throws Exception {
    try (Container container = sh("while read x; do echo $x; done").accounting().start()) {
      ContainerProcess process = container.process();
      process.outputWriter().append("before\n").flush();
      assertThat(process.inputReader().readLine()).isEqualTo("before");

      container.pause();

      assertThat(container.state()).isEqualTo(ContainerState.PAUSED);
      assertThat(container.cgroup().orElseThrow().isFrozen()).isTrue();
      OptionalLong pids = container.cgroup().orElseThrow().pidsCurrent();
      process.outputWriter().append("meanwhile\n").flush();
      assertThat(process.inputReader().ready()).isFalse();
      assertThat(pids).hasValue(1);

      container.resume();

      assertThat(process.inputReader().readLine()).isEqualTo("meanwhile");
      assertThat(container.state()).isEqualTo(ContainerState.RUNNING);
    }
  }

  @Test
  void nothingIsPutIntoAPausedContainer() throws Exception {
    try (Container container = sh("read end").accounting().start()) {
      container.pause();
      assertThatIllegalStateException()
          .isThrownBy(() -> container.exec("true"))
          .withMessageContaining("paused");
      container.resume();
      assertThat(container.exec("true").waitFor()).isZero();
    }
  }

  @Test
  void aPausedContainerCanBeClosed() throws Exception {
    Container container = sh("read end").accounting().start();
    container.pause();
    container.close();
    assertThat(container.state()).isEqualTo(ContainerState.ENDED);
  }

  @Test
  void aPausedContainerCanBeStopped() throws Exception {
    try (Container container =
        sh("trap 'exit 3' TERM; echo; while true; do sleep 0.1; done").accounting().start()) {
      assertThat(container.process().inputReader().readLine()).isEmpty();
      container.pause();
      assertThat(container.stop(Duration.ofSeconds(30)).code()).isEqualTo(3);
    }
  }

  @Test
  void aPausedContainerTimesOut() throws Exception {
    try (Container container =
        sh("read end").accounting().timeout(Duration.ofMillis(300)).start()) {
      container.pause();
      assertThat(container.waitFor(DEADLINE)).isTrue();
      assertThat(container.exitStatus().timedOut()).isTrue();
    }
  }
}
