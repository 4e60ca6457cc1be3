package dev.belljar.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroup;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The examples as people run them: each in a JVM of its own. */
@KernelTest
class ExamplesTest {
  private static List<String> run(Class<?> example) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-classpath",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                example.getName())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return output.lines().toList();
  }

  @Test
  @RequiresCgroup({"cpu", "memory", "pids"})
  void limitsShowsThoseOfTheGroupWhileItWorks() throws Exception {
    List<String> lines = run(Limits.class);

    assertThat(lines)
        .anyMatch(line -> line.matches("group +.*belljar-.*"))
        .anyMatch(line -> line.matches("cpu shares +5\\d\\d"))
        .anyMatch(line -> line.matches("memory limit +67108864"))
        .anyMatch(line -> line.matches("pids limit +16"));
    assertThat(lines.stream().filter(line -> line.startsWith("reading")))
        .hasSize(5)
        .allMatch(line -> line.matches("reading \\d +memory [1-9]\\d* bytes, processes [12]"));
  }

  @Test
  @RequiresUserNamespaces
  void rootlessIsRootInside() throws Exception {
    assertThat(run(Rootless.class))
        .anyMatch(line -> line.startsWith("inside: uid=0"))
        .anyMatch(line -> line.startsWith("id map: 0 "))
        .contains("exit code 0");
  }
}
