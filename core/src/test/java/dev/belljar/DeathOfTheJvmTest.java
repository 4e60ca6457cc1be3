package dev.belljar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.linux.testing.OtherJvm;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of the containers of a JVM that ends or is killed, and how other JVMs see it. */
@RequiresRoot
class DeathOfTheJvmTest extends ContainerTest {
  @ParameterizedTest
  @ValueSource(strings = {"start", "start-with-pid"})
  void containersEndWithTheirKilledJvmAndASweepRemovesTheirGroups(String start) {
    List<String> started;
    try (OtherJvm jvm = OtherJvm.start(OtherJvm.PLAIN, ContainerMaker.class)) {
      started = jvm.ask(start);
      assertThat(Belljar.sweep()).matches(Swept::isEmpty); // it lives
      jvm.kill();
    }
    Await.until("the command has ended", () -> hasEnded(started.getFirst()));
    assertThat(groups(started)).allSatisfy(group -> assertThat(group).exists());

    Swept report = Belljar.sweep();

    assertThat(report.failures()).isEmpty();
    assertThat(report.groups()).hasSameSizeAs(groups(started));
    assertThat(groups(started)).allSatisfy(group -> assertThat(group.getParent()).doesNotExist());
  }

  @Test
  void theFirstStartOfTheNextJvmSweepsToo() {
    List<String> left;
    try (OtherJvm jvm = OtherJvm.start(OtherJvm.PLAIN, ContainerMaker.class)) {
      left = jvm.ask("start");
      jvm.kill();
    }
    try (OtherJvm next = OtherJvm.start(OtherJvm.PLAIN, ContainerMaker.class)) {
      next.ask("start");
      assertThat(groups(left)).allSatisfy(group -> assertThat(group.getParent()).doesNotExist());
      next.end();
    }
  }

  @Test
  void aJvmThatEndsTakesItsContainersWithIt() {
    try (OtherJvm jvm = OtherJvm.start(OtherJvm.PLAIN, ContainerMaker.class)) {
      List<String> started = jvm.ask("start");
      jvm.end();
      Await.until("the command has ended", () -> hasEnded(started.getFirst()));
      assertThat(groups(started)).allSatisfy(g -> assertThat(g.getParent()).doesNotExist());
    }
  }

  @Test
  @RequiresCgroupV1({"memory", "pids"})
  @RequiresTool({"unshare", "mount"})
  void limitsWithoutAControllerAreToldAtOnceAndWarnedOfWhenLenient() {
    String poor =
        ("exec unshare -m sh -c 'for h in %s %s; do mount -t tmpfs none $h || exit; done; "
                + "exec \"$@\"' sh \"$@\"")
            .formatted(mountPoint(Subsystem.MEMORY), mountPoint(Subsystem.PIDS));
    try (OtherJvm jvm = OtherJvm.start(poor, ContainerMaker.class)) {
      assertThat(jvm.failureOf("start"))
          .startsWith(UnsupportedOperationException.class.getName())
          .contains("memory 67108864", "pids 20")
          .doesNotContain("cpuShares");
      assertThat(jvm.ask("warnings"))
          .anyMatch(warning -> warning.startsWith("the limit memory 67108864 cannot be set"))
          .anyMatch(warning -> warning.startsWith("the limit pids 20 cannot be set"));
      assertThat(groups(jvm.ask("start-lenient"))).isNotEmpty();
      jvm.end();
    }
  }

  private static String mountPoint(Subsystem subsystem) {
    return CgroupLayout.current().with(subsystem).orElseThrow().mountPoint().toString();
  }

  private static List<Path> groups(List<String> started) {
    return started.stream().skip(1).map(Path::of).toList();
  }

  private static boolean hasEnded(String pid) {
    try {
      String stat = Files.readString(Path.of("/proc", pid, "stat"));
      return stat.charAt(stat.lastIndexOf(')') + 2) == 'Z';
    } catch (IOException gone) {
      return true;
    }
  }
}
