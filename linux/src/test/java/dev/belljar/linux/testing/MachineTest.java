package dev.belljar.linux.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

@KernelTest
class MachineTest {
  @Test
  void anUntouchedMachineHasNoDifferences() {
    assertThat(Machine.now().differencesFrom(Machine.now())).isEmpty();
  }

  @Test
  void aProcessLeftBehindIsFound() throws Exception {
    Machine before = Machine.now();
    Process process = new ProcessBuilder("cat").start();
    try {
      assertThat(Machine.now().differencesFrom(before))
          .anyMatch(line -> line.startsWith("left behind: process " + process.pid()))
          .anyMatch(line -> line.startsWith("left behind: descriptor"));
    } finally {
      process.getOutputStream().close();
      process.waitFor();
    }
  }

  @Test
  void aProcessThatIsMissingIsFoundUnlessItHadEnded() {
    Machine before =
        new Machine(Map.of("process", Set.of("5 (ended) in state Z", "6 (alive) in state S")));
    assertThat(new Machine(Map.of("process", Set.of())).differencesFrom(before))
        .containsExactly("missing: process 6 (alive) in state S");
    assertThat(before.differencesFrom(new Machine(Map.of("process", Set.of()))))
        .contains("left behind: process 5 (ended) in state Z");
  }

  @Test
  void aThreadLeftBehindIsFound() throws Exception {
    Machine before = Machine.now();
    CountDownLatch end = new CountDownLatch(1);
    Thread thread =
        Thread.ofPlatform()
            .name("left")
            .start(() -> {
              try {
                end.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    try {
      assertThat(Machine.now().differencesFrom(before))
          .containsExactly("left behind: thread left (%d)".formatted(thread.threadId()));
    } finally {
      end.countDown();
      thread.join();
    }
  }

  @Test
  void aFileAndADescriptorLeftBehindAreFound() throws IOException {
    Machine before = Machine.now();
    Path file = Files.createTempFile("left", "");
    try (FileChannel channel = FileChannel.open(file)) {
      assertThat(channel.size()).isZero();
      assertThat(Machine.now().differencesFrom(before))
          .hasSize(2)
          .contains("left behind: file " + file)
          .anyMatch(
              line -> line.startsWith("left behind: descriptor") && line.endsWith(file.toString()));
    } finally {
      Files.delete(file);
    }
  }

  @Test
  @RequiresRoot
  void aCgroupLeftBehindIsFound() throws IOException {
    Machine before = Machine.now();
    Path group =
        Files.createDirectory(
            anyHierarchy().resolve("belljar-test-" + ProcessHandle.current().pid()));
    try {
      assertThat(Machine.now().differencesFrom(before))
          .containsExactly("left behind: cgroup " + group);
    } finally {
      Files.delete(group);
    }
  }

  private static Path anyHierarchy() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
        .filter(mount -> mount.contains(" - cgroup"))
        .map(mount -> Path.of(mount.split(" ", 6)[4]))
        .filter(Files::isWritable)
        .findFirst()
        .orElseThrow();
  }
}
