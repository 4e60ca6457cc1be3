package dev.belljar.cgroups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.testing.Effort;
import dev.belljar.linux.testing.OtherJvm;
import dev.belljar.linux.testing.RequiresTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What becomes of the groups of a JVM that is killed. */
@RequiresTool("bash")
class SweepTest extends GroupTest {
  /** Groups with a running process, whose JVM was killed. */
  private record Left(List<Path> groups, List<Long> processes) {
    static Left by(OtherJvm jvm, String... creations) {
      List<Path> groups = new ArrayList<>();
      List<Long> processes = new ArrayList<>();
      for (String creation : creations) {
        jvm.ask("create " + creation).forEach(path -> groups.add(Path.of(path)));
        String name = creation.split(" ")[0];
        processes.add(Long.valueOf(jvm.ask("spawn " + name + " exec sleep 1000").getFirst()));
      }
      jvm.kill();
      assertThat(groups).isNotEmpty().allSatisfy(group -> assertThat(group).exists());
      assertThat(processes).noneMatch(GroupTest::hasEnded);
      return new Left(groups, processes);
    }

    List<Path> parents() {
      return groups.stream().map(Path::getParent).distinct().toList();
    }

    void isGone() {
      assertThat(parents()).allSatisfy(parent -> assertThat(parent).doesNotExist());
      processes.forEach(pid -> until(pid + " has ended", () -> hasEnded(pid)));
    }
  }

  private static OtherJvm jvm() {
    return OtherJvm.start(OtherJvm.PLAIN, GroupMaker.class);
  }

  @Test
  void sweepKillsAndRemovesWhatAKilledJvmLeft() {
    Left left = Left.by(jvm(), "first cpu memory pids", "second pids");

    SweepReport report = JvmCgroups.sweep();

    left.isGone();
    assertThat(report.failures()).isEmpty();
    assertThat(report.swept().stream().map(SweptGroup::path).map(GroupTest::path))
        .containsExactlyInAnyOrderElementsOf(left.parents());
    assertThat(report.swept()).anyMatch(swept -> swept.killed() == 2);
    assertThat(JvmCgroups.sweep().swept()).isEmpty();
  }

  @Test
  void theFirstGroupOfAJvmSweepsWhatAnotherLeft() {
    Left left = Left.by(jvm(), "left cpu memory pids");
    try (OtherJvm next = jvm()) {
      List<String> groups =
          next.ask("create next pids"); // fewer hierarchies than there are to sweep
      left.isGone();
      assertThat(groups).allSatisfy(group -> assertThat(Path.of(group)).exists());
      next.end();
    }
  }

  @Test
  void whatALivingJvmHasIsLeftAlone() {
    try (OtherJvm owner = jvm()) {
      List<String> groups = owner.ask("create alive cpu memory pids");
      String pid = owner.ask("spawn alive exec sleep 1000").getFirst();

      assertThat(JvmCgroups.sweep()).isEqualTo(new SweepReport(List.of(), List.of()));
      try (OtherJvm next = jvm()) {
        next.ask("create next cpu memory pids");
        assertThat(next.ask("sweep")).isEmpty();
        next.end();
      }

      assertThat(groups).allSatisfy(group -> assertThat(Path.of(group)).exists());
      assertThat(hasEnded(Long.parseLong(pid))).isFalse();
      owner.ask("kill alive");
      owner.ask("close alive");
      owner.end();
    }
  }

  @Test
  void anEmptyParentOfALivingJvmIsLeftAloneToo() {
    try (OtherJvm owner = jvm()) {
      List<Path> parents =
          owner.ask("create box pids").stream().map(Path::of).map(Path::getParent).toList();
      owner.ask("close box");
      assertThat(JvmCgroups.sweep().swept()).isEmpty();
      assertThat(parents).allSatisfy(parent -> assertThat(parent).exists());
      owner.end();
    }
  }

  @Test
  void aJvmThatEndsLeavesNothing() {
    List<String> groups;
    long pid;
    try (OtherJvm jvm = jvm()) {
      groups = jvm.ask("create box cpu memory pids");
      pid = Long.parseLong(jvm.ask("spawn box exec sleep 1000").getFirst());
      jvm.end();
    }
    assertThat(groups).allSatisfy(group -> assertThat(Path.of(group).getParent()).doesNotExist());
    until(pid + " has ended", () -> hasEnded(pid));
    assertThat(JvmCgroups.sweep().swept()).isEmpty();
  }

  @Test
  void twoSweepersAtOnceShareTheWork() {
    Effort.assumeNotEmulated(); // it takes several JVMs
    String[] creations = new String[6];
    for (int i = 0; i < creations.length; i++) {
      creations[i] = "g%d pids %s".formatted(i, free(ForeignGroups.NAME + i));
    }
    try (OtherJvm first = jvm();
        OtherJvm second = jvm()) {
      first.ask("layout"); // both are running
      second.ask("layout");
      for (int round = 0; round < 2; round++) {
        Left left = Left.by(jvm(), creations);

        first.tell("sweep");
        second.tell("sweep");
        List<Path> swept =
            Stream.concat(first.answer().stream(), second.answer().stream())
                .map(line -> Path.of(line.substring(0, line.lastIndexOf(' '))))
                .toList();

        left.isGone();
        assertThat(swept).containsExactlyInAnyOrderElementsOf(left.parents());
        for (Path parent : left.parents()) {
          assertThat(parent.getParent()).doesNotExist(); // made by the library, too
        }
      }
      first.end();
      second.end();
    }
  }

  @Test
  void jvmsThatMakeAndRemoveAtOnceDoNotDisturbEachOther() {
    Effort.assumeNotEmulated(); // it takes several JVMs
    try (OtherJvm first = jvm();
        OtherJvm second = jvm();
        OtherJvm third = jvm()) {
      List<OtherJvm> all = List.of(first, second, third);
      all.forEach(jvm -> jvm.tell("churn 8"));
      assertThat(all).allSatisfy(jvm -> assertThat(jvm.answer()).isEmpty());
      all.forEach(OtherJvm::end);
    }
  }

  @Test
  void groupsOfOthersAreNoneOfOurs() {
    try (ForeignGroups groups = new ForeignGroups()) {
      List<Path> foreign = new ArrayList<>();
      for (Hierarchy hierarchy : hierarchies()) {
        Path own = path(hierarchy.own().map(BytePath.class::cast).orElseThrow());
        if (Files.isWritable(own)) {
          foreign.add(groups.make(own.resolve("belljar-0123456789abcde"))); // a digit short
          foreign.add(groups.make(own.resolve("my-belljar-0123456789abcdef")));
        }
      }
      assertThat(foreign).isNotEmpty();
      assertThat(JvmCgroups.sweep()).isEqualTo(new SweepReport(List.of(), List.of()));
      assertThat(foreign).allSatisfy(group -> assertThat(group).exists());
    }
  }
}
