package dev.belljar.cgroups.stats;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CountersTest {
  private final Counters counters = new Counters();

  private static String print(Map<String, Long> values) {
    return values.entrySet().stream()
        .map(entry -> entry.getKey() + " " + entry.getValue() + "\n")
        .collect(Collectors.joining());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hybrid-6.18/cpu.stat",
        "hybrid-6.18/memory.stat",
        "v1-6.1/memory.stat",
        "v1-6.1/cpu.stat",
        "v2-6.1/cpu.stat",
        "v2-6.1/memory.stat",
        "v2-6.1/memory.events"
      })
  void everyKeyOfARealFileIsRead(String name) {
    Sample.parse(counters, Sample.text(name));

    assertThat(print(counters.toMap())).isEqualTo(Sample.text(name));
    assertThat(counters.size()).isEqualTo((int) Sample.text(name).lines().count());
  }

  @Test
  void aKeyThatIsGoneIsAbsentAndNotZero() {
    Sample.parse(counters, "cache 5\nrss 0\n");
    Sample.parse(counters, "rss 1\n");

    assertThat(counters.get("cache")).isEqualTo(CgroupSnapshot.ABSENT);
    assertThat(counters.get("rss")).isEqualTo(1);
    assertThat(counters.size()).isEqualTo(1);
  }

  @Test
  void whatIsLeftBehindTheTextDoesNotCount() {
    Sample.parse(counters, "cache 5");

    assertThat(counters.toMap()).containsExactly(Map.entry("cache", 5L));
    Sample.parse(counters, "cache 5");
    assertThat(counters.toMap()).containsExactly(Map.entry("cache", 5L));
  }

  @Test
  void aNumberBeyondLongIsTheLargestLong() {
    String text = "a 18446744073709551615\nb 9223372036854775807\nc 9223372036854775808\nd max\n";
    Sample.parse(counters, text);
    Sample.parse(counters, text);

    assertThat(counters.toMap().values()).containsOnly(Long.MAX_VALUE);
    assertThat(counters.size()).isEqualTo(4);
  }

  @Test
  void linesOfAnotherFormAreLeftOut() {
    Sample.parse(counters, "\nalone\na 1\n\n");

    assertThat(counters.toMap()).containsExactly(Map.entry("a", 1L));
  }

  @Property
  void whateverCameBeforeWhatIsPrintedIsRead(
      @ForAll("files") Map<String, Long> before, @ForAll("files") Map<String, Long> now) {
    Counters parser = new Counters();
    Sample.parse(parser, print(before));
    Sample.parse(parser, print(now));

    assertThat(parser.toMap()).isEqualTo(now);
    assertThat(List.copyOf(parser.toMap().keySet())).isEqualTo(List.copyOf(now.keySet()));
    now.forEach((key, value) -> assertThat(parser.get(key)).isEqualTo(value));
  }

  @Property
  void numbersThatChangeAmongOthersThatDoNotAreRead(
      @ForAll("files") Map<String, Long> file, @ForAll List<@LongRange(min = 0) Long> changes) {
    Counters parser = new Counters();
    Sample.parse(parser, print(file));
    List<String> keys = List.copyOf(file.keySet());
    for (int i = 0; i < changes.size() && !keys.isEmpty(); i++) {
      String key = keys.get((int) (changes.get(i) % keys.size()));
      if (changes.get(i) % 7 == 0) {
        file.remove(key); // and from here on it may be gone, or come again
      } else {
        file.put(key, changes.get(i));
      }
      Sample.parse(parser, print(file));
      assertThat(print(parser.toMap())).isEqualTo(print(file));
    }
  }

  @Provide
  Arbitrary<Map<String, Long>> files() {
    Arbitrary<String> keys =
        Arbitraries.strings().withCharRange('a', 'c').withChars('_').ofMinLength(1).ofMaxLength(40);
    Arbitrary<Long> values = Arbitraries.longs().greaterOrEqual(0);
    return Arbitraries.maps(keys, values).ofMaxSize(60).map(LinkedHashMap::new);
  }
}
