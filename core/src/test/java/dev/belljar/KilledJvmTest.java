package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What becomes of the containers of a JVM that is killed. */
class KilledJvmTest extends ContainerTest {
  private static final List<String> OPTIONS = List.of("--enable-native-access=ALL-UNNAMED");

  private static Set<String> groups() {
    return Machine.now().things().get("cgroup");
  }

  /** Starts a JVM with containers and kills it. */
  private static void startAndKill() throws Exception {
    List<ProcessHandle> processes = new ArrayList<>();
    try (ChildJvm jvm = ChildJvm.start(List.of(), OPTIONS, LivesUntilKilled.class)) {
      Arrays.stream(jvm.output().readLine().split(" ", -1))
          .map(pid -> ProcessHandle.of(Long.parseLong(pid)).orElseThrow())
          .forEach(processes::add);
      assertThat(processes).hasSizeGreaterThanOrEqualTo(4).allMatch(ProcessHandle::isAlive);
    }
    for (ProcessHandle process : processes) {
      Await.until(process.pid() + " has ended with its JVM", () -> !process.isAlive());
    }
  }

  @Test
  void itsProcessesEndAndSweepRemovesWhatItLeft() throws Exception {
    Set<String> before = groups();
    startAndKill();
    Set<String> left = groups();
    left.removeAll(before);

    List<String> swept =
        Belljar.sweep().groups().stream().map(group -> group.path().toString()).toList();

    assertThat(swept).containsAll(left.stream().filter(KilledJvmTest::isTop).toList());
    assertThat(groups()).noneMatch(left::contains); // none are left where none can be made
  }

  private static boolean isTop(String group) {
    return group.matches(".*/belljar-[0-9a-f]{16}");
  }

  /** The death signal is not sent for a death that came before it was asked for. */
  @Test
  void aProcessWhoseJvmDiedBeforeItWasTiedToItEndsToo() throws Exception {
    Effort.assumeNotEmulated();
    ProcessHandle process;
    try (ChildJvm jvm = ChildJvm.start(List.of(), OPTIONS, StopsBeforeItIsTied.class)) {
      Await.until("a process has stopped", () -> stoppedChildOf(jvm).isPresent());
      process = stoppedChildOf(jvm).orElseThrow();
    }
    try {
      assertThat(state(process)).isEqualTo('T');
      new ProcessBuilder("kill", "-CONT", Long.toString(process.pid())).start().waitFor();
      Await.until("it has ended", () -> !process.isAlive());
    } finally {
      process.destroyForcibly();
      Belljar.sweep();
    }
  }

  private static Optional<ProcessHandle> stoppedChildOf(ChildJvm jvm) {
    return jvm.handle().children().filter(child -> state(child) == 'T').findFirst();
  }

  private static char state(ProcessHandle process) {
    try {
      String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2);
    } catch (IOException gone) {
      return 'X';
    }
  }

  @Test
  void theFirstStartOfTheNextJvmRemovesIt() throws Exception {
    Set<String> before = groups();
    startAndKill();
    Set<String> left = groups();
    left.removeAll(before);

    assertThat(ChildJvm.run(List.of(), OPTIONS, StartsOneContainer.class)).endsWith("with 7");

    assertThat(groups()).noneMatch(left::contains); // none are left where none can be made
  }

  @Test
  void shutdownEndsAllThreadsAndTheNextStartBeginsAfresh() throws Exception {
    for (int i = 0; i < 2; i++) {
      assertThat(run(sh("exit 3")).status().code()).isEqualTo(3);
      assertThat(threads()).contains("belljar-events", "belljar-launch-1");
      Belljar.shutdown();
      Await.until("all threads have ended", () -> threads().isEmpty());
    }
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("belljar-"))
        .toList();
  }
}
