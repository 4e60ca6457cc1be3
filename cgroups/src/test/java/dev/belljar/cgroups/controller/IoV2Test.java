package dev.belljar.cgroups.controller;

import static dev.belljar.cgroups.controller.DirectIo.KIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.belljar.cgroups.Cgroup;
import dev.belljar.cgroups.Resources;
import dev.belljar.cgroups.coverage.Proves;
import dev.belljar.cgroups.coverage.ReadsBack;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.cgroups.testing.Ending;
import dev.belljar.cgroups.testing.LoopDevice;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.Finding;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the io controller of version 2 does to reading and writing. */
@KernelTest
@RequiresRoot
@RequiresCgroupV2("io")
@RequiresTool({"losetup", "dd"})
class IoV2Test {
  private static final long SIZE = 16 << 20;

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  @Proves("io.max")
  void eachThrottleHolds(IoThrottle throttle) {
    boolean bytes = throttle == IoThrottle.READ_BYTES || throttle == IoThrottle.WRITE_BYTES;
    long perSecond = bytes ? 256 * KIB : 20;
    IoMax max = new IoMax(Map.of(throttle, perSecond));
    try (LoopDevice disk = LoopDevice.make(folder, SIZE);
        TestGroup group = TestGroup.v2(Subsystem.BLKIO)) {
      IoV2 io = new IoV2(group.directory());
      DirectIo.assertThrottled(
          group,
          disk,
          throttle,
          () -> assertThat(io.setMax(disk.number(), max).isExact()).isTrue(),
          perSecond);

      assertThat(io.max()).isEqualTo(Map.of(disk.number(), max));
      assertThat(io.setMax(disk.number(), IoMax.UNLIMITED).isExact()).isTrue();
      assertThat(io.max()).isEmpty();
    }
  }

  @Test
  @Proves("io.stat")
  void whatIsReadAndWrittenIsCounted() {
    try (LoopDevice disk = LoopDevice.make(folder, SIZE);
        TestGroup group = TestGroup.v2(Subsystem.BLKIO)) {
      IoV2 io = new IoV2(group.directory());
      assertThat(io.stat()).isEmpty();
      assertThat(Ending.of(group.run(DirectIo.command(disk, false, 64 * KIB, 16)))).isZero();
      assertThat(Ending.of(group.run(DirectIo.command(disk, true, 64 * KIB, 8)))).isZero();

      IoStat stat = io.stat().get(disk.number());
      assertThat(stat.readBytes()).isGreaterThanOrEqualTo(1 << 20);
      assertThat(stat.writtenBytes()).isEqualTo(512 * KIB);
      assertThat(stat.reads()).isGreaterThanOrEqualTo(16);
      assertThat(stat.writes()).isEqualTo(8);
    }
  }

  @Test
  @Proves("io.bfq.weight")
  void theHeavierGroupReadsMore() {
    try (LoopDevice disk = LoopDevice.make(folder, SIZE).schedule("bfq");
        TestGroup group = TestGroup.v2(Subsystem.BLKIO)) {
      group.directory().write("cgroup.subtree_control", "+io");
      try (CgroupDirectory light = group.directory().create("light");
          CgroupDirectory heavy = group.directory().create("heavy")) {
        IoV2Bfq lighter = new IoV2Bfq(light);
        IoV2Bfq heavier = new IoV2Bfq(heavy);
        assertThat(IoV2Bfq.withoutEffect()).isEmpty();
        assertThat(lighter.setWeight(100).isExact()).isTrue();
        assertThat(heavier.setWeight(1000).isExact()).isTrue();
        DiskShares shares = new DiskShares(group, disk, each -> read(each, disk));

        assertThat(shares.ratio(heavy, light)).isGreaterThan(DiskShares.CLEARLY_MORE);

        assertThat(heavier.setWeight(disk.number(), 10).isExact()).isTrue();
        assertThat(shares.ratio(light, heavy))
            .as("the weight on this disk counts, not the default")
            .isGreaterThan(DiskShares.CLEARLY_MORE);

        heavier.clearWeight(disk.number());
        assertThat(heavier.weights().devices()).isEmpty();
      }
    }
  }

  private static long read(CgroupDirectory group, LoopDevice disk) {
    IoStat stat = new IoV2(group).stat().get(disk.number());
    return stat == null ? 0 : stat.readBytes();
  }

