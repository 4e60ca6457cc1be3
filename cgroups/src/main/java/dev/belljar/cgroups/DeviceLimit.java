package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.DeviceRules;
import dev.belljar.cgroups.controller.DevicesV1;
import dev.belljar.cgroups.controller.DevicesV2;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;
import java.util.List;
import java.util.Optional;

/**
 * The rules for devices, which are no file with a value: a list on version 1, a program on version
 * 2, where they need a group but no controller.
 */
final class DeviceLimit {
  private DeviceLimit() {}

  /** Tells whether a machine has them on version 2. */
  static boolean isOnV2(CgroupLayout layout) {
    return layout.with(Subsystem.DEVICES).isEmpty() && layout.v2().isPresent();
  }

  /** The group that takes the rules: that of the version 1 subsystem, or else of version 2. */
  static Optional<GroupDirectory> holder(List<GroupDirectory> groups) {
    return groups.stream()
        .filter(group -> group.hasFilesOf(Subsystem.DEVICES))
        .findFirst()
        .or(() ->
            isOnV2(CgroupLayout.current())
                ? groups.stream().filter(group -> group.version() == CgroupVersion.V2).findFirst()
                : Optional.empty());
  }

  /** Tells whether the rules have a form in the version of a group. */
  static boolean canSay(GroupDirectory group, DeviceRules rules) {
    return group.version() == CgroupVersion.V2 || DevicesV1.inexpressible(rules).isEmpty();
  }

  /** Sets the rules, all at once. */
  static void set(GroupDirectory group, DeviceRules rules) {
    if (group.version() == CgroupVersion.V1) {
      var _ = new DevicesV1(group.handle()).set(rules);
    } else {
      var _ = new DevicesV2(group.handle()).set(rules);
    }
  }
}
