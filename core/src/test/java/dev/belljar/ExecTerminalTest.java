package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.Errno;
import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.namespaces.NamespaceType;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The terminal of a command that is put into a running container, however hostile that is. */
@RequiresTool({"tty", "stty"})
class ExecTerminalTest extends ContainerTest {
  private static final String IS_TERMINAL =
      "stty -echo -onlcr; tty; for i in 0 1 2; do test -t $i && echo $i; done; stty size;"
          + " echo error >&2; echo known > /dev/tty; echo $TERM";

  private static ExecBuilder sh(Container container, String script) {
    return container.exec().command("sh", "-c", script).terminal();
  }

  private static List<String> shown(ExecBuilder exec) throws Exception {
    ContainerProcess process = exec.start();
    byte[] all = process.getInputStream().readAllBytes();
    assertThat(process.waitFor()).isZero();
    return new String(all, StandardCharsets.UTF_8).lines().toList();
  }

  private static void hasTerminals(ContainerBuilder builder) throws Exception {
    try (Container container = builder.start()) {
      for (int i = 0; i < 2; i++) {
        assertThat(shown(sh(container, IS_TERMINAL)))
            .containsExactly("/dev/pts/0", "0", "1", "2", "24 80", "error", "known", "xterm");
      }
    }
  }

  @Test
  void itsStreamsAreATerminalOfTheContainer() throws Exception {
    hasTerminals(resident());
  }

  @Test
  @RequiresUserNamespaces
  void soTheyAreInAUserNamespace() throws Exception {
    hasTerminals(resident().rootless());
  }

  @Test
  @RequiresUserNamespaces
  void soTheyAreWhereMountsAreLocked() throws Exception {
    hasTerminals(resident().rootless().privileged());
  }

  @Test
  @RequiresRoot
  void itBelongsToTheCommandsUser() throws Exception {
    try (Container container = resident().start()) {
      assertThat(shown(sh(container, "stat -c %u $(tty); : < $(tty) && echo opened").user(7, 7)))
          .containsExactly("7", "opened");
    }
  }

  @Test
  void itIsAnotherThanThatOfTheContainersCommand() throws Exception {
    try (Container container = sh("sleep 1000").terminal().start()) {
      assertThat(shown(sh(container, "tty; echo unseen > /dev/console")))
          .containsExactly("/dev/pts/1");
      assertThat(container.process().inputReader().readLine()).isEqualTo("unseen");
    }
  }

  @Test
  void severalAreApart() throws Exception {
    try (Container container = resident().start()) {
      ContainerProcess first = sh(container, "stty -echo; tty; read x; echo got $x").start();
      ContainerProcess second = sh(container, "stty -echo; tty; read x; echo got $x").start();
      BufferedReader ofFirst = first.inputReader();
      BufferedReader ofSecond = second.inputReader();
      assertThat(List.of(ofFirst.readLine(), ofSecond.readLine()))
          .containsExactly("/dev/pts/0", "/dev/pts/1");
      type(second, "two\n");
      type(first, "one\n");
      assertThat(ofFirst.readLine()).isEqualTo("got one");
      assertThat(ofSecond.readLine()).isEqualTo("got two");
      assertThat(first.waitFor() + second.waitFor()).isZero();
    }
  }