  @Test
  void weightsThatTheKernelWouldIgnoreAreRefused() {
    try (LoopDevice disk = LoopDevice.make(folder, SIZE);
        TestGroup group = TestGroup.v2(Subsystem.BLKIO)) {
      IoV2 io = new IoV2(group.directory());
      assertThat(io.weightWithoutEffect().map(Finding::kind)).hasValue(Finding.Kind.NO_EFFECT);
      assertThat(IoV2Bfq.withoutEffect().map(Finding::kind)).hasValue(Finding.Kind.NO_EFFECT);
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> io.setWeight(200))
          .withMessageContaining("io.cost.qos");
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> new IoV2Bfq(group.directory()).setWeight(200))
          .withMessageContaining("queue/scheduler");
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> new IoV2Bfq(group.directory()).setWeight(disk.number(), 200))
          .withMessageContaining("queue/scheduler");
    }
  }

  @Test
  @Proves({"io.weight", "io.cost.qos", "io.cost.model"})
  void ofADiskAsSlowAsItsModelTheHeavierGroupGetsMore() {
    long bytes = 8 << 20;
    long operations = bytes / 4096;
    try (LoopDevice disk = LoopDevice.make(folder, SIZE).schedule("none");
        TestGroup group = TestGroup.v2(Subsystem.BLKIO)) {
      group.directory().write("cgroup.subtree_control", "+io");
      Hierarchy hierarchy = group.directory().hierarchy();
      try (CgroupDirectory root = CgroupDirectory.open(hierarchy, hierarchy.mountPoint());
          CgroupDirectory light = group.directory().create("light");
          CgroupDirectory heavy = group.directory().create("heavy")) {
        IoCost cost = new IoCost(root);
        cost.setModel(
            disk.number(),
            new IoCost.Model(true, bytes, operations, operations, bytes, operations, operations));
        cost.setQos(
            disk.number(),
            new IoCost.Qos(
                true, true, 0, Duration.ofMillis(75), 0, Duration.ofMillis(75), 100, 100));
        try {
          new IoV2(light).setWeight(100);
          new IoV2(heavy).setWeight(1000);
          DiskShares shares = new DiskShares(group, disk, each -> read(each, disk));
          long start = System.nanoTime();

          assertThat(shares.ratio(heavy, light)).isGreaterThan(DiskShares.CLEARLY_MORE);

          assertThat(System.nanoTime() - start)
              .as("as slow as the model says it is")
              .isGreaterThan(DiskShares.ENOUGH * 1_000_000_000L / bytes / 2);
        } finally {
          cost.setEnabled(disk.number(), false);
        }
      }
    }
  }

  @Test
  @ReadsBack(value = "io.pressure", why = "pressure is what the machine happens to have")
  void weightsOfTheCostModelAreReadBack() {
    try (LoopDevice disk = LoopDevice.make(folder, SIZE);
        TestGroup group = TestGroup.v2(Subsystem.BLKIO)) {
      Hierarchy hierarchy = group.directory().hierarchy();
      IoV2 io = new IoV2(group.directory());
      try (CgroupDirectory root = CgroupDirectory.open(hierarchy, hierarchy.mountPoint())) {
        IoCost cost = new IoCost(root);
        assertThat(cost.setEnabled(disk.number(), true).isExact()).isTrue();
        try {
          IoCost.Model model = new IoCost.Model(true, 1 << 20, 256, 256, 1 << 20, 256, 256);
          IoCost.Qos qos =
              new IoCost.Qos(
                  true, true, 95, Duration.ofMillis(75), 95, Duration.ofMillis(150), 50, 150);
          assertThat(cost.setModel(disk.number(), model).isExact()).isTrue();
          assertThat(cost.setQos(disk.number(), qos).isExact()).isTrue();
          assertThat(cost.qos()).containsEntry(disk.number(), qos);
          assertThat(cost.model()).containsEntry(disk.number(), model);

          assertThat(io.weightWithoutEffect()).isEmpty();
          assertThat(io.setWeight(200).isExact()).isTrue();
          assertThat(io.setWeight(disk.number(), 300).isExact()).isTrue();
          assertThat(io.weights().orElseThrow().of(disk.number())).isEqualTo(300);
          Written<Long> cleared = io.clearWeight(disk.number());
          assertThat(cleared.isExact()).isTrue();
          assertThat(cleared.actual()).isEqualTo(200);
        } finally {
          cost.setEnabled(disk.number(), false);
        }
        assertThatExceptionOfType(UnsupportedOperationException.class)
            .isThrownBy(() -> io.setWeight(disk.number(), 300))
            .withMessageContaining("io.weight has no effect on " + disk.number());
      }
      assertThat(io.pressure().orElseThrow().some()).isPresent();
      assertThat(io.latency()).isEmpty();
    }
  }

  @Test
  @RequiresCgroupV2("io")
  void aWeightOnADiskWhoseCostModelIsDisabledCannotBeExpressed() {
    Hierarchy hierarchy = CgroupLayout.current().v2().orElseThrow();
    try (LoopDevice disk = LoopDevice.make(folder, SIZE).schedule("none");
        CgroupDirectory root = CgroupDirectory.open(hierarchy, hierarchy.mountPoint())) {
      IoCost cost = new IoCost(root);
      cost.setEnabled(disk.number(), true);
      cost.setEnabled(disk.number(), false);
      Resources weight = Resources.builder().ioWeight(disk.number(), 500).build();

      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(() -> Cgroup.create("weights", weight))
          .withMessageContaining("the limit ioWeight of " + disk.number() + " 500 cannot be set")
          .withMessageContaining("cost model is disabled");
    }
  }
}
