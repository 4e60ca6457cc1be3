package dev.belljar.cgroups;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.GroupFreezer;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.OtherJvm;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Killing all of a group, whatever it does meanwhile. */
class GroupKillTest extends GroupTest {
  /** When its fork is refused, a bash tries again. */
  private static final String BOMB = "b() { b | b & }; b; b; b; b";

  /** Processes that are never there for long: each makes the next one and ends. */
  private static final String CHAIN = "c() { c & }; c";

  @Test
  @RequiresTool("bash")
  void aForkBombHeldByThePidsLimitIsKilledWholly() throws Exception {
    Process bomb = bash(BOMB);
    try (Cgroup group = Cgroup.create("bomb", Resources.builder().pids(40).build())) {
      group.attach(bomb.pid());
      go(bomb);
      until("the limit is reached", () -> group.pidsCurrent().orElseThrow() == 40);
      group.kill();
      until("all have ended", () -> group.processes().isEmpty());
      until("all are reaped", () -> group.pidsCurrent().orElseThrow() == 0);
    } finally {
      end(bomb);
    }
  }

  @Test
  @RequiresTool("bash")
  void processesThatFleeAreKilledWholly() throws Exception {
    Process fleeing = bash(CHAIN + "; c; c; c");
    try (Cgroup group = Cgroup.create("fleeing", Resources.builder().pids(400).build())) {
      group.attach(fleeing.pid());
      go(fleeing);
      assertThat(fleeing.waitFor()).isZero();
      assertThat(group.processes()).isNotEmpty();
      group.kill();
      until("all have ended", () -> group.processes().isEmpty());
    } finally {
      end(fleeing);
    }
  }

  private static Process bash(String line) throws Exception {
    return new ProcessBuilder("bash", "-c", "read go; " + line)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("freezer")
  void whatStandsFrozenInAGroupBelowIsKilledToo() throws Exception {
    try (TestGroup test = TestGroup.v1(Subsystem.FREEZER);
        CgroupDirectory below = test.directory().create("below")) {
      Process process = test.runIn(below, "exec sleep 1000");
      new GroupFreezer(below).freeze();

      test.directory().kill();

      assertThat(process.waitFor()).isEqualTo(137);
    }
  }

  @Test
  void killingAnEmptyGroupDoesNothing() {
    try (Cgroup group = Cgroup.create("empty", LIMITS)) {
      group.kill();
      group.kill();
      assertThat(group.processes()).isEmpty();
    }
  }

  @Test
  void aGroupTakesProcessesAgainAfterItWasKilled() throws Exception {
    try (Cgroup group = Cgroup.create("again", LIMITS)) {
      for (int i = 0; i < 3; i++) {
        Process process = waiting("exit 7");
        group.attach(process.pid());
        group.kill();
        assertThat(process.waitFor()).isEqualTo(137);
      }
      Process process = waiting("exit 7");
      group.attach(process.pid());
      go(process);
      assertThat(process.waitFor()).isEqualTo(7);
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("freezer")
  @RequiresTool({"bash", "unshare", "mount"})
  void withoutTheVersion2TreeAllIsFrozenAndKilled() {
    String alone = "exec unshare -m sh -c '" + withoutV2() + "exec \"$@\"' sh \"$@\"";
    try (OtherJvm jvm = OtherJvm.start(alone, GroupMaker.class)) {
      List<String> groups = jvm.ask("create bomb pids");
      assertThat(groups).hasSize(2).anyMatch(path -> path.contains("/freezer"));
      jvm.ask("spawn bomb " + BOMB);
      until("the limit is reached", () -> jvm.ask("pids bomb").equals(List.of("40")));
      jvm.ask("kill bomb");
      until("all have ended", () -> jvm.ask("processes bomb").isEmpty());

      jvm.ask("create fleeing memory");
      jvm.ask("spawn fleeing " + CHAIN + "; c; c; c");
      until("they run", () -> !jvm.ask("processes fleeing").isEmpty());
      jvm.ask("kill fleeing");
      until("all have ended", () -> jvm.ask("processes fleeing").isEmpty());
      jvm.ask("close bomb");
      jvm.ask("close fleeing");
      jvm.end();
    }
  }

  /** Version 1 does not list it, version 2 as 0; and kill(0) is the killer's own process group. */
  @Test
  @RequiresRoot
  @RequiresCgroupV1("freezer")
  @RequiresTool({"bash", "unshare", "mount"})
  void aProcessOutsideThePidNamespaceOfTheKillerIsSkipped() throws Exception {
    String inside =
        "exec unshare -p -f --kill-child -m sh -c '"
            + withoutV2()
            + "mount -t proc proc /proc; exec \"$@\"' sh \"$@\"";
    Process outside = waiting("exec sleep 100");
    try (OtherJvm jvm = OtherJvm.start(inside, GroupMaker.class)) {
      List<String> groups = jvm.ask("create box pids");
      jvm.ask("spawn box exec sleep 100");
      for (String group : groups) {
        Files.writeString(Path.of(group, "cgroup.procs"), Long.toString(outside.pid()));
      }
      List<Long> before = processesIn(Path.of(groups.getFirst()));
      assertThat(before).hasSize(2);
      assertThat(jvm.ask("processes box")).hasSize(1).doesNotContain("" + outside.pid());

      jvm.ask("kill box");
      until("the other has ended", () -> jvm.ask("processes box").isEmpty());
      assertThat(outside.isAlive()).isTrue();
      end(outside);
      jvm.ask("close box");
      jvm.ask("release");
      jvm.end();
    } finally {
      end(outside);
    }
  }

  /** What lies below a mount is not seen. */
  private static String withoutV2() {
    List<String> commands = new ArrayList<>();
    CgroupLayout.current()
        .v2()
        .ifPresent(v2 -> commands.add("mount -t tmpfs none " + v2.mountPoint() + " && "));
    return String.join("", commands);
  }
}
