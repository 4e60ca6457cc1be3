package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.controller.DeviceList.Subject;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.OwnGroup;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.linux.Finding;
import dev.belljar.linux.LinuxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The devices controller of version 1: which devices a group may open and make nodes of.
 *
 * <p>A group may never have more than the one above it. A device that is open stays usable.
 *
 * @see DevicesV2
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/devices.html">cgroup-v1/devices</a>
 */
public final class DevicesV1 {
  private static final String LIST = "devices.list";
  private static final String ALLOW = "devices.allow";
  private static final String DENY = "devices.deny";
  private static final String ALL = "a";

  private final ControlFiles files;

  private record Change(String file, String rule) {}

  /**
   * Makes a view of a group's files.
   *
   * @param group the group, in the hierarchy of the devices controller
   * @throws IllegalArgumentException when it is of version 2
   */
  public DevicesV1(CgroupDirectory group) {
    this.files = ControlFiles.of(group, CgroupVersion.V1);
  }

  /**
   * Returns what is allowed.
   *
   * <p>The kernel does not list denials: where a program allowed everything and then denied some,
   * this says that everything is allowed.
   *
   * @return rules that all allow
   * @throws LinuxException when the kernel refuses
   */
  public DeviceRules rules() {
    return parse(files.text(LIST));
  }

  static DeviceRules parse(String text) {
    return new DeviceRules(text.lines().map(DeviceRule::allow).sorted(DeviceList.ORDER).toList());
  }

  static String print(DeviceRules rules) {
    return String.join("\n", rules.rules().stream().map(DeviceRule::text).toList());
  }

  /**
   * Sets which devices may be used.
   *
   * <p>At first everything is denied, then what is allowed is added; later changes add what is new
   * and then take away what is no longer allowed, so that what stays allowed always works. When the
   * kernel refuses a part, the earlier rules are put back.
   *
   * @param rules the rules
   * @return the list that stands for them, and the one the kernel made
   * @throws UnsupportedOperationException when the rules deny a part of what a rule with a wildcard
   *     allows, which this version cannot say
   * @throws IllegalStateException when something is denied and the calling JVM is in the group or
   *     below it
   * @throws LinuxException EPERM when the group above does not have a device; EINVAL when
   *     everything is allowed or denied and there are groups below
   */
  public Written<DeviceRules> set(DeviceRules rules) {
    List<DeviceRule> wanted = DeviceList.of(rules);
    List<DeviceRule> before = rules().rules();
    List<Change> changes = changes(before, wanted);
    if (changes.stream().anyMatch(change -> change.file.equals(DENY))) {
      OwnGroup.refuse(files.group(), "denying devices to");
    }
    int done = 0;
    try {
      for (Change change : changes) {
        files.group().write(change.file, change.rule);
        done++;
      }
    } catch (LinuxException e) {
      if (done > 0) {
        restore(before, e);
      }
      throw e;
    }
    return new Written<>(LIST, new DeviceRules(wanted), rules());
  }

  /**
   * Tells whether rules deny a part of what a rule with a wildcard allows, which this version
   * cannot say: the kernel would take it and do nothing.
   *
   * @param rules the rules
   * @return the finding, which names every such part; empty when the rules can be set
   */
  public static Optional<Finding> inexpressible(DeviceRules rules) {
    try {
      var _ = DeviceList.of(rules);
      return Optional.empty();
    } catch (UnsupportedOperationException holes) {
      return Optional.of(Finding.missing(holes.getMessage()));
    }
  }

  private void restore(List<DeviceRule> before, LinuxException cause) {
    try {
      changes(rules().rules(), before)
          .forEach(change -> files.group().write(change.file, change.rule));
    } catch (LinuxException e) {
      cause.addSuppressed(e);
    }
  }

  private static List<Change> changes(List<DeviceRule> from, List<DeviceRule> to) {
    if (isEverything(to)) { // written even where it seems to hold: the kernel hides denials
      return List.of(new Change(ALLOW, ALL));
    }
    if (from.equals(to)) {
      return List.of();
    }
    List<Change> changes = new ArrayList<>();
    if (isEverything(from)) {
      changes.add(new Change(DENY, ALL));
      to.forEach(line -> changes.add(new Change(ALLOW, line.text())));
    } else {
      Map<Subject, Integer> old = DeviceList.bits(from);
      Map<Subject, Integer> next = DeviceList.bits(to);
      addMissing(changes, ALLOW, old, next);
      addMissing(changes, DENY, next, old);
    }
    return changes;
  }

  private static void addMissing(
      List<Change> changes, String file, Map<Subject, Integer> have, Map<Subject, Integer> want) {
    want.forEach((subject, bits) -> {
      int missing = bits & ~have.getOrDefault(subject, 0);
      if (missing != 0) {
        changes.add(new Change(file, subject.rule(missing).text()));
      }
    });
  }

  private static boolean isEverything(List<DeviceRule> lines) {
    return lines.equals(DeviceRules.EVERYTHING.rules());
  }
}
