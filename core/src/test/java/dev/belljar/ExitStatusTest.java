package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.UTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.Signal;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.testing.RequiresCgroup;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExitStatusTest extends ContainerTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 127, 255})
  void theCodeIsTheCommands(int code) {
    ExitStatus status = run(sh("exit " + code)).status();

    assertThat(status.code()).isEqualTo(code);
    assertThat(status.signal()).isEmpty();
    assertThat(status.isSuccess()).isEqualTo(code == 0);
    assertThat(status.oomKilled()).isFalse();
    assertThat(status.timedOut()).isFalse();
  }

  @Test
  void aSignalIsTold() {
    try (Container container = sh("cat").namespaces(UTS).start()) {
      container.signal(Signal.SIGUSR1);
      ExitStatus status = Outcome.of(container.process()).status();

      assertThat(status.signal()).contains(Signal.SIGUSR1);
      assertThat(status.code()).isEqualTo(128 + Signal.SIGUSR1.number());
      assertThat(status).hasToString("killed by SIGUSR1");
    }
  }

  @Test
  void aStatusThatSomebodyElseTookIsUnknownAndNobodyHangs() throws Exception {
    try (Container container = sh("cat").start()) {
      AtomicBoolean taken = new AtomicBoolean();
      Syscall.setGate((name, call) -> {
        if (name.equals("waitid") && taken.compareAndSet(false, true)) {
          Syscall.call(SyscallNumber.WAIT4, container.pid());
        }
        return call.make();
      });
      try {
        container.process().getOutputStream().close();
        assertThat(container.waitFor(DEADLINE)).isTrue();
      } finally {
        Syscall.setGate(null);
      }
      assertThat(container.exitStatus()).hasToString("ended with a status that nobody saw");
      assertThat(container.exitStatus().isSuccess()).isFalse();
    }
  }

  @Test
  void aContainerThatIsClosedWasKilled() throws Exception {
    Container container = sh("cat").start();
    container.close();

    assertThat(container.exitStatus().signal()).contains(Signal.SIGKILL);
    assertThat(container.waitFor()).isEqualTo(128 + 9);
    assertThat(container.exitStatus().timedOut()).isFalse();
  }

  @Test
  @RequiresCgroup("memory")
  void theMemoryLimitKillsTheProcessThatExceedsIt() {
    ExitStatus status = run(sh("exec tail /dev/zero").memory(16 << 20)).status();

    assertThat(status.signal()).contains(Signal.SIGKILL);
    assertThat(status.oomKilled()).isTrue();
  }

  @Test
  @RequiresCgroup("memory")
  void anOomKilledChildIsToldToo() {
    ExitStatus status = run(sh("tail /dev/zero; exit 3").memory(16 << 20)).status();

    assertThat(status.code()).isEqualTo(3);
    assertThat(status.oomKilled()).isTrue();
  }

  @Test
  @RequiresCgroup("memory")
  void itIsToldOfTheCommandThatFailedForItAndOfNoOther() throws Exception {
    Container container = resident().memory(32 << 20).start();
    try (container) {
      assertThat(exec(container, "exit 3").status()).hasToString("exited with 3");
      assertThat(exec(container, "exec tail /dev/zero").status())
          .hasToString("killed by SIGKILL, out of memory");
      assertThat(exec(container, "tail /dev/zero; exit 4").status())
          .hasToString("exited with 4, out of memory");
      assertThat(exec(container, "exit 5").status()).hasToString("exited with 5");
    }
    assertThat(container.exitStatus().oomKilled()).isTrue();
  }

  @Test
  @RequiresCgroup("memory")
  void anOomKillBehindAnInitIsToldToo() {
    ExitStatus status = run(sh("exec tail /dev/zero").init(true).memory(16 << 20)).status();

    assertThat(status.signal()).contains(Signal.SIGKILL);
    assertThat(status.oomKilled()).isTrue();
  }

  @Test
  void aContainerIsKilledWhenItsTimeIsOver() throws Exception {
    try (Container container = sh("trap '' TERM; cat").timeout(Duration.ofMillis(200)).start()) {
      assertThat(container.waitFor(DEADLINE)).isTrue();
      assertThat(container.exitStatus().timedOut()).isTrue();
      assertThat(container.exitStatus().signal()).contains(Signal.SIGKILL);
    }
  }

  @Test
  void theTimeoutDoesNotTouchAContainerThatEndsInTime() {
    assertThat(run(sh("exit 4").timeout(DEADLINE)).status()).hasToString("exited with 4");
  }

  @Test
  void theTimeoutKillsWhatIsBehindAnInit() throws Exception {
    try (Container container = sh("cat").init(true).timeout(Duration.ofMillis(200)).start()) {
      assertThat(container.waitFor(DEADLINE)).isTrue();
      assertThat(container.exitStatus().timedOut()).isTrue();
    }
  }

  @Test
  void aRunningContainerHasNoStatusYet() {
    try (Container container = sh("cat").start()) {
      assertThatThrownBy(container::exitStatus).isInstanceOf(IllegalThreadStateException.class);
      assertThat(container.state()).isEqualTo(ContainerState.RUNNING);
    }
  }

  @Test
  void theStatusStaysReadable() throws Exception {
    Container container = sh("exit 9").start();
    assertThat(container.waitFor()).isEqualTo(9);
    assertThat(container.state()).isEqualTo(ContainerState.ENDED);
    container.close();
    container.close();

    assertThat(container.exitStatus().code()).isEqualTo(9);
    assertThat(container.waitFor()).isEqualTo(9);
    assertThat(container.onExit().join().code()).isEqualTo(9);
    assertThat(container.process().onExit().join().exitValue()).isEqualTo(9);
  }
}
