package dev.belljar.cgroups.controller;

import static dev.belljar.cgroups.controller.DirectIo.KIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.coverage.ReadsBack;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.Ending;
import dev.belljar.cgroups.testing.LoopDevice;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.Finding;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the blkio controller of version 1 does to reading and writing. */
@KernelTest
@RequiresRoot
@RequiresCgroupV1("blkio")
@RequiresTool({"losetup", "dd"})
class BlkioV1Test {
  private static final long SIZE = 16 << 20;

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  @Proves({
    "blkio.throttle.read_bps_device",
    "blkio.throttle.write_bps_device",
    "blkio.throttle.read_iops_device",
    "blkio.throttle.write_iops_device"
  })
  void eachThrottleHolds(IoThrottle throttle) {
    boolean bytes = throttle == IoThrottle.READ_BYTES || throttle == IoThrottle.WRITE_BYTES;
    long perSecond = bytes ? 256 * KIB : 20;
    try (LoopDevice disk = LoopDevice.make(folder, SIZE);
        TestGroup group = TestGroup.v1(Subsystem.BLKIO)) {
      BlkioV1 blkio = new BlkioV1(group.directory());
      DirectIo.assertThrottled(
          group,
          disk,
          throttle,
          () ->
              assertThat(blkio.setThrottle(throttle, disk.number(), Limit.of(perSecond)).isExact())
                  .isTrue(),
          perSecond);

      assertThat(blkio.throttle(throttle)).containsEntry(disk.number(), perSecond);
      assertThat(blkio.setThrottle(throttle, disk.number(), Limit.UNLIMITED).isExact()).isTrue();
      assertThat(blkio.throttle(throttle)).isEmpty();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> blkio.setThrottle(throttle, disk.number(), Limit.of(0)));
    }
  }

  @Test
  @Proves({
    "blkio.throttle.io_service_bytes",
    "blkio.throttle.io_serviced",
    "blkio.throttle.io_service_bytes_recursive",
    "blkio.throttle.io_serviced_recursive"
  })
  void disksWithALimitAreCounted() {
    try (LoopDevice disk = LoopDevice.make(folder, SIZE);
        TestGroup group = TestGroup.v1(Subsystem.BLKIO);
        CgroupDirectory child = group.directory().create("child")) {
      BlkioV1 above = new BlkioV1(group.directory());
      BlkioV1 blkio = new BlkioV1(child);
      String reading = DirectIo.command(disk, false, 64 * KIB, 16);
      blkio.setThrottle(IoThrottle.READ_BYTES, disk.number(), Limit.of(1L << 40));
      assertThat(Ending.of(group.runIn(child, reading))).isZero();
      assertThat(Ending.of(group.runIn(child, DirectIo.command(disk, true, 64 * KIB, 8)))).isZero();

      assertThat(blkio.serviceBytes().get(disk.number()).read()).isGreaterThanOrEqualTo(1 << 20);
      assertThat(blkio.serviced().get(disk.number()).read()).isPositive();
      assertThat(above.serviceBytes()).isEmpty();
      assertThat(above.serviceBytesRecursive()).isEqualTo(blkio.serviceBytes());
      assertThat(above.servicedRecursive()).isEqualTo(blkio.serviced());
    }
  }

  @Test
  void bufferedWritesEscapeALimitAsDocumented() {
    try (LoopDevice disk = LoopDevice.make(folder, SIZE);
        TestGroup group = TestGroup.v1(Subsystem.BLKIO)) {
      BlkioV1 blkio = new BlkioV1(group.directory());
      blkio.setThrottle(IoThrottle.WRITE_BYTES, disk.number(), Limit.of(1));
      blkio.setThrottle(IoThrottle.READ_BYTES, disk.number(), Limit.of(1L << 40));
      String writing =
          "dd if=/dev/zero of=%s bs=64k count=64 conv=notrunc,nocreat status=none".formatted(disk);
      assertThat(Ending.of(group.run(writing))).isZero();
      LoopDevice.command("sync", disk.toString());
      String reading = DirectIo.command(disk, false, 64 * KIB, 16); // to have something counted
      assertThat(Ending.of(group.run(reading))).isZero();

      // at a byte a second 4 MiB would have taken weeks
      IoCounters counted = blkio.serviceBytes().get(disk.number());
      assertThat(counted.read()).isGreaterThanOrEqualTo(1 << 20);
      assertThat(counted.write()).isZero();
      assertThat(BlkioV1.bufferedWritesEscape().kind()).isEqualTo(Finding.Kind.PITFALL);
    }
  }

  @Test
  @Proves({
    "blkio.bfq.weight",
    "blkio.bfq.weight_device",
    "blkio.bfq.io_service_bytes",
    "blkio.bfq.io_serviced",
    "blkio.bfq.io_service_bytes_recursive",
    "blkio.bfq.io_serviced_recursive"
  })
  void theHeavierGroupReadsMore() {
    try (LoopDevice disk = LoopDevice.make(folder, SIZE).schedule("bfq");
        TestGroup group = TestGroup.v1(Subsystem.BLKIO);
        CgroupDirectory light = group.directory().create("light");
        CgroupDirectory heavy = group.directory().create("heavy")) {
      BlkioV1Bfq lighter = new BlkioV1Bfq(light);
      BlkioV1Bfq heavier = new BlkioV1Bfq(heavy);
      assertThat(lighter.setWeight(100).isExact()).isTrue();
      assertThat(heavier.setWeight(1000).isExact()).isTrue();
      DiskShares shares = new DiskShares(group, disk, each -> read(new BlkioV1Bfq(each), disk));

      assertThat(shares.ratio(heavy, light)).isGreaterThan(DiskShares.CLEARLY_MORE);

      assertThat(heavier.setWeight(disk.number(), 10).isExact()).isTrue();
      assertThat(heavier.weights().of(disk.number())).isEqualTo(10);
      assertThat(shares.ratio(light, heavy))
          .as("the weight on this disk counts, not the default")
          .isGreaterThan(DiskShares.CLEARLY_MORE);

      heavier.clearWeight(disk.number());
      assertThat(heavier.weights().devices()).isEmpty();
      BlkioV1Bfq both = new BlkioV1Bfq(group.directory());
      assertThat(both.serviceBytes()).isEmpty();
      assertThat(both.serviceBytesRecursive().get(disk.number()).read())
          .isEqualTo(read(lighter, disk) + read(heavier, disk));
      assertThat(both.servicedRecursive().get(disk.number()).read())
          .isEqualTo(
              lighter.serviced().get(disk.number()).read()
                  + heavier.serviced().get(disk.number()).read());
    }
  }

  private static long read(BlkioV1Bfq group, LoopDevice disk) {
    IoCounters counters = group.serviceBytes().get(disk.number());
    return counters == null ? 0 : counters.read();
  }

  @Test
  @ReadsBack(
      value = "blkio.reset_stats",
      why = "it resets only times that BFQ measures with CONFIG_BFQ_CGROUP_DEBUG")
  void whatTheKernelWouldIgnoreIsRefused() {
    try (LoopDevice disk = LoopDevice.make(folder, SIZE);
        TestGroup group = TestGroup.v1(Subsystem.BLKIO)) {
      group.directory().write("blkio.reset_stats", "1");
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(new BlkioV1(group.directory())::resetStats)
          .withMessageContaining("CONFIG_BFQ_CGROUP_DEBUG");
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> new BlkioV1(group.directory()).setWeight(500))
          .withMessageContaining("5.0");
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> new BlkioV1(group.directory()).setWeight(disk.number(), 500))
          .withMessageContaining("blkio.weight_device");
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> new BlkioV1Bfq(group.directory()).setWeight(disk.number(), 500))
          .withMessageContaining("queue/scheduler");
    }
  }
}
