package dev.belljar.cgroups.hierarchy;

import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresRoot;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

@KernelTest
@RequiresRoot
class HugetlbErrorsTest {
  @Test
  @RequiresCgroupV1("hugetlb")
  void version1RefusesTheWordMax() {
    try (TestGroup group = TestGroup.v1(Subsystem.HUGETLB)) {
      Refusal.of(group.directory(), "hugetlb.2MB.limit_in_bytes", "max", HugetlbErrors.V1_NUMBER);
      Refusal.of(
          group.directory(), "hugetlb.2MB.rsvd.limit_in_bytes", "max", HugetlbErrors.V1_NUMBER);
    }
  }

  @Test
  void version2RefusesMinusOne() {
    Assumptions.assumeTrue(
        CgroupLayout.current().kind() == CgroupLayout.Kind.V2, "needs the controller hugetlb");
    try (TestGroup group = TestGroup.v2(Subsystem.HUGETLB)) {
      Refusal.of(group.directory(), "hugetlb.2MB.max", "-1", HugetlbErrors.V2_NUMBER);
      Refusal.of(group.directory(), "hugetlb.2MB.rsvd.max", "-1", HugetlbErrors.V2_NUMBER);
    }
  }
}
