package dev.belljar.cgroups.controller;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresCgroupV2;
import dev.belljar.linux.testing.RequiresRoot;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Views of the controllers that differ by version, of a group of the other one. */
@KernelTest
class ViewVersionTest {
  private static final List<Function<CgroupDirectory, Object>> V1 =
      List.of(
          BlkioV1::new,
          BlkioV1Bfq::new,
          CpuV1::new,
          CpusetV1::new,
          DevicesV1::new,
          FreezerV1::new,
          HugetlbV1::new,
          MemoryV1::new);
  private static final List<Function<CgroupDirectory, Object>> V2 =
      List.of(
          CpuV2::new,
          CpusetV2::new,
          DevicesV2::new,
          FreezerV2::new,
          HugetlbV2::new,
          IoCost::new,
          IoV2::new,
          IoV2Bfq::new,
          MemoryV2::new,
          MemoryV2Swap::new);

  @Test
  @RequiresCgroupV2
  void thoseOfVersion1RefuseAGroupOfVersion2() {
    try (TestGroup test = TestGroup.v2()) {
      for (Function<CgroupDirectory, Object> view : V1) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> view.apply(test.directory()))
            .withMessageContaining("is a group of version 2, not 1");
      }
    }
  }

  @Test
  @RequiresRoot
  @RequiresCgroupV1("cpu")
  void thoseOfVersion2RefuseAGroupOfVersion1() {
    try (TestGroup test = TestGroup.v1(Subsystem.CPU)) {
      for (Function<CgroupDirectory, Object> view : V2) {
        assertThatIllegalArgumentException()
            .isThrownBy(() -> view.apply(test.directory()))
            .withMessageContaining("is a group of version 1, not 2");
      }
    }
  }
}
