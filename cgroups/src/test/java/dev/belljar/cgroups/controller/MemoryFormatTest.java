package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the memory and hugetlb controllers print. */
class MemoryFormatTest {
  private static final long HUGE = 2 << 20;

  @Property
  void limitsOfVersion1AreParsedAsTheyArePrinted(@ForAll @LongRange(max = 1L << 62) long bytes) {
    assertThat(V1Limit.parse(V1Limit.print(Limit.of(bytes)), V1Limit.PAGE))
        .isEqualTo(Limit.of(bytes));
  }

  // memory and hugetlb of 6.18 and 6.1 on x86-64: pages of 4 KiB, 2 MiB and 1 GiB
  @ParameterizedTest
  @CsvSource({
    "9223372036854771712, 65536",
    "9223372036852678656, 2097152",
    "9223372035781033984, 1073741824"
  })
  void theLargestMultipleOfAPageIsUnlimited(String text, long page) {
    assertThat(V1Limit.parse(text, page)).isEqualTo(Limit.UNLIMITED);
    assertThat(V1Limit.print(Limit.UNLIMITED)).isEqualTo("-1");
  }

  @Test
  void oneHugePageLessIsALimit() {
    long bytes = Long.MAX_VALUE / HUGE * HUGE - HUGE;
    assertThat(V1Limit.parse(Long.toString(bytes), HUGE)).isEqualTo(Limit.of(bytes));
  }

  // memory.oom_control of 6.18 and 6.1
  @ParameterizedTest
  @ValueSource(
      strings = {
        "oom_kill_disable 0\nunder_oom 0\noom_kill 0",
        "oom_kill_disable 1\nunder_oom 1\noom_kill 3"
      })
  void oomControlIsPrintedAsItIsParsed(String text) {
    assertThat(OomControl.parse(text).print()).isEqualTo(text);
  }

  @Test
  void oomControlIsNamedByMeaning() {
    OomControl control = OomControl.parse("oom_kill_disable 1\nunder_oom 0\noom_kill 3\n");

    assertThat(control).isEqualTo(new OomControl(false, false, OptionalLong.of(3)));
    assertThatIllegalArgumentException().isThrownBy(() -> OomControl.parse("under_oom 0"));
  }

  // memory.numa_stat of a new group: 6.18 v1, and the first lines of 6.12 v2; hugetlb of 6.1 v1
  @ParameterizedTest
  @ValueSource(
      strings = {
        "total=0 N0=0\nfile=0 N0=0\nanon=0 N0=0\nunevictable=0 N0=0\nhierarchical_total=0 N0=0",
        "anon N0=987136\nfile N0=5918720\nkernel_stack N0=0\npagetables N0=0",
        "total=0 N0=0\nhierarchical_total=0 N0=0",
        ""
      })
  void numaStatisticsArePrintedAsTheyAreParsed(String text) {
    assertThat(NumaCount.print(NumaCount.parse(text))).isEqualTo(text);
  }

  @Property
  void numaStatisticsAreParsedAsTheyArePrinted(
      @ForAll @Size(max = 5)
          Map<@LongRange(min = 0, max = 64) Long, @LongRange(min = 0) Long> nodes,
      @ForAll @LongRange(min = 0) long total) {
    TreeMap<Integer, Long> byNode = new TreeMap<>();
    nodes.forEach((node, n) -> byNode.put(node.intValue(), n));
    Map<String, NumaCount> all = new LinkedHashMap<>();
    all.put("anon", new NumaCount(OptionalLong.empty(), byNode));
    all.put("total", new NumaCount(OptionalLong.of(total), byNode));

    assertThat(NumaCount.parse(NumaCount.print(all))).isEqualTo(all);
  }

  @Property
  void oomControlIsParsedAsItIsPrinted(
      @ForAll boolean killerOn,
      @ForAll boolean underOom,
      @ForAll Optional<@LongRange(min = 0) Long> kills) {
    OomControl control = new OomControl(killerOn, underOom, number(kills));

    assertThat(OomControl.parse(control.print())).isEqualTo(control);
  }

