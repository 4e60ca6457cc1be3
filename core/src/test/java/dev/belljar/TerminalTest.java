package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.testing.MakesMounts;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.rootfs.Rootfs;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A command's terminal. */
@MakesMounts
class TerminalTest extends ContainerTest {
  private static final String IS_TERMINAL =
      "stty -echo -onlcr; tty; for i in 0 1 2; do test -t $i && echo $i; done; stty size;"
          + " test -c /dev/console && echo console; echo seen > /dev/console;"
          + " echo error >&2; echo known > /dev/tty; ls -1 /dev/pts; echo $TERM";

  @TempDir Path folder;

  private static List<String> shown(ContainerBuilder builder) throws Exception {
    try (Container container = builder.start()) {
      byte[] all = container.process().getInputStream().readAllBytes();
      assertThat(container.waitFor()).isZero();
      return new String(all, StandardCharsets.UTF_8).lines().toList();
    }
  }

  private static void isTerminal(List<String> shown) {
    assertThat(shown.getFirst()).isIn("/dev/pts/0", "/dev/console");
    assertThat(shown.subList(1, shown.size()))
        .containsExactly(
            "0", "1", "2", "24 80", "console", "seen", "error", "known", "0", "ptmx", "xterm");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @RequiresTool({"tty", "stty"})
  void theCommandsStreamsAreATerminalOfItsOwn(boolean init) throws Exception {
    isTerminal(shown(sh(IS_TERMINAL).init(init).terminal()));
  }

  @Test
  @RequiresUserNamespaces
  @RequiresTool({"tty", "stty"})
  void soTheyAreInAUserNamespace() throws Exception {
    isTerminal(shown(sh(IS_TERMINAL).rootless().terminal()));
  }

  @Test
  @RequiresRoot
  @RequiresUserNamespaces
  @RequiresTool({"tty", "stty"})
  void soTheyAreWhereMountsAreLocked() throws Exception {
    isTerminal(shown(sh(IS_TERMINAL).rootless().privileged().terminal()));
  }

  @Test
  @RequiresRoot
  @RequiresTool({"tty", "stty"})
  void soTheyAreAtEachStartOfASpecAndForAnyUser() throws Exception {
    ContainerSpec spec =
        sh(IS_TERMINAL + "; stat -c %u /dev/console").user(7, 7).terminal().build();
    for (int i = 0; i < 5; i++) {
      try (Container container = spec.start()) {
        byte[] all = container.process().getInputStream().readAllBytes();
        List<String> shown = new String(all, StandardCharsets.UTF_8).lines().toList();
        isTerminal(shown.subList(0, shown.size() - 1));
        assertThat(shown).last().isEqualTo("7");
      }
    }
  }

  @Test
  @RequiresTool("busybox")
  void theTreesOwnDevicesAreNotUsed() throws Exception {
    BusyboxTree.make(folder);
    for (String name : List.of("proc", "sys", "dev", "tmp")) {
      Files.createDirectory(folder.resolve(name));
    }
    Files.writeString(folder.resolve("dev/console"), "");
    assertThat(
            shown(
                Container.builder()
                    .rootfs(Rootfs.directory(folder))
                    .command("/bin/sh", "-c", "test -t 0 && echo yes > /dev/console")
                    .timeout(DEADLINE)
                    .terminal()))
        .containsExactly("yes");
    assertThat(folder.resolve("dev/console")).isEmptyFile();
  }

  @Test
  @RequiresTool("stty")
  void whatIsTypedIsReadAndCtrlCInterruptsTheForeground() throws Exception {
    String script =
        "trap 'echo interrupted' INT; stty -echo; echo ready; read x; echo got $x; sleep 1000;"
            + " echo ended $?";
    try (Container container = sh(script).terminal().start()) {
      BufferedReader output = container.process().inputReader();
      assertThat(output.readLine()).isEqualTo("ready");
      type(container, "hello\n");
      assertThat(output.readLine()).isEqualTo("got hello");
      Await.until(
          "the command sleeps",
          () -> exec(container, "cat /proc/[0-9]*/comm").out().lines().anyMatch("sleep"::equals));
      type(container, "\3");
      assertThat(output.readLine()).isEqualTo("interrupted");
      assertThat(output.readLine()).isEqualTo("ended 130");
      assertThat(output.readLine()).isNull();
      assertThat(container.waitFor()).isZero();
    }
  }

  private static void type(Container container, String text) throws IOException {
    container.process().getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  @RequiresTool("stty")
  void theSizeIsWhatWasSaidAndCanBeChanged() throws Exception {
    String script = "stty -echo; stty size; read x; stty size";
    try (Container container = sh(script).terminal(132, 50).start()) {
      BufferedReader output = container.process().inputReader();
      assertThat(output.readLine()).isEqualTo("50 132");
      container.process().resize(100, 40);
      type(container, "\n");
      assertThat(output.readLine()).isEqualTo("40 100");
      assertThatThrownBy(() -> container.process().resize(0, 1))
          .isInstanceOf(IllegalArgumentException.class);
      container.waitFor();
      assertThatThrownBy(() -> container.process().resize(1, 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("ended");
    }
  }

  @Test
  void withoutATerminalThereIsNoSize() {
    try (Container container = sh("sleep 1000").start()) {
      assertThatThrownBy(() -> container.process().resize(1, 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("no terminal");
    }
  }

  @Test
  void whatWasShownCanBeReadAfterTheEnd() throws Exception {
    try (Container container = sh("echo last").terminal().start()) {
      assertThat(container.waitFor()).isZero();
      assertThat(container.process().inputReader().readLine()).isEqualTo("last");
    }
  }

  @Test
  void mistakesAreTold() {
    assertThatThrownBy(() ->
            Container.builder()
                .stdout(Stdio.discard())
                .namespaces(NamespaceType.PID)
                .terminal(0, 70_000)
                .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not 0 and 70000")
        .hasMessageContaining("terminal and stdin, stdout or stderr exclude each other")
        .hasMessageContaining("terminal needs a command")
        .hasMessageContaining("terminal needs MOUNT among the namespaces");
    assertThatThrownBy(
            () -> sh("true").rootfs(Rootfs.directory("/x").withProcOnly()).terminal().build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("terminal needs the container's own /dev");
  }
}
