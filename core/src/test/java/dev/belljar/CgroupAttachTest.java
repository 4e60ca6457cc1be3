package dev.belljar;

import static dev.belljar.namespaces.NamespaceType.UTS;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.cgroups.Cgroup;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every process of a container is in all of its groups, from its first instruction on. */
@RequiresRoot
class CgroupAttachTest extends ContainerTest {
  @Test
  @RequiresTool("busybox")
  void aCommandThatForksAtOnceIsInEveryGroupWithAllItsChildren() throws IOException {
    ContainerBuilder builder =
        Container.builder()
            .command("busybox", "sh", "-c", "sleep 99 & sleep 99 & sleep 99 & echo $!; wait")
            .namespaces(UTS)
            .cpuShares(512)
            .memory(64 << 20)
            .pids(20);
    int times = Effort.of(1000);
    for (int i = 0; i < times; i++) {
      try (Container container = builder.start()) {
        long lastChild = Long.parseLong(container.process().inputReader(UTF_8).readLine());
        Set<Long> all = childrenOf(container.pid());
        all.add(container.pid());
        assertThat(all).hasSize(4).contains(lastChild);
        Cgroup group = container.cgroup().orElseThrow();
        for (Hierarchy hierarchy : group.hierarchies()) {
          assertThat(processesIn(group, hierarchy)).as("%s, start %d", hierarchy, i).isEqualTo(all);
        }
      }
    }
  }

  @Test
  @RequiresTool("bash")
  void aForkBombWithoutAnOwnPidNamespaceEndsWithItsContainer() {
    Container container =
        Container.builder()
            .command("bash", "-c", "b() { b | b & }; b; b; b; cat")
            .namespaces(UTS)
            .stderr(Stdio.discard())
            .pids(40)
            .start();
    Path directory;
    try (container) {
      Cgroup group = container.cgroup().orElseThrow();
      directory = Path.of(group.path(group.hierarchies().getFirst()).toString());
      Await.until("the limit is reached", () -> group.pidsCurrent().orElseThrow() == 40);
    }
    assertThat(container.state()).isEqualTo(ContainerState.ENDED);
    assertThat(directory).doesNotExist();
  }

  private static Set<Long> childrenOf(long pid) throws IOException {
    String children = Files.readString(Path.of("/proc/%d/task/%d/children".formatted(pid, pid)));
    return Stream.of(children.strip().split(" ")).map(Long::valueOf).collect(Collectors.toSet());
  }

  private static Set<Long> processesIn(Cgroup group, Hierarchy hierarchy) throws IOException {
    return Files.readAllLines(Path.of(group.path(hierarchy).toString(), "cgroup.procs")).stream()
        .map(Long::valueOf)
        .collect(Collectors.toSet());
  }
}
