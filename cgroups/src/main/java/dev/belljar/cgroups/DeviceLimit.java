package dev.belljar.cgroups;

import dev.belljar.cgroups.bpf.BpfAssembler;
import dev.belljar.cgroups.controller.DeviceRule;
import dev.belljar.cgroups.controller.DeviceRules;
import dev.belljar.cgroups.controller.DevicesV1;
import dev.belljar.cgroups.controller.DevicesV2;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.BpfCalls;
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

  /**
   * Why this JVM cannot set rules on version 2, as loading a program that allows everything tells;
   * it is not attached.
   */
  static Optional<String> lackOnV2() {
    byte[] code = BpfAssembler.encode(new BpfAssembler().exit(1).instructions());
    try (Descriptor _ = BpfCalls.loadDeviceProgram(code, "belljar_probe")) {
      return Optional.empty();
    } catch (LinuxException e) {
      if (e.is(Errno.EPERM)) {
        return Optional.of(
            "on cgroup v2 it is a BPF program, which takes CAP_BPF, CAP_NET_ADMIN and CAP_SYS_ADMIN"
                + " in the first user namespace");
      }
      if (e.is(Errno.ENOSYS) || e.is(Errno.EINVAL)) {
        return Optional.of(
            "on cgroup v2 it is a BPF program, for which the kernel needs CONFIG_BPF_SYSCALL and"
                + " CONFIG_CGROUP_BPF");
      }
      throw e;
    }
  }

  /**
   * Refuses to take devices from a group that this JVM is in.
   *
   * @throws IllegalStateException when the rules would, or may on version 1 (rules that keep what
   *     is allowed there in the same words do not)
   */
  static void refuseOfOwnGroup(GroupDirectory group, DeviceRules rules) {
    if (!rules.allowEverything() && !(group.version() == CgroupVersion.V1 && keeps(group, rules))) {
      group.refuseOwn("denying devices to");
    }
  }

  private static boolean keeps(GroupDirectory group, DeviceRules rules) {
    return rules.rules().stream().allMatch(DeviceRule::allowed)
        && new DevicesV1(group.handle())
            .rules().rules().stream()
                .allMatch(line -> rules.rules().stream().anyMatch(rule -> covers(rule, line)));
  }

  private static boolean covers(DeviceRule rule, DeviceRule line) {
    return rule.kind() == line.kind()
        && rule.major().equals(line.major())
        && rule.minor().equals(line.minor())
        && rule.access().containsAll(line.access());
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
