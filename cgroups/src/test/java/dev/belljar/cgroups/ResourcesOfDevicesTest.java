package dev.belljar.cgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belljar.cgroups.controller.DeviceRule;
import dev.belljar.cgroups.controller.DeviceRules;
import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.cgroups.testing.Ending;
import dev.belljar.cgroups.testing.LoopDevice;
import dev.belljar.linux.DeviceNumber;
import dev.belljar.linux.Finding;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.WarmUp;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@link Resources} says of devices, networks and huge pages, on whichever version. */
@KernelTest
@RequiresRoot
@RequiresTool("losetup")
class ResourcesOfDevicesTest {
  private static final long DISK = 1 << 20;
  private static final long HUGE = 2 << 20;
  private static final DeviceNumber NO_DISK = new DeviceNumber(4000, 0);

  @TempDir private Path folder;

  @WarmUp
  static void makeOne() throws Exception {
    Resources somewhere =
        Resources.builder()
            .pids(20)
            .devices(DeviceRules.EVERYTHING)
            .hugepages(HUGE, HUGE)
            .netClass(1)
            .netPriority("lo", 1)
            .build();
    CgroupPlacement.find(CgroupRequest.of(somewhere).accounting(true).killable(true).lenient(true))
        .create("devices")
        .orElseThrow()
        .close();
    create(Resources.builder().devices(DeviceRules.EVERYTHING)).close(); // where no controller is
  }

  private static Cgroup create(ResourcesBuilder limits) {
    return Cgroup.create("devices", limits.build());
  }

  private static boolean isV1(Subsystem subsystem) {
    Optional<Hierarchy> hierarchy = CgroupLayout.current().with(subsystem);
    assumeTrue(hierarchy.isPresent(), "needs the controller " + subsystem.v1Name());
    return hierarchy.orElseThrow().version() == CgroupVersion.V1;
  }

  private static String throttles(Cgroup group) {
    if (!isV1(Subsystem.BLKIO)) {
      return group.read("io.max");
    }
    return List.of("read_bps", "write_bps", "read_iops", "write_iops").stream()
        .map(name -> group.read("blkio.throttle." + name + "_device"))
        .reduce("", (all, line) -> line.isEmpty() ? all : all + line + "\n");
  }

  @Test
  void fourThrottlesAreSetChangedPutBackAndTakenAway() {
    boolean v1 = isV1(Subsystem.BLKIO);
    try (LoopDevice disk = LoopDevice.make(folder, DISK)) {
      DeviceNumber number = disk.number();
      try (Cgroup group =
          create(
              Resources.builder()
                  .ioReadBps(number, 1_000_000)
                  .ioWriteBps(number, 2_000_000)
                  .ioReadIops(number, 300)
                  .ioWriteIops(number, 400))) {
        String set = throttles(group);
        assertThat(set)
            .isEqualTo(
                (v1
                        ? "%1$s 1000000\n%1$s 2000000\n%1$s 300\n%1$s 400\n"
                        : "%s rbps=1000000 wbps=2000000 riops=300 wiops=400")
                    .formatted(number));
        assertThat(group.findings().stream().anyMatch(each -> each.text().contains("page cache")))
            .as("buffered writes escape on version 1 only, and that is said")
            .isEqualTo(v1);

        assertThatThrownBy(() ->
                group.update(
                    Resources.builder().ioReadBps(number, 5).ioReadBps(NO_DISK, 5).build()))
            .isInstanceOf(LinuxException.class)
            .hasMessageContaining("there is no such disk");
        assertThat(throttles(group)).isEqualTo(set);

        assertThat(
                group.update(
                    Resources.builder()
                        .ioReadBps(number, 9_000_000)
                        .ioWriteBps(number, Limit.UNLIMITED)
                        .ioReadIops(number, Limit.UNLIMITED)
                        .ioWriteIops(number, Limit.UNLIMITED)
                        .build()))
            .hasSize(4)
            .allMatch(Written::isExact);
        assertThat(throttles(group))
            .isEqualTo(
                (v1 ? "%s 9000000\n" : "%s rbps=9000000 wbps=max riops=max wiops=max")
                    .formatted(number));
      }
    }
  }

  @Test
  void aWeightThatNoDiskHeedsCannotBeExpressed() {
    isV1(Subsystem.BLKIO);
    Resources weight = Resources.builder().ioWeight(300).build();
    try (LoopDevice disk = LoopDevice.make(folder, DISK).schedule("none")) {
      assumeTrue(heeded().isPresent(), "needs a machine whose disks heed no weights");
      Resources both = weight.toBuilder().ioWeight(disk.number(), 500).build();
      assertThatThrownBy(() -> Cgroup.create("weights", weight))
          .isInstanceOf(UnsupportedOperationException.class)
          .hasMessageContaining("the limit ioWeight 300 cannot be set")
          .hasMessageContaining("BFQ");

      CgroupPlacement lenient =
          CgroupPlacement.find(CgroupRequest.of(weight).killable(true).lenient(true));
      assertThat(lenient.findings()).extracting(Finding::text).anyMatch(t -> t.contains("BFQ"));
      lenient.create("weights").ifPresent(Cgroup::close);

      assertThatThrownBy(() -> Cgroup.create("weights", both)).hasMessageContaining("300");
    }
  }

  private static Optional<Finding> heeded() {
    return CgroupPlacement.find(CgroupRequest.of(Resources.builder().ioWeight(300).build()))
        .missing()
        .stream()
        .findFirst();
  }

