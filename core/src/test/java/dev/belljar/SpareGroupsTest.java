package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.cgroups.Cgroup;
import dev.belljar.cgroups.Resources;
import dev.belljar.cgroups.controller.Limit;
import dev.belljar.linux.testing.RequiresRoot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Starts of one spec whose control groups have been made ahead. */
@RequiresRoot
class SpareGroupsTest extends ContainerTest {
  private static final long MEMORY = 64L << 20;

  /** Starts a container and returns the groups of this JVM, as they are while it runs. */
  private static Path start(ContainerSpec spec) {
    try (Container container = spec.start()) {
      return parents(container).getFirst();
    }
  }

  /** The groups below which those of a container are; none where it has none. */
  private static List<Path> parents(Container container) {
    return container.cgroup().stream()
        .flatMap(group -> group.hierarchies().stream().map(group::path))
        .map(path -> Path.of(path.toString()).getParent())
        .toList();
  }

  private static Set<String> groupsIn(Path parent) {
    try (Stream<Path> files = Files.list(parent)) {
      return files
          .filter(Files::isDirectory)
          .map(file -> file.getFileName().toString())
          .collect(Collectors.toSet());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Checks that the groups of the next start are there. */
  static void assertSpare(ContainerSpec spec) {
    assertThat(spec.blueprint().groups.isReady()).as("groups have been made ahead").isTrue();
  }

  private static String nameOfSpare(ContainerSpec spec, Path parent) {
    assertSpare(spec);
    assertThat(groupsIn(parent)).hasSize(1);
    return groupsIn(parent).iterator().next();
  }

  @Test
  void theThirdStartFindsItsGroupsMadeWithItsLimits() throws Exception {
    ContainerSpec spec = resident().lenient().memory(MEMORY).pids(17).build();
    assertThat(groupsIn(start(spec))).isEmpty();
    Path parent = start(spec);
    String spare = nameOfSpare(spec, parent);
    try (Container container = spec.start()) {
      assertThat(container.id()).isEqualTo(spare);
      Cgroup group = container.cgroup().orElseThrow();
      assertThat(group.processes()).containsExactly(container.pid());
      assertThat(group.memoryLimit()).contains(Limit.of(MEMORY));
      assertThat(group.pidsLimit()).contains(Limit.of(17));
      for (Path each : parents(container)) {
        assertThat(groupsIn(each)).as("the next ones are made too").hasSize(2);
        String next =
            groupsIn(each).stream().filter(name -> !name.equals(spare)).findFirst().orElseThrow();
        assertThat(each.resolve(next).resolve("cgroup.procs")).isEmptyFile();
      }
    }
    assertThat(parent.resolve(spare)).doesNotExist();
  }

  @Test
  void twoContainersNeverShareGroups() {
    ContainerSpec spec = resident().lenient().pids(17).build();
    start(spec);
    start(spec);
    assertSpare(spec);
    try (Container one = spec.start();
        Container other = spec.start()) {
      assertThat(one.id()).isNotEqualTo(other.id());
      assertThat(one.cgroup().orElseThrow().processes()).containsExactly(one.pid());
      assertThat(other.cgroup().orElseThrow().processes()).containsExactly(other.pid());
    }
  }

  @Test
  void theyAreRemovedWhenTheyAreNotUsed() {
    ContainerSpec spec = resident().lenient().pids(17).build();
    start(spec);
    Path parent = start(spec);
    assertSpare(spec);
    Await.until("they are given up", () -> groupsIn(parent).isEmpty());
  }

  @Test
  void aStartThatFailsTakesThemWithIt() throws IOException {
    Path command = Files.createTempFile(Path.of("/var/tmp"), "command", "");
    try {
      Files.writeString(command, "#!/bin/sh\nexec sleep 99\n");
      assertThat(command.toFile().setExecutable(true)).isTrue();
      ContainerSpec spec =
          Container.builder().command(command.toString()).lenient().pids(17).build();
      start(spec);
      Path parent = start(spec);
      String spare = nameOfSpare(spec, parent);
      assertThat(command.toFile().setExecutable(false, false)).isTrue();
      assertThatThrownBy(spec::start).isInstanceOf(ContainerException.class);
      assertThat(parent.resolve(spare)).doesNotExist();
      assertThat(groupsIn(parent)).as("none were made ahead by the start that failed").isEmpty();
    } finally {
      Files.delete(command);
    }
  }

  @Test
  void onlyAFewAreHeld() {
    int most = 0;
    for (int i = 0; i < 12; i++) {
      ContainerSpec spec = resident().lenient().pids(20 + i).build();
      start(spec);
      Path parent = start(spec);
      assertSpare(spec);
      most = Math.max(most, groupsIn(parent).size());
    }
    assertThat(most).isLessThanOrEqualTo(8);
  }

  @Test
  void noneAreMadeForWhoDoesNotWantThem() {
    ContainerSpec spec = resident().lenient().pids(17).prepare(false).build();
    for (int i = 0; i < 3; i++) {
      assertThat(groupsIn(start(spec))).isEmpty();
    }
    Belljar.shutdown();
    Resources raw = Resources.builder().unified("pids.max", "30").build();
    ContainerSpec taking = resident().lenient().resources(raw).pids(30).build();
    for (int i = 0; i < 3; i++) {
      assertThat(groupsIn(start(taking))).isEmpty();
    }
  }
}
