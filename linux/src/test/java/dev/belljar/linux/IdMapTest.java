package dev.belljar.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.linux.IdMap.Setgroups;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdMapTest {
  private static final long MAX = IdRange.MAX_ID;

  /** Ranges that do not overlap: gaps and lengths laid out one after the other on both sides. */
  @Provide
  Arbitrary<List<IdRange>> ranges() {
    Arbitrary<long[]> step = Arbitraries.longs().between(0, 1000).array(long[].class).ofSize(3);
    return step.list().ofMaxSize(8).map(IdMapTest::laidOut);
  }

  private static List<IdRange> laidOut(List<long[]> steps) {
    List<IdRange> ranges = new ArrayList<>();
    long inside = 0;
    long outside = MAX;
    for (long[] step : steps) {
      long count = step[2] + 1;
      inside += step[0];
      outside -= step[1] + count;
      ranges.add(new IdRange(inside, outside + 1, count));
      inside += count;
    }
    return ranges;
  }

  @Provide
  Arbitrary<IdMap> maps() {
    return Combinators.combine(ranges(), ranges(), Arbitraries.of(Setgroups.class)).as(IdMap::new);
  }

  @Property
  void survivesPrinting(@ForAll("maps") IdMap map) {
    assertThat(IdMap.parse(map.uidText(), map.gidText(), map.setgroups().text())).isEqualTo(map);
  }

  @Property
  void isReadAsTheKernelPrintsIt(@ForAll("maps") IdMap map) {
    assertThat(IdMap.parse(padded(map.uids()), padded(map.gids()), map.setgroups().text() + "\n"))
        .isEqualTo(map);
  }

  private static String padded(List<IdRange> ranges) {
    StringBuilder text = new StringBuilder();
    ranges.forEach(
        r -> text.append("%10d %10d %10d\n".formatted(r.inside(), r.outside(), r.count())));
    return text.toString();
  }

  @Property
  void mapsEachIdThereAndBack(@ForAll("maps") IdMap map) {
    for (IdRange range : map.uids()) {
      for (long i : new long[] {0, range.count() / 2, range.count() - 1}) {
        assertThat(map.outsideUid(range.inside() + i)).hasValue(range.outside() + i);
        assertThat(map.insideUid(range.outside() + i)).hasValue(range.inside() + i);
      }
    }
    for (IdRange range : map.gids()) {
      assertThat(map.outsideGid(range.inside())).hasValue(range.outside());
      assertThat(map.insideGid(range.outside())).hasValue(range.inside());
    }
  }

  @Property
  void mapsNoIdThatNoRangeHolds(
      @ForAll("maps") IdMap map, @ForAll @LongRange(max = 10_000) long id) {
    boolean held =
        map.uids().stream().anyMatch(r -> id >= r.inside() && id - r.inside() < r.count());

    assertThat(map.outsideUid(id).isPresent()).isEqualTo(held);
  }

  @Property
  void isMadeOnlyWhereNoRangesOverlap(
      @ForAll @LongRange(max = 20) long inside,
      @ForAll @LongRange(max = 20) long outside,
      @ForAll @LongRange(min = 1, max = 10) long count) {
    IdRange fixed = new IdRange(8, 8, 4);
    boolean overlap =
        LongStream.range(0, count)
            .anyMatch(
                i -> within(fixed.inside(), inside + i) || within(fixed.outside(), outside + i));

    IdMap first = IdMap.none().andUids(8, 8, 4);
    if (overlap) {
      assertThatIllegalArgumentException().isThrownBy(() -> first.andUids(inside, outside, count));
    } else {
      assertThat(first.andUids(inside, outside, count).uids()).hasSize(2);
    }
  }

  private static boolean within(long first, long id) {
    return id >= first && id < first + 4;
  }

  /** The file of an initial user namespace, as read on Linux 6.18. */
  @Test
  void readsTheInitialNamespace() {
    String all = "         0          0 4294967295\n";

    assertThat(IdMap.parse(all, all, "allow\n")).isEqualTo(IdMap.identity());
  }

  @Test
  void aSingleIdDeniesSetgroupsAsAnOrdinaryUserMust() {
    IdMap map = IdMap.single(0, 1000, 100);

    assertThat(map.uidText()).isEqualTo("0 1000 1\n");
    assertThat(map.gidText()).isEqualTo("0 100 1\n");
    assertThat(map.setgroups()).isEqualTo(Setgroups.DENY);
    assertThat(IdMap.single(0, 1000)).isEqualTo(IdMap.single(0, 1000, 1000));
  }

  @Test
  void isBuiltRangeByRange() {
    IdMap map = IdMap.of(0, 1000, 1).and(1, 100_000, 65_535).andGids(70_000, 5, 1);

    assertThat(map.uidText()).isEqualTo("0 1000 1\n1 100000 65535\n");
    assertThat(map.gidText()).isEqualTo("0 1000 1\n1 100000 65535\n70000 5 1\n");
    assertThat(map.setgroups()).isEqualTo(Setgroups.ALLOW);
    assertThat(map.withSetgroups(Setgroups.DENY).setgroups().text()).isEqualTo("deny");
  }

  @Test
  void withoutRangesNothingIsWritten() {
    assertThat(IdMap.none().uidText()).isEmpty();
    assertThat(IdMap.none().andUids(0, 1000, 65_536).gidText()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0",
    "-1, 0, 1",
    "0, -1, 1",
    "0, 0, -1",
    "4294967295, 0, 1",
    "0, 4294967295, 1",
    "1, 0, 4294967295",
    "0, 0, 4294967296",
    "9223372036854775807, 0, 9223372036854775807",
  })
  void refusesARangeThatTheKernelRefuses(long inside, long outside, long count) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new IdRange(inside, outside, count))
        .withMessageContaining("\"%d %d %d\"".formatted(inside, outside, count));
  }

  @Test
  void namesEveryMistakeAtOnce() {
    List<IdRange> uids = List.of(new IdRange(0, 1000, 10), new IdRange(5, 1005, 10));
    List<IdRange> gids = List.of(new IdRange(0, 0, 2), new IdRange(1, 7, 1));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new IdMap(uids, gids, Setgroups.ALLOW))
        .withMessage(
            "id map: user ids: \"0 1000 10\" and \"5 1005 10\" overlap inside;"
                + " user ids: \"0 1000 10\" and \"5 1005 10\" overlap outside;"
                + " group ids: \"0 0 2\" and \"1 7 1\" overlap inside");
  }

  @Test
  void holdsAsManyRangesAsTheKernelTakes() {
    List<IdRange> most =
        LongStream.range(0, 340).mapToObj(id -> new IdRange(id * 2, id * 2, 1)).toList();
    List<IdRange> more =
        LongStream.range(0, 341).mapToObj(id -> new IdRange(id * 2, id * 2, 1)).toList();

    assertThat(new IdMap(most, List.of(), Setgroups.ALLOW).uids()).hasSize(340);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new IdMap(more, List.of(), Setgroups.ALLOW))
        .withMessageContaining("341 ranges, but the kernel takes 340");
  }

  @Test
  void refusesATextThatOneWriteCannotTake() {
    List<IdRange> wide =
        LongStream.range(0, 200)
            .mapToObj(id -> new IdRange(4_000_000_000L + id, 4_000_000_000L + id, 1))
            .toList();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> new IdMap(List.of(), wide, Setgroups.ALLOW))
        .withMessageContaining("group ids: text of 4800 bytes, but one write takes 4095");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0 0",
        "0 0 1 1",
        "0 0 x",
        "-1 0 1",
        "0 0 0",
        "0 0 18446744073709551616",
        "4294967295 0 1"
      })
  void refusesALineThatIsNoRange(String line) {
    assertThatIllegalArgumentException().isThrownBy(() -> IdRange.parseAll(line));
  }

  @Test
  void refusesAnotherRuleForSetgroups() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> IdMap.parse("", "", "maybe"))
        .withMessageContaining("maybe");
  }
}
