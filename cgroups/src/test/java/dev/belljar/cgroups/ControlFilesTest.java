package dev.belljar.cgroups;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.tree.FlatKeyed;
import dev.belljar.cgroups.tree.GroupTree;
import dev.belljar.cgroups.tree.Names;
import dev.belljar.cgroups.tree.ParentName;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ControlFilesTest {
  private static final Resources ALL =
      Resources.builder().cpuShares(512).cpus(1.5).memory(64 << 20).pids(20).build();

  private static List<String> writes(Resources resources, CgroupVersion version) {
    return Translation.of(resources, version).writes().stream()
        .map(write -> write.candidates().getFirst())
        .map(chosen -> chosen.file() + "=" + chosen.value())
        .toList();
  }

  @Test
  void version1GetsItsOwnFiles() {
    assertThat(writes(ALL, CgroupVersion.V1))
        .containsExactly(
            "cpu.shares=512",
            "cpu.cfs_quota_us=150000",
            "memory.limit_in_bytes=67108864",
            "pids.max=20");
  }

  @Test
  void version2GetsItsOwnFiles() {
    assertThat(writes(ALL, CgroupVersion.V2))
        .containsExactly(
            "cpu.weight=59", "cpu.max=150000 100000", "memory.max=67108864", "pids.max=20");
  }

  @Test
  void aPeriodOtherThanTheDefaultIsWrittenBeforeTheQuota() {
    Resources resources =
        Resources.builder().cpuQuota(Duration.ofMillis(5), Duration.ofMillis(10)).build();

    assertThat(writes(resources, CgroupVersion.V1))
        .containsExactly("cpu.cfs_period_us=10000", "cpu.cfs_quota_us=5000");
    assertThat(writes(resources, CgroupVersion.V2)).containsExactly("cpu.max=5000 10000");
  }

  @Property
  void aQuotaIsParsedAsItIsPrinted(@ForAll @DoubleRange(min = 0.01, max = 64) double cpus) {
    Resources resources = Resources.builder().cpus(cpus).build();
    String printed =
        Translation.of(resources, CgroupVersion.V2)
            .writes()
            .getFirst()
            .candidates()
            .getFirst()
            .value();

    assertThat(CpuController.parseMax(printed)).isEqualTo(resources.cpuQuota());
  }

  @Test
  void noQuotaIsMax() {
    assertThat(CpuController.parseMax("max 100000")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "max", "1 2 3", "100000", "x y"})
  void aMalformedQuotaIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> CpuController.parseMax(text));
  }

  // LONG_MAX rounded down to pages of 4 KiB (6.18 on x86-64), and of 64 KiB, the largest there are.
  @ParameterizedTest
  @ValueSource(strings = {"9223372036854771712", "9223372036854710272"})
  void theLargestMultipleOfAPageIsUnlimited(String text) {
    assertThat(MemoryController.parseV1Limit(text)).isEqualTo(Limit.UNLIMITED);
  }

  @Property
  void anyOtherMemoryLimitIsItsNumber(@ForAll @LongRange(min = 0, max = 1L << 62) long bytes) {
    assertThat(MemoryController.parseV1Limit(Long.toString(bytes))).isEqualTo(Limit.of(bytes));
  }

  @Test
  void oomKillsAreCountedByTheirKeyAlone() {
    // memory.oom_control of 6.18, and memory.events of 6.1
    String v1 = "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n";
    String v2 = "low 0\nhigh 0\nmax 26\noom 5\noom_kill 2\noom_group_kill 0\n";

    assertThat(FlatKeyed.value(v1, "oom_kill")).hasValue(3);
    assertThat(FlatKeyed.value(v2, "oom_kill")).hasValue(2);
    assertThat(FlatKeyed.value("oom_kill_disable 0\n", "oom_kill")).isEmpty();
  }

  @Test
  void processesAreOneALine() {
    assertThat(GroupTree.parse("17\n0\n4194304\n")).containsExactly(17L, 0L, 4_194_304L);
    assertThat(GroupTree.parse("")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "a/b", "/", "a\nb", "a\0b"})
  void aNameThatLeadsElsewhereIsRefused(String name) {
    assertThatIllegalArgumentException().isThrownBy(() -> Names.checkGroup(name));
    assertThatIllegalArgumentException().isThrownBy(() -> Names.checkFile(name));
  }

  @Test
  void onlyNamesOfTheLibrarysOwnFormAreSwept() {
    assertThat(ParentName.is(ParentName.fresh().getBytes(US_ASCII))).isTrue();
    for (String foreign :
        List.of(
            "belljar-",
            "belljar-test",
            "belljar-0123456789abcde",
            "xbelljar-0123456789abcdef",
            "belljar-0123456789abcdef0",
            "belljar-0123456789ABCDEF",
            "belljar-0123456789abcdef\n")) {
      assertThat(ParentName.is(foreign.getBytes(US_ASCII))).as(foreign).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/a", "a/../b", "..", "./a"})
  void aParentThatLeadsElsewhereIsRefused(String parent) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CgroupRequest.of(Resources.none()).under(parent));
  }
}
