package dev.belljar.cgroups.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.cgroups.testing.TestGroups;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresRoot;
import java.io.BufferedReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
@RequiresRoot
class CgroupSamplerTest {
  private final CgroupSnapshot snapshot = new CgroupSnapshot();
  private TestGroups group;

  @BeforeEach
  void make() {
    group = TestGroups.everywhere();
  }

  @AfterEach
  void remove() {
    group.close();
  }

  @Test
  void numbersFollowWhatTheGroupDoes() {
    try (CgroupSampler sampler = CgroupSampler.open(group.directories())) {
      sampler.sample(snapshot);
      long before = snapshot.cpuUsage();
      group.run("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; read x");
      TestGroup.until(
          "processor time is counted",
          () -> {
            sampler.sample(snapshot);
            return snapshot.cpuUsage() > before;
          });

      assertThat(snapshot.pids()).isPositive();
      assertThat(snapshot.memoryUsage()).isPositive();
      assertThat(snapshot.takenAt() - System.nanoTime()).isNegative();
    }
  }

  @Test
  void everyKeyOfTheFilesIsThere() {
    try (CgroupSampler sampler = CgroupSampler.open(group.directories())) {
      sampler.sample(snapshot);

      assertThat(lines(snapshot.cpuStat())).isEqualTo(keys("cpu.stat"));
      assertThat(lines(snapshot.memoryStat())).isEqualTo(keys("memory.stat"));
    }
  }

  private static List<String> lines(Counters counters) {
    return List.copyOf(counters.toMap().keySet());
  }

  private List<String> keys(String file) {
    return group
        .read(file)
        .map(text -> text.lines().map(line -> line.substring(0, line.indexOf(' '))).toList())
        .orElse(List.of());
  }

  @Test
  void whatTheGroupDoesNotHaveIsAbsentAndNotZero() {
    List<CgroupDirectory> cpuOnly =
        group.directories().stream().filter(each -> !each.has("pids.current")).toList();
    try (CgroupSampler sampler = CgroupSampler.open(cpuOnly)) {
      sampler.sample(snapshot);

      assertThat(snapshot.pids()).isEqualTo(CgroupSnapshot.ABSENT);
      assertThat(snapshot.io().size()).isZero();
    }
  }

  @Test
  void aSampleMakesNoGarbageNorDoesOneAfterNewKeys() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElseThrow());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-classpath", System.getProperty("java.class.path")));
    command.add(SamplerGarbage.class.getName());
    group.directories().forEach(each -> command.add(each.path().toString()));
    Process jvm =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (BufferedReader output = jvm.inputReader()) {
      assertThat(output.lines()).containsExactly("0", "0");
      assertThat(jvm.waitFor()).isZero();
    } finally {
      jvm.destroyForcibly().waitFor();
      jvm.getOutputStream().close();
    }
  }

  @Test
  void aGroupThatIsGoneIsSaidToBe() {
    List<CgroupDirectory> below = new ArrayList<>();
    group.directories().forEach(each -> below.add(each.create("below")));
    try (CgroupSampler sampler = CgroupSampler.open(below)) {
      below.forEach(CgroupDirectory::remove);

      assertThatExceptionOfType(LinuxException.class)
          .isThrownBy(() -> sampler.sample(snapshot))
          .matches(failure -> failure.is(Errno.ENODEV));
      assertThatExceptionOfType(LinuxException.class)
          .isThrownBy(() -> CgroupSampler.open(below))
          .matches(failure -> failure.is(Errno.ENODEV));
    } finally {
      below.forEach(CgroupDirectory::close);
    }
  }

  @Test
  void aClosedSamplerReadsNothing() {
    CgroupSampler sampler = CgroupSampler.open(group.directories());
    sampler.close();
    sampler.close();

    assertThatIllegalStateException().isThrownBy(() -> sampler.sample(snapshot));
  }

  @Test
  void onVersion2TheProcessorTimesAreInNanoseconds() {
    boolean v2 = group.directories().stream().allMatch(g -> g.version() == CgroupVersion.V2);
    try (CgroupSampler sampler = CgroupSampler.open(group.directories())) {
      sampler.sample(snapshot);

      if (v2) {
        assertThat(snapshot.cpuUsage()).isEqualTo(snapshot.cpuStat().get("usage_usec") * 1_000);
        assertThat(snapshot.cpuUser()).isNotEqualTo(CgroupSnapshot.ABSENT);
      } else {
        assertThat(snapshot.cpuUsage()).isNotEqualTo(CgroupSnapshot.ABSENT);
      }
    }
  }
}
