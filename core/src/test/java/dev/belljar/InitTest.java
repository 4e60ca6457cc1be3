package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.MOUNT;
import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.PID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.Signal;
import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.namespaces.Namespace;
import java.io.BufferedReader;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class InitTest extends ContainerTest {
  @Test
  void theCommandIsProcess2AndInitProcess1() {
    assertThat(run(sh("echo $$ $PPID; cat /proc/1/comm").init(true)).output())
        .isEqualTo("2 1\ninit");
  }

  @Test
  void aCommandThatEndsAtOnceIsReapedAndASignalThatComesAtOnceIsTaken() throws Exception {
    ContainerSpec brief = Container.builder().command("true").init(true).build();
    ContainerSpec lasting = Container.builder().command("cat").init(true).build();
    ContainerSpec resident = resident().build();
    for (int i = 0; i < Effort.of(50); i++) {
      try (Container container = brief.start()) {
        assertThat(container.waitFor(DEADLINE)).isTrue();
      }
      try (Container container = lasting.start()) {
        assertThat(container.stop(DEADLINE).signal()).contains(Signal.SIGTERM);
      }
      try (Container container = resident.start()) {
        assertThat(container.stop(DEADLINE)).hasToString("exited with 143");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 5, 255})
  void itPassesTheCommandsCode(int code) {
    assertThat(run(sh("exit " + code).init(true)).status().code()).isEqualTo(code);
  }

  @Test
  void aCommandThatEndsBeforeItsParentIsTheInitIsNotMissed() {
    List<String> steps =
        sh("true").init(true).build().plan().steps().stream().map(Plan.Step::purpose).toList();

    assertThat(steps)
        .containsSubsequence(
            "block all signals", "fork the command's process", "become the built-in init");
  }

  @Test
  void nothingIsBlockedInItsCommand() {
    assertThat(run(sh("grep -E '^Sig(Blk|Ign)' /proc/self/status").init(true)).output())
        .isEqualTo("SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000");
  }

  @ParameterizedTest
  @EnumSource(
      value = Signal.class,
      names = {"SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2", "SIGALRM"})
  void itPassesASignalOnAndTheStatusBack(Signal signal) throws Exception {
    try (Container container = sh("echo ready; exec cat").init(true).start()) {
      assertThat(container.process().inputReader().readLine()).isEqualTo("ready");
      container.signal(signal);
      assertThat(container.process().awaitStatus().signal()).contains(signal);
    }
  }

  @Test
  void itPassesEverySignalToAHandler() throws Exception {
    String traps = "trap 'echo usr1' USR1; trap 'echo hup' HUP; trap 'exit 6' TERM";
    try (Container container =
        sh(traps + "; echo ready; cat & while :; do wait; done").init(true).start()) {
      BufferedReader output = container.process().inputReader();
      assertThat(output.readLine()).isEqualTo("ready");
      container.signal(Signal.SIGUSR1);
      assertThat(output.readLine()).isEqualTo("usr1");
      container.signal(Signal.SIGHUP);
      assertThat(output.readLine()).isEqualTo("hup");
      container.signal(Signal.SIGTERM);
      assertThat(container.process().awaitStatus().code()).isEqualTo(6);
    }
  }

  @Test
  void itReapsOrphans() throws Exception {
    String orphans = "for i in 1 2 3 4 5 6 7 8; do (sleep 0.01 & exec 1>&-) & done; wait";
    String look = "grep -l 'State:.Z' /proc/[0-9]*/status";
    String script =
        orphans + "; until ! pgrep sleep >/dev/null; do :; done; " + look + "; echo end";
    assertThat(run(sh(script).init(true)).out()).isEqualTo("end");
  }

  @Test
  void theResidentInitReapsOrphans() {
    try (Container container = resident().start()) {
      exec(container, "(sleep 0.01 &) ; (sleep 0.02 &)");
      String look = "grep -l 'State:.Z' /proc/[0-9]*/status";
      Await.until(
          "no process but init and the look is left",
          () -> exec(container, "ls -d /proc/[0-9]* | wc -l").out().equals("4"));
      assertThat(exec(container, look).out()).isEmpty();
    }
  }

  @Test
  void orphansEndWithTheCommand() throws Exception {
    try (Container container = sh("setsid sleep 100 & exit 4").init(true).start()) {
      assertThat(container.process().waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(container.exitStatus().code()).isEqualTo(4);
    }
  }

  @Test
  void itHoldsNoDescriptorButThreeAndFewCapabilities() {
    try (Container container = resident().start()) {
      assertThat(exec(container, "grep -E '^Cap(Prm|Eff)' /proc/1/status").output())
          .isEqualTo("CapPrm:\t0000000000000020\nCapEff:\t0000000000000020");
    }
  }

  @Test
  void itWorksWithoutNewMountsToo() {
    assertThat(run(sh("echo $$; exit 8").init(true).namespaces(PID, NET)).status().code())
        .isEqualTo(8);
    assertThat(run(sh("exit 8").init(true).namespaces(PID, MOUNT)).status().code()).isEqualTo(8);
  }

  @Test
  void withoutAPidNamespaceItIsAMistake() {
    assertThatThrownBy(() -> sh("true").init(true).namespaces(NET).start())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PID");
  }

  @Test
  @RequiresRoot
  void inAJoinedPidNamespaceItIsAMistake() {
    try (Container first = resident().start();
        Namespace pid = first.namespace(PID)) {
      assertThatThrownBy(() -> sh("true").init(true).join(pid).start())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("PID");
    }
  }

  @Test
  void anUnknownCommandBehindItIsToldAndNothingIsLeft() {
    assertThatThrownBy(() -> Container.builder().command("nonesuch").init(true).start())
        .isInstanceOf(ContainerException.class)
        .hasMessageContaining("nonesuch")
        .hasMessageContaining("ENOENT");
  }
}