  @Test
  void weightsReachTheSchedulerThatHeedsThem() {
    boolean v1 = isV1(Subsystem.BLKIO);
    try (LoopDevice disk = LoopDevice.make(folder, DISK)) {
      assumeTrue(disk.has("bfq"), "needs a machine to change");
      disk.schedule("bfq");
      try (Cgroup group = create(Resources.builder().ioWeight(300).ioWeight(disk.number(), 500))) {
        assertThat(group.read(v1 ? "blkio.bfq.weight" : "io.bfq.weight")).contains("300");
        assertThat(group.read(v1 ? "blkio.bfq.weight_device" : "io.bfq.weight"))
            .contains(disk.number() + " 500");

        assertThat(
                group.update(
                    Resources.builder().ioWeight(200).ioWeight(disk.number(), 100).build()))
            .hasSize(2)
            .allMatch(Written::isExact);
        assertThatThrownBy(() ->
                group.update(
                    Resources.builder().ioWeight(disk.number(), 700).ioReadBps(NO_DISK, 5).build()))
            .isInstanceOf(LinuxException.class);
        assertThat(group.read(v1 ? "blkio.bfq.weight_device" : "io.bfq.weight"))
            .contains(disk.number() + " 100");
      }
    }
  }

  @Test
  void hugePagesAreLimitedAndUnlimited() {
    boolean v1 = isV1(Subsystem.HUGETLB);
    String file = "hugetlb.2MB" + (v1 ? ".limit_in_bytes" : ".max");
    Resources limited = Resources.builder().hugepages(HUGE, 2 * HUGE).build();
    assumeTrue(
        CgroupPlacement.find(CgroupRequest.of(limited)).missing().isEmpty(),
        "needs the controller hugetlb");
    try (Cgroup group = Cgroup.create("huge", limited)) {
      assertThat(group.read(file)).isEqualTo(Long.toString(2 * HUGE));
      List<Written<String>> written =
          group.update(Resources.builder().hugepages(HUGE, Limit.UNLIMITED).build());
      assertThat(written).singleElement().matches(Written::isExact);
      assertThat(group.update(Resources.builder().hugepages(HUGE, HUGE + 1).build()))
          .singleElement()
          .extracting(Written::actual)
          .isEqualTo(Long.toString(HUGE));
    }
  }

  @Test
  @RequiresCgroupV1({"net_cls", "net_prio"})
  void packetsAreMarkedOnVersion1() {
    try (Cgroup group = create(Resources.builder().netClass(0x10_0001).netPriority("lo", 5))) {
      assertThat(group.read("net_cls.classid")).isEqualTo(Integer.toString(0x10_0001));
      assertThat(group.read("net_prio.ifpriomap").lines()).contains("lo 5");
      assertThatThrownBy(() -> group.update(Resources.builder().netPriority("no-such", 1).build()))
          .hasMessageContaining("has no such interface");
    }
  }

  @Test
  void devicesAreWhatTheRulesAllow() throws Exception {
    DeviceRules rules = DeviceRules.of(DeviceRule.allow("c 1:3 r"), DeviceRule.allow("c 5:* rw"));
    try (Cgroup group = create(Resources.builder().devices(rules))) {
      Process process =
          new ProcessBuilder("sh", "-c", "read go; : </dev/null && ! (: >/dev/null)")
              .redirectErrorStream(true)
              .start();
      group.attach(process.pid());
      process.outputWriter().append("go\n").flush();
      assertThat(Ending.output(process)).contains("/dev/null");
      assertThat(Ending.of(process)).isZero();
      process.outputWriter().close();
    }
  }

  @Test
  @RequiresCgroupV1("devices")
  void aHoleInAWildcardIsListedWithEverythingElseOrLeftOut() {
    DeviceRules hole = DeviceRules.of(DeviceRule.allow("c 1:* r"), DeviceRule.deny("c 1:5 r"));
    Resources limits = Resources.builder().devices(hole).unified("cgroup.max.depth", "1").build();
    CgroupRequest request = CgroupRequest.of(limits).killable(true);
    assertThat(CgroupPlacement.find(request).missing())
        .extracting(Finding::text)
        .anyMatch(text -> text.contains("cannot deny \"c 1:5 r\" inside \"c 1:* r\""));
    assertThatThrownBy(() -> Cgroup.create("hole", limits))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessageContaining("inside \"c 1:* r\"");

    CgroupPlacement lenient = CgroupPlacement.find(request.lenient(true));
    try (Cgroup group = lenient.create("hole").orElseThrow()) {
      assertThat(group.findings()).extracting(Finding::text).anyMatch(t -> t.contains("inside"));
      assertThat(group.in(Subsystem.DEVICES).read("devices.list")).isEqualTo("a *:* rwm");
    }
  }

  @Test
  @RequiresCgroupV2("memory")
  void rawFilesTakeSuffixesAndArePutBackLineByLine() {
    try (LoopDevice disk = LoopDevice.make(folder, DISK);
        Cgroup group =
            create(
                Resources.builder()
                    .pids(20)
                    .unified("memory.max", "64M")
                    .unified("io.max", disk.number() + " rbps=1000000"))) {
      assertThat(
              group.update(
                  Resources.builder()
                      .unified("memory.max", "32M")
                      .unified("cpu.max", "max")
                      .unified("io.max", disk.number() + " wiops=20")
                      .build()))
          .hasSize(3)
          .allMatch(Written::isExact);
      assertThat(group.memoryLimit()).contains(Limit.of(32 << 20));

      assertThatThrownBy(() ->
              group.update(
                  Resources.builder()
                      .unified("io.max", disk.number() + " rbps=5 wiops=5")
                      .unified("memory.high", "nonsense")
                      .build()))
          .isInstanceOf(LinuxException.class)
          .hasMessageContaining("not a number of bytes");
      assertThat(group.read("io.max"))
          .isEqualTo(disk.number() + " rbps=1000000 wbps=max riops=max wiops=20");
    }
  }
}