  private static void type(ContainerProcess process, String text) throws IOException {
    process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void ctrlCInterruptsTheForeground() throws Exception {
    try (Container container = resident().start()) {
      String script = "trap 'echo interrupted; exit 3' INT; echo ready; sleep 1000 & wait";
      ContainerProcess process = sh(container, script).start();
      BufferedReader output = process.inputReader();
      assertThat(output.readLine()).isEqualTo("ready");
      type(process, "\3");
      assertThat(output.readLine()).endsWith("interrupted");
      assertThat(process.waitFor()).isEqualTo(3);
    }
  }

  @Test
  void theForegroundIsToldOfANewSize() throws Exception {
    try (Container container = resident().start()) {
      String script = "trap 'stty size; exit 0' WINCH; stty -echo; stty size; sleep 1000 & wait";
      ContainerProcess process =
          container.exec().command("sh", "-c", script).terminal(132, 50).start();
      BufferedReader output = process.inputReader();
      assertThat(output.readLine()).isEqualTo("50 132");
      process.resize(100, 40);
      assertThat(output.readLine()).isEqualTo("40 100");
      assertThat(process.waitFor()).isZero();
      assertThatThrownBy(() -> process.resize(1, 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("ended");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatStillRunsOnItIsHungUpAtTheEnd(boolean writes) throws Exception {
    String work = writes ? "while :; do echo more; done" : "sleep 1000 & wait";
    String left = "(trap 'echo up > /tmp/hung; exit' HUP; echo there; " + work + ") & sleep 0.2";
    try (Container container = resident().start()) {
      ContainerProcess process = sh(container, left).start();
      assertThat(process.waitFor()).isZero();
      assertThat(process.inputReader().readLine()).isEqualTo("there");
      Await.until("it is hung up", () -> exec(container, "cat /tmp/hung").out().equals("up"));
    }
  }

  @Test
  void theEndOfTheContainerIsItsEnd() throws Exception {
    Container container = resident().start();
    try (container) {
      ContainerProcess process = sh(container, "stty -echo; echo ready; sleep 1000").start();
      BufferedReader output = process.inputReader();
      assertThat(output.readLine()).isEqualTo("ready");
      container.close();
      assertThat(output.readLine()).isNull();
      assertThat(process.waitFor()).isEqualTo(137);
    }
  }

  @Test
  void aCommandThatIsNotThereLeavesNoTerminal() throws Exception {
    try (Container container = resident().start()) {
      assertThatThrownBy(() -> container.exec().command("nonesuch").terminal().start())
          .isInstanceOf(ContainerException.class)
          .hasMessageContaining("nonesuch");
      Await.until(
          "the terminal is gone", () -> exec(container, "ls /dev/pts").out().equals("ptmx"));
    }
  }

  @Test
  void mistakesAreTold() {
    try (Container container = sh("sleep 1000").namespaces(NamespaceType.UTS).start()) {
      assertThatThrownBy(() ->
              container.exec().command("true").stdin(Stdio.discard()).terminal(0, 70_000).start())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("not 0 and 70000")
          .hasMessageContaining("terminal and stdin, stdout or stderr exclude each other")
          .hasMessageContaining("terminal needs a container with a MOUNT namespace of its own");
    }
  }

  /** CVE-2025-52565 and its like: no name in the container's /dev is used that it can replace. */
  @Test
  void whatTheContainersRootCanReplaceIsNotUsed() throws Exception {
    try (Container container = resident().start()) {
      String replace =
          ": > /tmp/trap; rm /dev/ptmx /dev/tty; ln -s /tmp/trap /dev/ptmx;"
              + " ln -s /tmp/trap /dev/tty; chmod 0 /dev/pts/ptmx";
      assertThat(exec(container, replace).status().code()).isZero();
      assertThat(shown(sh(container, "test -t 0 && test -t 1 && echo yes"))).containsExactly("yes");
      assertThat(exec(container, "cat /tmp/trap").output()).isEmpty();
    }
  }

  private static void isRefused(String attack, String why, Errno error) {
    try (Container container = resident().privileged().start()) {
      assertThat(exec(container, attack).output()).isEmpty();
      assertThatThrownBy(() -> sh(container, "echo lost").start())
          .isInstanceOfSatisfying(
              ContainerException.class, refused -> assertThat(refused.error()).contains(error))
          .hasMessageContaining(why);
      assertThat(exec(container, "cat /tmp/trap").output()).isEmpty();
      assertThat(exec(container, "echo usable").output()).isEqualTo("usable");
    }
  }

  @Test
  @RequiresRoot
  void whatIsMountedOverTheTerminalsIsNotUsed() {
    isRefused(
        ": > /tmp/trap; mount -t tmpfs none /dev/pts; ln -s /tmp/trap /dev/pts/ptmx;"
            + " for i in 0 1 2 3; do ln -s /tmp/trap /dev/pts/$i; done",
        "something else is there",
        Errno.EXDEV);
    isRefused(
        ": > /tmp/trap; mkdir /tmp/x; umount /dev/pts; rmdir /dev/pts; ln -s /tmp/x /dev/pts",
        "needs a /dev/pts of the container's own",
        Errno.ELOOP);
    isRefused(
        ": > /tmp/trap; umount /dev/pts; rmdir /dev/pts",
        "needs a /dev/pts of the container's own",
        Errno.ENOENT);
  }

  @Test
  @RequiresRoot
  @RequiresTool("mkfifo")
  void whatIsMountedOverTheMakerOfTerminalsIsNeitherUsedNorWaitedFor() {
    isRefused(
        ": > /tmp/trap; mount -o bind /tmp/trap /dev/pts/ptmx",
        "something is mounted over /dev/pts/ptmx",
        Errno.EXDEV);
    isRefused(
        "mkfifo /tmp/fifo; : > /tmp/trap; mount -o bind /tmp/fifo /dev/pts/ptmx",
        "something is mounted over /dev/pts/ptmx",
        Errno.EXDEV);
  }

  /** What is mounted there comes and goes; whoever went by paths would write to it. */
  @ParameterizedTest
  @CsvSource({
    "/tmp/links,/dev/pts,something else is there",
    "/tmp/trap,/dev/pts/ptmx,something is mounted over /dev/pts/ptmx"
  })
  @RequiresRoot
  void aRaceIsNotLost(String harm, String place, String refusal) throws Exception {
    String attack =
        ": > /tmp/trap; mkdir /tmp/links; ln -s /tmp/trap /tmp/links/ptmx;"
            + " for i in 0 1 2 3; do ln -s /tmp/trap /tmp/links/$i; done; echo ready;"
            + " while mount -o bind %s %s && umount -l %2$s; do :; done".formatted(harm, place);
    try (Container container = resident().privileged().start()) {
      ContainerProcess attacker = container.exec("sh", "-c", attack);
      assertThat(attacker.inputReader().readLine()).isEqualTo("ready");
      int seen = 0;
      int refused = 0;
      int tries = Effort.of(1000);
      for (int i = 0; i < tries; i++) {
        try {
          assertThat(shown(sh(container, "echo harm"))).containsExactly("harm");
          seen++;
        } catch (ContainerException e) {
          assertThat(e).hasMessageContaining(refusal);
          refused++;
        }
      }
      assertThat(seen).as("of %d, %d refused", tries, refused).isGreaterThanOrEqualTo(tries / 5);
      assertThat(refused).as("else nothing was tried").isPositive();
      assertThat(attacker.isAlive()).isTrue();
      attacker.destroyForcibly();
      assertThat(attacker.waitFor()).isEqualTo(137);
      assertThat(exec(container, "cat /tmp/trap").output()).isEmpty();
    }
  }
}
