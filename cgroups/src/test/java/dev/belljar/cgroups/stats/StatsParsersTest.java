package dev.belljar.cgroups.stats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.DeviceNumber;
import java.time.Duration;
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
import net.jqwik.api.constraints.NotEmpty;
import org.junit.jupiter.api.Test;

class StatsParsersTest {
  @Test
  void theNodesOfVersion2AreRead() {
    Map<Integer, Map<String, Long>> nodes =
        MemoryReading.numaV2(Sample.text("v2-6.1/memory.numa_stat"));

    assertThat(nodes).containsOnlyKeys(0);
    assertThat(nodes.get(0)).containsEntry("anon", 204_800L).containsEntry("file", 45_056L);
  }

  @Test
  void theNodesOfVersion1AreTurnedIntoBytes() {
    String text = Sample.text("hybrid-6.18/memory.numa_stat");
    Map<Integer, Map<String, Long>> nodes = MemoryReading.numaV1(text, 4096);

    long pages = Long.parseLong(text.substring(text.indexOf("N0=") + 3, text.indexOf('\n')));
    assertThat(nodes.get(0)).containsEntry("total", pages * 4096);
    assertThat(nodes.get(0)).containsKey("hierarchical_unevictable");
  }

  @Test
  void theTimesOfEachProcessorAreRead() {
    List<Duration> times = CpuReading.perCpu(Sample.text("hybrid-6.18/cpuacct.usage_percpu"));

    assertThat(times).hasSize(2).allMatch(Duration::isPositive);
  }

  @Test
  void whatABlockDeviceIsSaidToHaveServedIsRead() {
    Map<DeviceNumber, Map<String, Long>> devices =
        IoReading.parseFlat(Sample.text("v1-6.1/blkio.throttle.io_service_bytes"));

    assertThat(devices).containsOnlyKeys(new DeviceNumber(7, 0));
    assertThat(devices.get(new DeviceNumber(7, 0))).containsEntry("Read", 2L << 20);
  }

  @Property
  void nestedLinesAreReadAsTheyArePrinted(@ForAll("lines") Map<String, Map<String, Long>> lines) {
    String text =
        lines.entrySet().stream()
            .map(line ->
                line.getValue().entrySet().stream()
                    .map(each -> each.getKey() + "=" + each.getValue())
                    .collect(Collectors.joining(" ", line.getKey() + " ", "\n")))
            .collect(Collectors.joining());

    assertThat(GroupFiles.parseNested(text)).isEqualTo(lines);
  }

  @Property
  void timesAreReadAsTheyArePrinted(@ForAll @NotEmpty List<@LongRange(min = 0) Long> nanos) {
    String text = nanos.stream().map(String::valueOf).collect(Collectors.joining(" ", "", " \n"));

    assertThat(CpuReading.perCpu(text)).isEqualTo(nanos.stream().map(Duration::ofNanos).toList());
  }

  @Provide
  Arbitrary<Map<String, Map<String, Long>>> lines() {
    Arbitrary<String> names = Arbitraries.strings().alpha().withChars('_').ofMinLength(1);
    Arbitrary<Map<String, Long>> fields =
        Arbitraries.maps(names, Arbitraries.longs().greaterOrEqual(0)).ofMinSize(1).ofMaxSize(8);
    return Arbitraries.maps(names, fields).ofMaxSize(8).map(LinkedHashMap::new);
  }
}
