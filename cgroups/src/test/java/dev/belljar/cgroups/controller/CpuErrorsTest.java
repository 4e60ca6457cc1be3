package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresKernel;
import dev.belljar.linux.testing.RequiresRoot;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** The rows of the cpu controller in the table of errors; those of real time are with its tests. */
@KernelTest
class CpuErrorsTest {
  private static void isRefused(ThrowingCallable write, String errno, String rule) {
    assertThatThrownBy(write).hasMessageContaining(errno).hasMessageContaining(rule);
  }

  private static TimeLimit millis(long millis) {
    return TimeLimit.of(Duration.ofMillis(millis));
  }

  private static CpuMax max(long quotaMillis) {
    return new CpuMax(millis(quotaMillis), Duration.ofMillis(100));
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("cpu")
  @RequiresKernel("5.15")
  void sharesWhileIdleAreRefused() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPU)) {
      CpuV1 controller = new CpuV1(test.directory());
      controller.setIdle(true);

      isRefused(() -> controller.setShares(100), "EINVAL", "cpu.idle is 1");
      assertThat(controller.setIdle(false).isExact()).isTrue();
      assertThat(controller.shares()).isEqualTo(CpuShares.DEFAULT);
    }
  }

  @Test
  @RequiresCgroupV2("cpu")
  @RequiresKernel("5.15")
  void aWeightWhileIdleIsRefused() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPU)) {
      CpuV2 controller = new CpuV2(test.directory());
      controller.setIdle(true);

      isRefused(() -> controller.setWeight(50), "EINVAL", "cpu.idle is 1");
      isRefused(() -> controller.setWeightNice(1), "EINVAL", "cpu.idle is 1");
    }
  }

  @Test
  @RequiresCgroupV2("cpu")
  void aWeightOutOfRangeIsRefused() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPU)) {
      CpuV2 controller = new CpuV2(test.directory());

      isRefused(() -> controller.setWeight(0), "ERANGE", "1 to 10000");
      isRefused(() -> controller.setWeightNice(-21), "ERANGE", "-20 to 19");
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("cpu")
  void theRootOfVersion1CannotBeLimited() {
    try (CgroupDirectory root = TestGroup.rootOfV1(Subsystem.CPU)) {
      for (String file : List.of("cpu.shares", "cpu.cfs_quota_us", "cpu.cfs_period_us")) {
        isRefused(
            () -> root.write(file, root.read(file)), // as it is, should it be taken after all
            "EINVAL",
            "the root of a hierarchy cannot be limited");
      }
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("cpu")
  void aQuotaAboveTheParentsIsRefusedOnVersion1() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPU);
        CgroupDirectory child = test.directory().create("child")) {
      CpuV1 above = new CpuV1(test.directory());
      CpuV1 below = new CpuV1(child);
      above.setQuota(millis(50));

      isRefused(() -> below.setQuota(millis(60)), "EINVAL", "than the group above has");
      below.setQuota(millis(50));
      isRefused(() -> above.setQuota(millis(20)), "EINVAL", "less than a group below it has");
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("cpu")
  void aQuotaOutOfRangeIsRefusedOnVersion1() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPU)) {
      CpuV1 controller = new CpuV1(test.directory());
      Duration short1 = Duration.ofNanos(999_000);

      isRefused(() -> controller.setQuota(TimeLimit.of(short1)), "EINVAL", "1 ms or more");
      isRefused(() -> controller.setPeriod(Duration.ofSeconds(2)), "EINVAL", "1 ms to 1 s");
    }
  }

  @Test
  @RequiresCgroupV2("cpu")
  void aQuotaOutOfRangeIsRefusedOnVersion2() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPU)) {
      CpuV2 controller = new CpuV2(test.directory());

      isRefused(() -> controller.setMax(max(0)), "EINVAL", "1 ms or more");
      isRefused(
          () -> controller.setMax(new CpuMax(millis(5), Duration.ofSeconds(2))),
          "EINVAL",
          "1 ms to 1 s");
      isRefused(() -> test.directory().write("cpu.max", "-1 100000"), "EINVAL", "max for none");
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("cpu")
  @RequiresKernel("5.14")
  void aBurstAboveTheQuotaIsRefusedOnVersion1() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPU)) {
      CpuV1 controller = new CpuV1(test.directory());
      controller.setQuota(millis(50));

      isRefused(() -> controller.setBurst(Duration.ofMillis(60)), "EINVAL", "at most as long");
      controller.setBurst(Duration.ofMillis(30));
      isRefused(() -> controller.setQuota(millis(20)), "EINVAL", "lower the burst first");
    }
  }

  @Test
  @RequiresCgroupV2("cpu")
  @RequiresKernel("5.14")
  void aBurstAboveTheQuotaIsRefusedOnVersion2() {
    try (TestGroup test = TestGroup.v2(Subsystem.CPU)) {
      CpuV2 controller = new CpuV2(test.directory());
      controller.setMax(max(50));

      isRefused(() -> controller.setMaxBurst(Duration.ofMillis(60)), "EINVAL", "at most as long");
      controller.setMaxBurst(Duration.ofMillis(30));
      isRefused(() -> controller.setMax(max(20)), "EINVAL", "lower the burst first");
    }
  }
}
