package dev.belljar.cgroups.stats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.DeviceNumber;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class DeviceCountersTest {
  private final DeviceCounters counters = new DeviceCounters();

  private void nested(String text) {
    nested(counters, text);
  }

  private static void nested(DeviceCounters counters, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    counters.clear();
    counters.addNested(Sample.withSlack(bytes), bytes.length);
  }

  private void flat(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    counters.clear();
    counters.addFlat(Sample.withSlack(bytes), bytes.length);
  }

  @Test
  void theDevicesOfVersion2AreRead() {
    nested(Sample.text("v2-6.1/io.stat"));

    assertThat(counters.size()).isEqualTo(1);
    assertThat(counters.device(0).major()).isEqualTo(7); // loop
    assertThat(counters.bytesRead(0)).isEqualTo(2 << 20);
    assertThat(counters.bytesWritten(0)).isEqualTo(1 << 20);
    assertThat(counters.get(0, "rios")).isEqualTo(32);
    assertThat(counters.get(0, "dbytes")).isZero();
    assertThat(counters.get(0, "no")).isEqualTo(CgroupSnapshot.ABSENT);
  }

  @Test
  void theDevicesOfVersion1AreRead() {
    flat(Sample.text("v1-6.1/blkio.throttle.io_service_bytes"));

    assertThat(counters.size()).isEqualTo(1);
    assertThat(counters.device(0).major()).isEqualTo(7);
    assertThat(counters.bytesRead(0)).isEqualTo(2 << 20);
    assertThat(counters.get(0, "Total")).isEqualTo(2 << 20);
    // There was a rule for reading only: the kernel prints 0, though 1 MiB was written.
    assertThat(counters.bytesWritten(0)).isEqualTo(CgroupSnapshot.ABSENT);
  }

  @Test
  void onVersion1ADeviceThatIsNotCountedIsAbsent() {
    flat("8:0 Read 0\n8:0 Write 0\n8:0 Total 0\n7:1 Read 0\n7:1 Write 4096\nTotal 4096\n");

    assertThat(counters.size()).isEqualTo(1);
    assertThat(counters.device(0)).isEqualTo(new DeviceNumber(7, 1));
    assertThat(counters.bytesRead(0)).isEqualTo(CgroupSnapshot.ABSENT);
  }

  @Test
  void withoutADeviceNothingIsThere() {
    flat(Sample.text("hybrid-6.18/blkio.throttle.io_service_bytes"));
    assertThat(counters.size()).isZero();
    nested("8:0 \n8:16\n(unknown) rbytes=1\n");
    assertThat(counters.size()).isZero();
  }

  @Test
  void aDeviceThatIsGoneIsAbsent() {
    nested("8:0 rbytes=1 wbytes=2\n8:16 rbytes=3 wbytes=4\n");
    nested("8:16 rbytes=5 wbytes=6\n");

    assertThat(counters.size()).isEqualTo(1);
    assertThat(counters.device(0)).isEqualTo(new DeviceNumber(8, 16));
    assertThat(counters.bytesRead(0)).isEqualTo(5);
  }

  @Property
  void whateverCameBeforeWhatIsPrintedIsRead(
      @ForAll("files") Map<DeviceNumber, Map<String, Long>> before,
      @ForAll("files") Map<DeviceNumber, Map<String, Long>> now) {
    DeviceCounters parser = new DeviceCounters();
    nested(parser, print(before));
    nested(parser, print(now));

    assertThat(parser.toMap()).isEqualTo(now);
    assertThat(List.copyOf(parser.toMap().keySet())).isEqualTo(List.copyOf(now.keySet()));
  }

  private static String print(Map<DeviceNumber, Map<String, Long>> devices) {
    return devices.entrySet().stream()
        .map(device ->
            device.getValue().entrySet().stream()
                .map(field -> field.getKey() + "=" + field.getValue())
                .collect(Collectors.joining(" ", device.getKey() + " ", "\n")))
        .collect(Collectors.joining());
  }

  @Provide
  Arbitrary<Map<DeviceNumber, Map<String, Long>>> files() {
    Arbitrary<DeviceNumber> devices =
        Combinators.combine(
                Arbitraries.integers().between(0, 260), Arbitraries.integers().between(0, 20))
            .as(DeviceNumber::new);
    Arbitrary<String> keys =
        Arbitraries.strings().withCharRange('a', 'e').withChars('.', '_').ofLength(2);
    Arbitrary<Map<String, Long>> fields =
        Arbitraries.maps(keys, Arbitraries.longs().greaterOrEqual(0)).ofMinSize(1).ofMaxSize(20);
    return Arbitraries.maps(devices, fields).ofMaxSize(30).map(LinkedHashMap::new);
  }
}
