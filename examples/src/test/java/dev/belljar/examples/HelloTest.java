package dev.belljar.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.Belljar;
import dev.belljar.Container;
import dev.belljar.ContainerBuilder;
import dev.belljar.ContainerProcess;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroup;
import dev.belljar.linux.testing.WarmUp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@KernelTest
class HelloTest {
  @WarmUp
  static void startsOnce() throws InterruptedException {
    try (Container container = Container.builder().lenient().command("true").start()) {
      container.waitFor();
    }
    Belljar.shutdown();
  }

  @AfterEach
  void endsTheLibrary() {
    Belljar.shutdown();
  }

  private static Map<String, String> hello() throws IOException, InterruptedException {
    PrintStream before = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, UTF_8));
    try {
      Hello.main(new String[0]);
    } finally {
      System.setOut(before);
    }
    return printed
        .toString(UTF_8)
        .lines()
        .filter(line -> !line.startsWith("warning"))
        .collect(
            Collectors.toMap(line -> line.substring(0, 14).strip(), line -> line.substring(15)));
  }

  @Test
  void showsWhatIsNotTheHosts() throws IOException, InterruptedException {
    Map<String, String> lines = hello();

    assertThat(lines.get("hostname"))
        .isEqualTo("hello")
        .isNotEqualTo(InetAddress.getLocalHost().getHostName());
    assertThat(lines.get("user")).isEqualTo("root");
    assertThat(lines.get("processes")).startsWith("1 init").doesNotContain("java");
    assertThat(lines.get("network").strip()).isEqualTo("lo");
    assertThat(lines.get("root")).contains("Read-only file system");
    assertThat(lines).containsKeys("first start", "next start");
    assertThat(NetworkInterface.networkInterfaces().map(NetworkInterface::getName)).contains("lo");
  }

  @Test
  void theSameQuestionsHaveOtherAnswersOnTheHost() throws IOException, InterruptedException {
    Map<String, String> inside = hello();

    assertThat(inside.get("hostname")).isNotEqualTo(host("hostname"));
    assertThat(inside.get("processes").split(" \\| ").length)
        .isLessThan(host("processes").split("\n").length);
    assertThat(host("processes")).contains("java");
    assertThat(inside.get("network").split(" \\| ")).hasSize(1);
    assertThat(host("network").lines().map(String::strip)).contains(inside.get("network").strip());
    // Each mount has a number of its own.
    String root = inside.get("root").replaceFirst(".* \\| ", "");
    assertThat(root).matches("\\d+ \\d+ .*");
    assertThat(Files.readAllLines(Path.of("/proc/self/mountinfo")))
        .noneMatch(mount -> mount.split(" ", 2)[0].equals(root.split(" ", 2)[0]));
  }

  /** What a question of the example is answered outside. */
  private static String host(String question) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(Hello.QUESTIONS.get(question)).start();
    String answer = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    process.waitFor();
    return answer;
  }

  @Test
  @RequiresCgroup({"memory", "pids"})
  void showsTheLimitsAsReadFromInside() throws IOException, InterruptedException {
    Map<String, String> lines = hello();

    assertThat(lines.get("memory limit"))
        .isEqualTo(Long.toString(64 << 20))
        .isNotEqualTo(host("memory limit"));
    assertThat(lines.get("process limit")).isEqualTo("32").isNotEqualTo(host("process limit"));
  }

  @Test
  @RequiresCgroup({"memory", "pids"})
  void limitsReadInsideAreThoseOfTheGroup() throws IOException, InterruptedException {
    ContainerBuilder builder = Container.builder().memory(32 << 20).pids(7);
    try (Container container = builder.start()) {
      ContainerProcess process =
          container.exec(Hello.QUESTIONS.get("memory limit").toArray(String[]::new));
      String inside = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
      process.waitFor();

      assertThat(container.cgroup().orElseThrow().memoryLimit().orElseThrow()).hasToString(inside);
    }
  }
}
