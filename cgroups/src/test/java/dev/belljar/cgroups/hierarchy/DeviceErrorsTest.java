package dev.belljar.cgroups.hierarchy;

import dev.belljar.cgroups.testing.TestGroup;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresCgroupV1;
import dev.belljar.linux.testing.RequiresRoot;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@KernelTest
@RequiresRoot
@RequiresCgroupV1("devices")
class DeviceErrorsTest {
  @ParameterizedTest
  @ValueSource(strings = {"c 1 r", "d 1:3 r", "c 1:3 x", "c 1:3"})
  void aBadRuleIsExplained(String rule) {
    try (TestGroup group = TestGroup.v1(Subsystem.DEVICES)) {
      Refusal.of(group.directory(), "devices.allow", rule, DeviceErrors.BAD_RULE);
      Refusal.of(group.directory(), "devices.deny", rule, DeviceErrors.BAD_RULE);
    }
  }

  @Test
  void everythingIsNotDeniedWhereThereAreGroupsBelow() {
    try (TestGroup group = TestGroup.v1(Subsystem.DEVICES);
        CgroupDirectory _ = group.directory().create("below")) {
      Refusal.of(group.directory(), "devices.deny", "a", DeviceErrors.GROUPS_BELOW);
    }
  }

  @Test
  void whatTheGroupAboveLacksIsExplained() {
    try (TestGroup group = TestGroup.v1(Subsystem.DEVICES);
        CgroupDirectory below = group.directory().create("below")) {
      group.directory().write("devices.deny", "c 1:3 w");

      Refusal.of(below, "devices.allow", "c 1:3 w", DeviceErrors.NOT_ABOVE);
    }
  }
}
