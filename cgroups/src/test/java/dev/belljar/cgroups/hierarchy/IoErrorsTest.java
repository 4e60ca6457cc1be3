package dev.belljar.cgroups.hierarchy;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.belljar.cgroups.testing.LoopDevice;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@KernelTest
@RequiresRoot
@RequiresTool("losetup")
class IoErrorsTest {
  private static final long SIZE = 1 << 20;
  private static final String NO_DISK = "199:0";
  private static final String READ = "blkio.throttle.read_bps_device";

  @TempDir private Path folder;

  @Test
  @RequiresCgroupV1("blkio")
  void throttlesOfVersion1() {
    try (LoopDevice disk = LoopDevice.make(folder, SIZE);
        TestGroup group = TestGroup.v1(Subsystem.BLKIO)) {
      CgroupDirectory directory = group.directory();
      Refusal.of(directory, READ, NO_DISK + " 1024", IoErrors.NO_DISK);
      Refusal.of(directory, READ, disk.number() + " much", IoErrors.NOT_A_THROTTLE);
    }
  }

  @Test
  @RequiresCgroupV1("blkio")
  void weightsOfVersion1() {
    try (LoopDevice disk = LoopDevice.make(folder, SIZE);
        TestGroup group = TestGroup.v1(Subsystem.BLKIO)) {
      CgroupDirectory directory = group.directory();
      String ofTheDisk = disk.number() + " 200";
      Refusal.of(directory, "blkio.bfq.weight", "1001", IoErrors.BFQ_RANGE);
      Refusal.of(directory, "blkio.bfq.weight_device", ofTheDisk, IoErrors.NOT_BFQ);
      Refusal.of(directory, "blkio.bfq.weight_device", NO_DISK + " 200", IoErrors.NO_DISK);
    }
  }

  @Test
  @RequiresCgroupV2("io")
  void limitsOfVersion2() {
    try (LoopDevice disk = LoopDevice.make(folder, SIZE);
        TestGroup group = TestGroup.v2(Subsystem.BLKIO)) {
      CgroupDirectory directory = group.directory();
      Refusal.of(directory, "io.max", NO_DISK + " rbps=1024", IoErrors.NO_DISK);
      Refusal.of(directory, "io.max", disk.number() + " rbps=0", IoErrors.ZERO);
      Refusal.of(directory, "io.max", disk.number() + " speed=1", IoErrors.NOT_A_LIMIT);
    }
  }

  @Test
  @RequiresCgroupV2("io")
  void weightsOfVersion2() {
    try (LoopDevice disk = LoopDevice.make(folder, SIZE);
        TestGroup group = TestGroup.v2(Subsystem.BLKIO)) {
      CgroupDirectory directory = group.directory();
      String ofTheDisk = disk.number() + " 200";
      Refusal.of(directory, "io.weight", "default 10001", IoErrors.WEIGHT_RANGE);
      Refusal.of(directory, "io.bfq.weight", "default 1001", IoErrors.BFQ_RANGE);
      Refusal.of(directory, "io.bfq.weight", ofTheDisk, IoErrors.NOT_BFQ);
      assumeTrue(
          !costs().contains(disk.number() + " "), "needs a disk that never had its cost model on");
      Refusal.of(directory, "io.weight", ofTheDisk, IoErrors.NO_COST_MODEL);
    }
  }

  private static String costs() {
    Hierarchy hierarchy = CgroupLayout.current().v2().orElseThrow();
    try (CgroupDirectory root = CgroupDirectory.open(hierarchy, hierarchy.mountPoint())) {
      return root.read("io.cost.qos");
    }
  }

  @Test
  @RequiresCgroupV2("io")
  void theCostModel() {
    Hierarchy hierarchy = CgroupLayout.current().v2().orElseThrow();
    try (LoopDevice disk = LoopDevice.make(folder, SIZE);
        CgroupDirectory root = CgroupDirectory.open(hierarchy, hierarchy.mountPoint())) {
      Refusal.of(root, "io.cost.qos", disk.number() + " rpct=200", IoErrors.NOT_A_MODEL);
      Refusal.of(root, "io.cost.model", disk.number() + " model=cubic", IoErrors.NOT_A_MODEL);
    }
  }
}