  @Test
  void eventsAreNamedByMeaning() {
    // memory.events of 6.12
    MemoryEvents events =
        MemoryEvents.parse("low 0\nhigh 0\nmax 26\noom 5\noom_kill 2\noom_group_kill 0");

    assertThat(events.oomKills()).isEqualTo(2);
    assertThat(events.oomGroupKills()).hasValue(0);
    assertThat(events.socketsThrottled()).isEmpty();
    assertThatIllegalArgumentException().isThrownBy(() -> MemoryEvents.parse("low 0"));
  }

  /**
   * {@code __memory_events_show} of {@code mm/memcontrol.c} prints "low %lu\n" and so on, the last
   * two keys only on later kernels.
   */
  @Property
  void eventsThatAKernelDoesNotCountAreAbsent(
      @ForAll @Size(5) List<@LongRange(min = 0) Long> always,
      @ForAll Optional<@LongRange(min = 0) Long> groupKills,
      @ForAll Optional<@LongRange(min = 0) Long> throttled) {
    String text =
        "low %d\nhigh %d\nmax %d\noom %d\noom_kill %d\n".formatted(always.toArray())
            + groupKills.map("oom_group_kill %d\n"::formatted).orElse("")
            + throttled.map("sock_throttled %d\n"::formatted).orElse("");

    assertThat(MemoryEvents.parse(text))
        .isEqualTo(
            new MemoryEvents(
                always.get(0),
                always.get(1),
                always.get(2),
                always.get(3),
                always.get(4),
                number(groupKills),
                number(throttled)));
  }

  private static OptionalLong number(Optional<Long> number) {
    return number.map(OptionalLong::of).orElse(OptionalLong.empty());
  }

  /** {@code swap_events_show} of {@code mm/memcontrol.c} prints "high %lu\n" and so on. */
  @Property
  void swapEventsAreParsed(
      @ForAll @LongRange(min = 0) long high,
      @ForAll @LongRange(min = 0) long max,
      @ForAll @LongRange(min = 0) long fail) {
    assertThat(MemoryV2Swap.Events.parse("high %d\nmax %d\nfail %d\n".formatted(high, max, fail)))
        .isEqualTo(new MemoryV2Swap.Events(high, max, fail));
  }

  /** The files of version 2 print "max\n", or "%llu\n" of the bytes. */
  @Property
  void limitsOfVersion2AreParsed(@ForAll Optional<@LongRange(min = 0) Long> bytes) {
    assertThat(Limit.parse(bytes.map(String::valueOf).orElse("max")))
        .isEqualTo(bytes.map(Limit::of).orElse(Limit.UNLIMITED));
  }

  @Property
  void hugePageSizesAreParsedAsTheyArePrinted(@ForAll @IntRange(min = 10, max = 62) int power) {
    HugePageSize size = new HugePageSize(1L << power);

    assertThat(HugePageSize.parse(size.toString())).isEqualTo(size);
  }

  @Test
  void swapEventsAreNumbers() {
    // memory.swap.events of 6.12
    assertThat(MemoryV2Swap.Events.parse("high 0\nmax 0\nfail 0"))
        .isEqualTo(new MemoryV2Swap.Events(0, 0, 0));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "4096, 4096",
    "64k, 65536",
    "8M, 8388608",
    "1g, 1073741824",
    "2t, 2199023255552"
  })
  void sizesMayHaveALetter(String text, long bytes) {
    assertThat(Limit.ofSize(text)).isEqualTo(Limit.of(bytes));
  }

  @Test
  void bothVersionsWordsForNoLimitAreUnderstood() {
    assertThat(Limit.ofSize("max")).isEqualTo(Limit.UNLIMITED);
    assertThat(Limit.ofSize("-1")).isEqualTo(Limit.UNLIMITED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "k", "-2", "1.5g", "8mb", "9223372036854775808", "8e8", "8e"})
  void whatIsNoSizeInBytesIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Limit.ofSize(text));
  }

  @ParameterizedTest
  @CsvSource({"64KB, 65536", "2MB, 2097152", "32MB, 33554432", "1GB, 1073741824"})
  void hugePageSizesAreThoseOfTheFilesNames(String text, long bytes) {
    assertThat(HugePageSize.parse(text)).isEqualTo(new HugePageSize(bytes));
    assertThat(new HugePageSize(bytes)).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "2", "2M", "3MB", "KB", "-2MB", "2TB"})
  void whatIsNoSizeIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> HugePageSize.parse(text));
  }
}
