package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.NET;
import static dev.belljar.namespaces.NamespaceType.UTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.Errno;
import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.RequiresRoot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecTest extends ContainerTest {
  private static final String COMMANDS = "cat /proc/[0-9]*/comm";

  @Test
  void itIsInsideTheContainer() {
    try (Container container = sh("echo kept > /tmp/file; exec cat").hostname("box").start()) {
      Await.until("the file is there", () -> exec(container, "cat /tmp/file").out().equals("kept"));
      assertThat(exec(container, "hostname; echo $PPID").output()).isEqualTo("box\n0");
    }
  }

  @Test
  void itHasTheContainersEnvironmentAndItsOwn() {
    try (Container container = resident().environment("A", "1").environment("B", "2").start()) {
      ContainerProcess process =
          container.exec().command("env").environment("B", "3").environment("C", "4").start();
      assertThat(Outcome.of(process).output().lines().sorted())
          .containsExactly(
              "A=1",
              "B=3",
              "C=4",
              "HOME=/root",
              "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    }
  }

  @Test
  void itHasTheContainersWorkingDirectoryUnlessGivenAnother() {
    try (Container container = resident().workingDirectory("/usr").start()) {
      assertThat(exec(container, "pwd").output()).isEqualTo("/usr");
      assertThat(
              Outcome.of(container.exec().command("pwd").workingDirectory("/usr/bin").start())
                  .out())
          .isEqualTo("/usr/bin");
      assertThatThrownBy(() -> container.exec().command("pwd").workingDirectory("/none").start())
          .isInstanceOf(ContainerException.class)
          .hasMessageContaining("working directory /none")
          .hasMessageContaining("ENOENT");
    }
  }

  @Test
  @RequiresRoot
  void itRunsAsTheContainersUserUnlessGivenAnother() {
    try (Container container = resident().user(12, 34, 56, 78).start()) {
      assertThat(exec(container, "id -u; id -g; id -G").output()).isEqualTo("12\n34\n34 56 78");
      ContainerProcess other =
          container.exec().command("sh", "-c", "id -u; id -G").user(1000, 1001).start();
      assertThat(Outcome.of(other).output()).isEqualTo("1000\n1001");
      ContainerProcess root =
          container.exec().command("sh", "-c", "id -u; id -G").user(0, 0).start();
      assertThat(Outcome.of(root).output()).isEqualTo("0\n0");
    }
  }

  @Test
  void itsStreamsGoWhereTheyAreTold(@TempDir Path dir) throws Exception {
    Path in = Files.writeString(dir.resolve("in"), "given");
    Path out = dir.resolve("out");
    try (Container container = resident().start()) {
      int code =
          container
              .exec()
              .command("sh", "-c", "cat; echo lost >&2")
              .stdin(Stdio.file(in))
              .stdout(Stdio.file(out))
              .stderr(Stdio.discard())
              .start()
              .waitFor();
      assertThat(code).isZero();
      assertThat(out).hasContent("given");
    }
  }

  @Test
  void itsStatusIsItsOwn() throws Exception {
    try (Container container = resident().start()) {
      assertThat(exec(container, "exit 7").status().code()).isEqualTo(7);
      assertThat(exec(container, "kill -KILL $$").status().code()).isEqualTo(137);
      assertThat(container.state()).isEqualTo(ContainerState.RUNNING);
    }
  }

  @Test
  void itEndsThoughWhatItLeftBehindWritesOn() throws Exception {
    try (Container container = resident().start()) {
      ContainerProcess process = container.exec("sh", "-c", "yes & echo first; sleep 0.2");
      assertThat(process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
      Await.until("yes has ended", () -> !exec(container, COMMANDS).out().contains("yes"));
    }
  }

  @Test
  void anUnknownCommandIsTold() {
    try (Container container = resident().start()) {
      assertThatThrownBy(() -> container.exec("nonesuch", "a"))
          .isInstanceOfSatisfying(
              ContainerException.class,
              failure -> assertThat(failure.error()).contains(Errno.ENOENT))
          .hasMessageContaining("nonesuch");
    }
  }

  @Test
  void mistakesAreToldAtOnce() {
    try (Container container = resident().start()) {
      assertThatThrownBy(
              () -> container.exec().workingDirectory("here").environment("", "x").start())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("workingDirectory")
          .hasMessageContaining("environment variable")
          .hasMessageContaining("command");
    }
  }

  @Test
  void manyAtOnceFromManyThreadsWork() throws Exception {
    List<ContainerBuilder> kinds = List.of(resident(), resident().namespaces(NET, UTS));
    for (ContainerBuilder kind : kinds) {
      try (Container container = kind.start();
          ExecutorService threads = Executors.newFixedThreadPool(8)) {
        List<Future<String>> outputs = new ArrayList<>();
        for (int i = 0; i < Effort.of(200); i++) {
          String number = "n" + i;
          outputs.add(threads.submit(() -> exec(container, "echo " + number).output()));
        }
        for (int i = 0; i < outputs.size(); i++) {
          assertThat(outputs.get(i).get()).isEqualTo("n" + i);
        }
      }
    }
  }

  @Test
  void manyAtOnceFromVirtualThreadsWork() throws Exception {
    try (Container container = resident().start();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<String>> outputs =
          IntStream.range(0, Effort.of(200))
              .mapToObj(i -> threads.submit(() -> exec(container, "echo " + i).output()))
              .toList();
      for (int i = 0; i < outputs.size(); i++) {
        assertThat(outputs.get(i).get()).isEqualTo("" + i);
      }
    }
  }

  @Test
  void itFailsClearlyWhileTheContainerIsBeingClosed() throws Exception {
    for (int round = 0; round < 20; round++) {
      Container container = resident().start();
      Thread closer = Thread.ofPlatform().start(container::close);
      try {
        while (true) {
          container.exec("true").waitFor();
        }
      } catch (IllegalStateException | ContainerException ended) {
        assertThat(ended).hasMessageContaining("end");
      }
      closer.join();
    }
  }
}
