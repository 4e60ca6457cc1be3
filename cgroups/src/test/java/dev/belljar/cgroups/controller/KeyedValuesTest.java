package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.cgroups.tree.FlatKeyed;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.NotEmpty;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Formats with a line for each resource, device or processor.
 *
 * <p>The samples of rdma, misc and dmem are the examples of the kernel's own document (<a
 * href="https://docs.kernel.org/admin-guide/cgroup-v2.html">cgroup-v2</a>): none of our machines
 * has such devices. Those of cpuacct are of Linux 6.18 on two processors.
 */
class KeyedValuesTest {
  @Test
  void rdmaLimitsAreALineForEachDevice() {
    String max = "mlx4_0 hca_handle=2 hca_object=2000\nocrdma1 hca_handle=3 hca_object=max\n";

    assertThat(RdmaResources.parse(max))
        .containsExactly(
            Map.entry("mlx4_0", new RdmaResources(Limit.of(2), Limit.of(2000))),
            Map.entry("ocrdma1", new RdmaResources(Limit.of(3), Limit.UNLIMITED)));
    assertThat(RdmaResources.parse("")).isEmpty();
  }

  @Property
  void rdmaLimitsAreParsedAsTheyArePrinted(
      @ForAll @AlphaChars @NotEmpty String device, @ForAll @IntRange int handles) {
    RdmaResources resources = new RdmaResources(Limit.of(handles), Limit.UNLIMITED);

    assertThat(RdmaResources.parse(device + " " + resources))
        .containsExactly(Map.entry(device, resources));
  }

