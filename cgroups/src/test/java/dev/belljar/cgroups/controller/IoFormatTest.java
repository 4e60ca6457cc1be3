package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.linux.DeviceNumber;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the blkio and io controllers print. */
class IoFormatTest {
  private static final DeviceNumber LOOP = new DeviceNumber(7, 0);

  @Provide
  Arbitrary<DeviceNumber> disk() {
    return Combinators.combine(
            Arbitraries.integers().between(0, DeviceNumber.MAX_MAJOR),
            Arbitraries.integers().between(0, DeviceNumber.MAX_MINOR))
        .as(DeviceNumber::new);
  }

  @Provide
  Arbitrary<IoMax> max() {
    return Arbitraries.maps(
            Arbitraries.of(IoThrottle.class), Arbitraries.longs().between(1, Long.MAX_VALUE))
        .map(IoMax::new);
  }

  @Property
  void limitsAreParsedAsTheyArePrinted(
      @ForAll("disk") DeviceNumber disk, @ForAll("max") IoMax max) {
    assertThat(IoV2.parseMax(disk + " " + max)).isEqualTo(Map.of(disk, max));
  }

  @Test
  void limitsArePrintedAsTheKernelDoes() {
    // io.max of 6.12, after 7:0 wbps=1048576 riops=120
    String text = "7:0 rbps=max wbps=1048576 riops=120 wiops=max";
    IoMax max = IoV2.parseMax(text).get(LOOP);

    assertThat(max.of(IoThrottle.WRITE_BYTES)).isEqualTo(Limit.of(1_048_576));
    assertThat(max.of(IoThrottle.READ_OPERATIONS)).isEqualTo(Limit.of(120));
    assertThat(max.of(IoThrottle.READ_BYTES)).isEqualTo(Limit.UNLIMITED);
    assertThat(LOOP + " " + max).isEqualTo(text);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> max.with(IoThrottle.READ_BYTES, Limit.of(0)));
  }

  @Property
  void weightsAreParsedAsTheyArePrinted(
      @ForAll("disk") DeviceNumber disk,
      @ForAll @IntRange(min = 1, max = 10_000) int byDefault,
      @ForAll @IntRange(min = 1, max = 10_000) int weight) {
    DeviceWeights weights = new DeviceWeights(byDefault, new TreeMap<>(Map.of(disk, weight)));

    assertThat(DeviceWeights.parse(weights.toString())).isEqualTo(weights);
    assertThat(weights.of(disk)).isEqualTo(weight);
  }

  // io.weight of 6.12 and blkio.bfq.weight_device of 6.1
  @ParameterizedTest
  @ValueSource(strings = {"default 100", "default 100\n7:0 200"})
  void weightsArePrintedAsTheKernelDoes(String text) {
    assertThat(DeviceWeights.parse(text)).hasToString(text);
  }

  @Test
  void aNumberAloneIsTheDefaultWeight() {
    assertThat(DeviceWeights.parse("100").byDefault()).isEqualTo(100); // blkio.bfq.weight of 6.18
  }

  @Test
  void devicesWithoutKeysAreLeftOut() {
    // io.stat of the root and of a group, 6.12, with the cost model on 7:0
    String root =
        "7:77 \n7:7 \n7:6 \n7:0 rbytes=1048576 wbytes=1048576 rios=16 wios=16 dbytes=0 dios=0"
            + " cost.vrate=110.47 cost.usage=1832603";
    String group =
        "7:77 \n"
            + "7:0 rbytes=1048576 wbytes=1048576 rios=16 wios=16 dbytes=0 dios=0"
            + " cost.usage=1832603";

    assertThat(IoStat.parse(root)).containsOnlyKeys(LOOP);
    assertThat(IoStat.parse(root).get(LOOP).others())
        .containsExactly(Map.entry("cost.vrate", "110.47"), Map.entry("cost.usage", "1832603"));
    assertThat(IoStat.parse(group).get(LOOP).reads()).isEqualTo(16);
    assertThat("7:77 \n7:0 " + IoStat.parse(group).get(LOOP)).isEqualTo(group);
    assertThat(IoStat.parse("7:7 \n7:6 \n7:5 ")).isEmpty();
  }

  @Property
  void readingsAreParsedAsTheyArePrinted(
      @ForAll("disk") DeviceNumber disk,
      @ForAll @LongRange(min = 0) long bytes,
      @ForAll @LongRange(min = 0) long operations) {
    IoStat stat = new IoStat(bytes, 1, operations, 2, 3, 4, Map.of("depth", "max"));

    assertThat(IoStat.parse(disk + " " + stat)).isEqualTo(Map.of(disk, stat));
  }

  @Test
  void version1CountersArePrintedAsTheyAreParsed() {
    // blkio.throttle.io_service_bytes of 6.18, after 3 MiB were read with a limit
    String text =
        """
        7:0 Read 3145728
        7:0 Write 0
        7:0 Sync 3145728
        7:0 Async 0
        7:0 Discard 0
        7:0 Total 3145728
        Total 3145728\
        """;

    assertThat(IoCounters.print(IoCounters.parse(text))).isEqualTo(text);
    assertThat(IoCounters.parse(text).get(LOOP).read()).isEqualTo(3_145_728);
  }

  @Test
  void whatWasNotCountedIsAbsentAndNotZero() {
    // blkio.throttle.io_service_bytes without a limit, after 1 MiB was read: 6.1, then 6.18
    String zeros =
        """
        7:0 Read 0
        7:0 Write 0
        7:0 Sync 0
        7:0 Async 0
        7:0 Discard 0
        7:0 Total 0
        Total 0\
        """;

    assertThat(IoCounters.parse(zeros)).isEmpty();
    assertThat(IoCounters.parse("Total 0")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"7:0", "7:0 Read", "7:0 Read 1 2", "Read 1"})
  void aMalformedCounterIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> IoCounters.parse(text));
  }

  @Test
  void theCostModelIsPrintedAsItIsParsed() {
    // io.cost.qos and io.cost.model of 6.12, after 7:0 enable=1
    String qos =
        "7:0 enable=1 ctrl=auto rpct=0.00 rlat=25000 wpct=0.00 wlat=25000 min=1.00 max=10000.00";
    String model =
        "7:0 ctrl=auto model=linear rbps=488636629 rseqiops=8932 rrandiops=8518 wbps=427891549"
            + " wseqiops=28755 wrandiops=21940";

    assertThat(LOOP + " " + IoCost.parseQos(qos).get(LOOP)).isEqualTo(qos);
    assertThat(LOOP + " " + IoCost.parseModel(model).get(LOOP)).isEqualTo(model);
  }

  @Property
  void theQualityOfServiceIsParsedAsItIsPrinted(
      @ForAll("disk") DeviceNumber disk,
      @ForAll boolean enabled,
      @ForAll boolean byUser,
      @ForAll @IntRange(max = 10_000) int percent,
      @ForAll @IntRange(min = 1) int latency,
      @ForAll @IntRange(min = 100, max = 1_000_000) int scale) {
    IoCost.Qos qos =
        new IoCost.Qos(
            enabled,
            byUser,
            percent / 100.0,
            micros(latency),
            (10_000 - percent) / 100.0,
            micros(latency / 2),
            scale / 200.0,
            scale / 100.0);

    assertThat(IoCost.parseQos(disk + " " + qos)).isEqualTo(Map.of(disk, rounded(qos)));
  }

  /** As the kernel and we print it, with two decimals. */
  private static IoCost.Qos rounded(IoCost.Qos qos) {
    return new IoCost.Qos(
        qos.enabled(),
        qos.byUser(),
        qos.readPercent(),
        qos.readLatency(),
        qos.writePercent(),
        qos.writeLatency(),
        Double.parseDouble("%.2f".formatted(qos.min())),
        qos.max());
  }

  @Property
  void theModelIsParsedAsItIsPrinted(
      @ForAll("disk") DeviceNumber disk,
      @ForAll boolean byUser,
      @ForAll @LongRange(min = 0) long bytes,
      @ForAll @LongRange(min = 0) long operations) {
    IoCost.Model model =
        new IoCost.Model(byUser, bytes, operations, operations / 2, bytes / 3, operations / 5, 7);

    assertThat(IoCost.parseModel(disk + " " + model)).isEqualTo(Map.of(disk, model));
  }

  /** {@code block/blk-iolatency.c} prints "%s target=%llu", in microseconds. */
  @Property
  void latencyTargetsAreMicroseconds(
      @ForAll("disk") DeviceNumber disk, @ForAll @LongRange(min = 1) long target) {
    assertThat(IoV2.parseLatency("%s target=%d\n".formatted(disk, target)))
        .isEqualTo(Map.of(disk, micros(target)));
  }

  @Property
  void version1CountersAreParsedAsTheyArePrinted(
      @ForAll("disk") DeviceNumber disk,
      @ForAll @LongRange(min = 1, max = 1L << 60) long read,
      @ForAll @LongRange(min = 0, max = 1L << 60) long written,
      @ForAll @LongRange(min = 0, max = 1L << 60) long discarded) {
    Map<DeviceNumber, IoCounters> counters =
        Map.of(disk, new IoCounters(read, written, read, written, discarded, read + written));

    assertThat(IoCounters.parse(IoCounters.print(counters))).isEqualTo(counters);
  }

  /**
   * {@code block/blk-cgroup.c} prints "%s %llu" of each device, as throttles and weights have it.
   */
  @Property
  void numbersOfDevicesAreParsed(
      @ForAll @Size(max = 5) Map<@From("disk") DeviceNumber, @LongRange(min = 0) Long> numbers) {
    StringBuilder text = new StringBuilder();
    numbers.forEach((disk, number) -> text.append(disk + " " + number + "\n"));

    assertThat(DeviceLines.parseNumbers(text.toString())).isEqualTo(numbers);
  }

  @Property
  void version1IsNeverToldOperationsThatItWouldCutTo32Bits(
      @ForAll IoThrottle throttle, @ForAll @LongRange(min = 1) long limit) {
    boolean operations = throttle.v1File().contains("iops");
    boolean fits = !operations || limit < 0xffff_ffffL;

    assertThat(throttle.v1Value(Limit.of(limit))).isEqualTo(fits ? Long.toString(limit) : "0");
  }

  @Test
  void operationsOf32BitsAndMoreAreUnlimited() {
    for (IoThrottle each : List.of(IoThrottle.READ_OPERATIONS, IoThrottle.WRITE_OPERATIONS)) {
      assertThat(each.v1Value(Limit.of(0xffff_fffeL))).isEqualTo("4294967294");
      assertThat(each.v1Value(Limit.of(0xffff_ffffL))).isEqualTo("0");
      assertThat(each.v1Value(Limit.of(1L << 32))).isEqualTo("0");
      assertThat(each.v1Value(Limit.UNLIMITED)).isEqualTo("0");
      assertThatIllegalArgumentException().isThrownBy(() -> each.v1Value(Limit.of(0)));
    }
    assertThat(IoThrottle.READ_BYTES.v1Value(Limit.of(1L << 32))).isEqualTo("4294967296");
  }

  private static Duration micros(long micros) {
    return Duration.of(micros, ChronoUnit.MICROS);
  }
}
