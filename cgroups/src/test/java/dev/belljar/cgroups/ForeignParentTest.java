package dev.belljar.cgroups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.linux.testing.OtherJvm;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * JVMs in populated leaves of the version 2 tree, as services and sessions have them: beside the
 * leaf is where limited groups can be.
 */
@RequiresCgroupV2({"cpu", "memory", "pids"})
@RequiresTool("bash")
class ForeignParentTest extends GroupTest {
  private final ForeignGroups groups = new ForeignGroups();
  private Path parent;

  @BeforeEach
  void makeTheParent() {
    parent = groups.make(base(v2()).resolve(ForeignGroups.NAME));
    Assumptions.assumeTrue(
        words("cgroup.controllers").containsAll(Set.of("cpu", "memory", "pids")),
        "needs a group whose children may use cpu, memory and pids");
    assertThat(enabled()).isEmpty();
  }

  @AfterEach
  void removeTheParent() {
    groups.close();
  }

  private static Hierarchy v2() {
    return CgroupLayout.current().v2().orElseThrow();
  }

  private OtherJvm jvmInLeaf(String name) {
    Path leaf = groups.make(parent.resolve(name));
    return OtherJvm.start(
        "echo $$ > '%s/cgroup.procs' && %s".formatted(leaf, OtherJvm.PLAIN), GroupMaker.class);
  }

  private Set<String> enabled() {
    return words("cgroup.subtree_control");
  }

  private Set<String> words(String file) {
    Set<String> words = new TreeSet<>(Arrays.asList(read(parent.resolve(file)).split(" ")));
    words.remove("");
    return words;
  }

  @Test
  void groupsAreMadeBesideThePopulatedLeafAndNothingIsMoved() {
    try (OtherJvm jvm = jvmInLeaf("leaf")) {
      jvm.ask("layout");
      String before = groupsOf(jvm.pid());
      List<String> made = jvm.ask("create box cpu memory pids");

      assertThat(made).hasSize(1);
      assertThat(Path.of(made.getFirst()).getParent().getParent()).isEqualTo(parent);
      assertThat(read(Path.of(made.getFirst(), "memory.max"))).isEqualTo("" + (64 << 20));
      assertThat(enabled()).containsExactly("cpu", "memory", "pids");
      assertThat(groupsOf(jvm.pid())).isEqualTo(before);
      assertThat(processesIn(parent.resolve("leaf"))).containsExactly(jvm.pid());
      assertThat(read(parent.resolve("leaf/cgroup.subtree_control"))).isEmpty();

      long pid = Long.parseLong(jvm.ask("spawn box exec sleep 1000").getFirst());
      assertThat(processesIn(Path.of(made.getFirst()))).containsExactly(pid);
      jvm.end();
    }
    assertThat(enabled()).isEmpty();
  }

  @Test
  void withoutLimitsTheLeafItselfIsTheNearestPlace() {
    try (OtherJvm jvm = jvmInLeaf("leaf")) {
      List<String> made = jvm.ask("create box");
      assertThat(Path.of(made.getFirst()).getParent().getParent())
          .isEqualTo(parent.resolve("leaf"));
      assertThat(enabled()).isEmpty();
      jvm.end();
    }
  }

  @Test
  void whatIsEnabledForALimitIsDisabledWithTheLastGroup() {
    try (OtherJvm jvm = jvmInLeaf("leaf")) {
      jvm.ask("create first pids");
      assertThat(enabled()).containsExactly("pids");
      jvm.ask("create second memory");
      assertThat(enabled()).containsExactly("memory", "pids");
      jvm.ask("close second");
      jvm.ask("close first");
      jvm.ask("release");
      assertThat(enabled()).isEmpty();

      jvm.ask("create third cpu");
      assertThat(enabled()).containsExactly("cpu");
      jvm.end();
    }
    assertThat(enabled()).isEmpty();
  }

  @Test
  void whatWasEnabledBeforeStaysEnabled() throws IOException {
    Files.writeString(parent.resolve("cgroup.subtree_control"), "+pids");
    try (OtherJvm jvm = jvmInLeaf("leaf")) {
      jvm.ask("create box cpu memory pids");
      assertThat(enabled()).containsExactly("cpu", "memory", "pids");
      jvm.end();
    }
    assertThat(enabled()).containsExactly("pids");
  }

  @Test
  void theLastOfTwoJvmsDisablesWhatTheFirstEnabled() {
    try (OtherJvm first = jvmInLeaf("leaf");
        OtherJvm second = jvmInLeaf("other")) {
      first.ask("create box memory pids");
      second.ask("create box memory cpu");
      first.end();
      assertThat(enabled()).contains("cpu", "memory"); // which the other one needs
      second.end();
      assertThat(enabled()).isEmpty();
    }
  }

  @Test
  void whatAKilledJvmEnabledIsDisabledByASweep() {
    try (OtherJvm killed = jvmInLeaf("leaf");
        OtherJvm living = jvmInLeaf("other")) {
      killed.ask("create box cpu memory");
      killed.ask("spawn box exec sleep 1000");
      living.ask("create box memory pids");
      killed.kill();
      assertThat(enabled()).containsExactly("cpu", "memory", "pids");

      assertThat(JvmCgroups.sweep().swept()).hasSize(1);
      assertThat(enabled()).contains("memory", "pids");
      living.end();
      assertThat(enabled()).isEmpty();
    }
  }
}
