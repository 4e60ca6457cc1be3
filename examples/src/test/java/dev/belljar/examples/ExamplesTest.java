package dev.belljar.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.cgroups.Cgroup;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.JavaCommand;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroup;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The examples as people run them: each in a JVM of its own. */
@KernelTest
class ExamplesTest {
  private static Process start(Class<?> example, String classPath) throws IOException {
    List<String> command = JavaCommand.start();
    command.addAll(
        List.of("--enable-native-access=ALL-UNNAMED", "-classpath", classPath, example.getName()));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }

  private static List<String> run(Class<?> example) throws IOException, InterruptedException {
    return run(start(example, JavaCommand.classPath()));
  }

  private static List<String> run(Process process) throws IOException, InterruptedException {
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

  @Test
  @RequiresCgroup({"cpu", "memory", "pids"})
  void anOrdinaryProcessIsLimitedFrozenAndMovedWithoutTheOtherModules() throws Exception {
    String modules =
        Stream.of(ProcessGroups.class, Cgroup.class, LinuxException.class)
            .map(each -> each.getProtectionDomain().getCodeSource().getLocation().getPath())
            .collect(Collectors.joining(":"));
    List<String> lines = run(start(ProcessGroups.class, modules));

    long rich = percent(lines.get(0), "rich");
    assertThat(percent(lines.get(1), "frozen")).isZero();
    long poor = percent(lines.get(2), "poor");
    assertThat(poor).isPositive().isLessThan(rich);
    assertThat(rich).isLessThanOrEqualTo(90);
    assertThat(poor).isLessThanOrEqualTo(20);
    // As the groups count it: what it used in the first stayed there when it moved on.
    assertThat(lines.get(3)).matches("counted PT[\\d.]+S by rich, PT[\\d.]+S by poor");
    String[] words = lines.get(3).split(" ");
    assertThat(Duration.parse(words[1])).isGreaterThan(Duration.parse(words[4]));
  }

  private static long percent(String line, String name) {
    assertThat(line).matches(name + " +\\d+ %.*");
    return Long.parseLong(line.replaceAll("\\D*(\\d+) %.*", "$1"));
  }

  @Test
  @RequiresRoot
  @RequiresCgroup("cpuset")
  void theCpusetWalkConfinesAProcessAndUndoesAll() throws Exception {
    Process walk = start(CpusetWalk.class, JavaCommand.classPath());
    Map<String, String> said = new LinkedHashMap<>();
    BufferedReader output = walk.inputReader(UTF_8);
    for (String line = output.readLine();
        line != null && !line.startsWith("a line");
        line = output.readLine()) {
      String[] words = line.split("[\\s:]+", 2);
      said.put(words[0], words.length == 2 ? words[1] : "");
    }
    assertThat(said).containsKeys("mounted", "files", "process");
    assertThat(said.get("files")).contains("cgroup.procs", "cpuset.cpus");
    assertThat(said).containsEntry("cpuset.cpus", "0").containsEntry("cpuset.mems", "0");

    Path proc = Path.of("/proc", said.get("process"));
    assertThat(Files.readAllLines(proc.resolve("status")))
        .contains("Cpus_allowed_list:\t0", "Mems_allowed_list:\t0");
    assertThat(said).containsEntry("Cpus_allowed_list", "0");
    assertThat(Files.readString(proc.resolve("cgroup"))).containsPattern("/tutorial-\\d+/child\n");
    assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).doesNotContain("/tmp/cpuset");

    walk.getOutputStream().write('\n');
    assertThat(run(walk)).last().asString().startsWith("unmounted").contains(" 0 files left");
    assertThat(proc).doesNotExist();
  }
}
