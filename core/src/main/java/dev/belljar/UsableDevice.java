package dev.belljar;

import dev.belljar.cgroups.Resources;
import dev.belljar.cgroups.controller.DeviceAccess;
import dev.belljar.cgroups.controller.DeviceKind;
import dev.belljar.cgroups.controller.DeviceRule;
import dev.belljar.cgroups.controller.DeviceRules;
import dev.belljar.rootfs.Device;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A device of a container, and what may be done with it.
 *
 * @param device the device
 * @param access how it may be opened
 */
record UsableDevice(Device device, Set<DeviceAccess> access) {
  UsableDevice {
    access = Set.copyOf(access);
  }

  /** What every container has in its {@code /dev}, terminals included. */
  private static final DeviceRules STANDARD =
      DeviceRules.of(
          DeviceRule.allow("c *:* m"),
          DeviceRule.allow("b *:* m"),
          DeviceRule.allow("c 1:3 rwm"),
          DeviceRule.allow("c 1:5 rwm"),
          DeviceRule.allow("c 1:7 rwm"),
          DeviceRule.allow("c 1:8 rwm"),
          DeviceRule.allow("c 1:9 rwm"),
          DeviceRule.allow("c 5:0 rwm"),
          DeviceRule.allow("c 5:2 rwm"),
          DeviceRule.allow("c 136:* rwm"));

  /**
   * Adds to limits what they have to say of devices. Without rules every device may be used, so
   * none are needed unless some access is to be denied: then what is in {@code /dev} is allowed.
   */
  static Resources limit(Resources resources, List<UsableDevice> devices) {
    boolean isLimited = devices.stream().anyMatch(each -> !each.denied().isEmpty());
    if (devices.isEmpty() || resources.devices().isEmpty() && !isLimited) {
      return resources;
    }
    DeviceRules rules = resources.devices().orElse(STANDARD);
    for (UsableDevice each : devices) {
      rules = each.addTo(rules);
    }
    return resources.toBuilder().devices(rules).build();
  }

  /** Adds no rule without effect: version 1 cannot express some of them. */
  private DeviceRules addTo(DeviceRules rules) {
    List<DeviceRule> all = new ArrayList<>(rules.rules());
    if (!rules.allows(kind(), device.number(), access)) {
      all.add(rule(true, access));
    }
    Set<DeviceAccess> denied = denied();
    denied.removeIf(one -> !rules.allows(kind(), device.number(), Set.of(one)));
    if (!denied.isEmpty()) {
      all.add(rule(false, denied));
    }
    return new DeviceRules(all);
  }

  private Set<DeviceAccess> denied() {
    Set<DeviceAccess> denied = EnumSet.of(DeviceAccess.READ, DeviceAccess.WRITE);
    denied.removeAll(access);
    return denied;
  }

  private DeviceKind kind() {
    return device.kind() == Device.Kind.BLOCK ? DeviceKind.BLOCK : DeviceKind.CHAR;
  }

  private DeviceRule rule(boolean allowed, Set<DeviceAccess> which) {
    return new DeviceRule(
        allowed,
        kind(),
        OptionalInt.of(device.number().major()),
        OptionalInt.of(device.number().minor()),
        which);
  }
}