  @ParameterizedTest
  @ValueSource(strings = {"mlx4_0", "mlx4_0 hca_handle=2", "a b c"})
  void anotherFormOfRdmaIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> RdmaResources.parse(text));
  }

  /** The example of rdma.events, which the document has since Linux 7.2. */
  @Test
  void refusedRdmaResourcesAreCountedForEachDevice() {
    String events =
        "mlx4_0 hca_handle.max=5 hca_handle.alloc_fail=3 hca_object.max=0"
            + " hca_object.alloc_fail=0\n";

    assertThat(RdmaEvents.parse(events))
        .isEqualTo(
            Map.of(
                "mlx4_0",
                new RdmaEvents(new RdmaEvents.Refusals(5, 3), new RdmaEvents.Refusals(0, 0))));
  }

  @Test
  void miscLimitsAreALineForEachResource() {
    assertThat(KeyedLimits.parse("res_a max\nres_b 4\n"))
        .containsExactly(Map.entry("res_a", Limit.UNLIMITED), Map.entry("res_b", Limit.of(4)));
    assertThat(KeyedLimits.print("res_a", Limit.of(1))).isEqualTo("res_a 1");
    assertThat(FlatKeyed.parse("res_a 50\nres_b 10\n")).containsEntry("res_b", 10L);
  }

  @Test
  void dmemRegionsHaveSlashesAndColonsInTheirNames() {
    assertThat(KeyedLimits.parse("drm/0000:03:00.0/vram0 1073741824\ndrm/0000:03:00.0/stolen max"))
        .containsExactly(
            Map.entry("drm/0000:03:00.0/vram0", Limit.of(1L << 30)),
            Map.entry("drm/0000:03:00.0/stolen", Limit.UNLIMITED));
  }

  @Property
  void keyedLimitsAreParsedAsTheyArePrinted(
      @ForAll @AlphaChars @NotEmpty String key, @ForAll @LongRange(min = 0) long value) {
    assertThat(KeyedLimits.parse(KeyedLimits.print(key, Limit.of(value))))
        .containsExactly(Map.entry(key, Limit.of(value)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"5\n", "low", "low 1\nhigh\n", "low x"})
  void aLineWithoutAKeyOrANumberIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> KeyedLimits.parse(text));
    assertThatIllegalArgumentException().isThrownBy(() -> FlatKeyed.parse(text));
  }

  /** The document has no example of it; {@code kernel/cgroup/misc.c} prints "%s.max %llu". */
  @Property
  void breachesOfMiscAreCountedByResource(
      @ForAll @AlphaChars @NotEmpty String resource, @ForAll @LongRange(min = 0) long times) {
    assertThat(Misc.parseBreaches(resource + ".max " + times + "\n"))
        .isEqualTo(Map.of(resource, times));
  }

  @Test
  void ticksOfUserHzBecomeTimes() {
    Map<String, Long> stat = FlatKeyed.parse("user 494583\nsystem 108035\n");

    assertThat(Cpuacct.parseStat(stat, 100))
        .isEqualTo(new Cpuacct.Split(Duration.ofMillis(4_945_830), Duration.ofMillis(1_080_350)));
    assertThat(Cpuacct.parseStat(stat, 1000).user()).isEqualTo(Duration.ofMillis(494_583));
  }

  @Test
  void timesOfProcessorsStandInOneLine() {
    assertThat(Cpuacct.perCpu("2978816804837 3047371988410 \n"))
        .containsExactly(
            Duration.ofNanos(2_978_816_804_837L), Duration.ofNanos(3_047_371_988_410L));
  }

  @Test
  void timesByModeStandBelowAHeader() {
    String all =
        """
        cpu user system
        0 2435846393823 523031463765
        1 2479736769768 550713389494
        """;

    assertThat(Cpuacct.parseAll(all))
        .isEqualTo(
            List.of(
                new Cpuacct.Split(
                    Duration.ofNanos(2_435_846_393_823L), Duration.ofNanos(523_031_463_765L)),
                new Cpuacct.Split(
                    Duration.ofNanos(2_479_736_769_768L), Duration.ofNanos(550_713_389_494L))));
  }

  /** {@code cpuacct_all_seq_show} of {@code kernel/sched/cpuacct.c} prints " %llu" of each mode. */
  @Property
  void timesByModeAreParsed(@ForAll @Size(max = 9) List<@LongRange(min = 0) Long> times) {
    StringBuilder text = new StringBuilder("cpu user system\n");
    for (int cpu = 0; cpu < times.size(); cpu++) {
      text.append("%d %d %d\n".formatted(cpu, times.get(cpu), times.get(cpu) / 2));
    }

    assertThat(Cpuacct.parseAll(text.toString()))
        .isEqualTo(
            times.stream()
                .map(each -> new Cpuacct.Split(Duration.ofNanos(each), Duration.ofNanos(each / 2)))
                .toList());
  }

  /** {@code cpuacct_stats_show} prints "user %lld\n" and "system %lld\n", in ticks. */
  @Property
  void ticksAreParsed(
      @ForAll @LongRange(min = 0, max = 1L << 40) long user,
      @ForAll @LongRange(min = 0, max = 1L << 40) long system) {
    String text = "user %d\nsystem %d\n".formatted(user, system);

    assertThat(Cpuacct.parseStat(FlatKeyed.parse(text), 100))
        .isEqualTo(new Cpuacct.Split(Duration.ofMillis(10 * user), Duration.ofMillis(10 * system)));
  }

  /** In the form of the document's example; see above. */
  @Property
  void refusedRdmaResourcesAreParsed(
      @ForAll @AlphaChars @NotEmpty String device,
      @ForAll @Size(4) List<@LongRange(min = 0) Long> numbers) {
    String events =
        " hca_handle.max=%d hca_handle.alloc_fail=%d hca_object.max=%d hca_object.alloc_fail=%d\n"
            .formatted(numbers.toArray());

    assertThat(RdmaEvents.parse(device + events))
        .isEqualTo(
            Map.of(
                device,
                new RdmaEvents(
                    new RdmaEvents.Refusals(numbers.get(0), numbers.get(1)),
                    new RdmaEvents.Refusals(numbers.get(2), numbers.get(3)))));
  }
}
