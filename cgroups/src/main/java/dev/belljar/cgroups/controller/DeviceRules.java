package dev.belljar.cgroups.controller;

import dev.belljar.linux.DeviceNumber;
import java.util.List;
import java.util.Set;

/**
 * Which devices the processes of a group may use: a list of rules, of which the last that speaks of
 * a device and an access decides. What no rule speaks of is denied.
 *
 * <p>The same rules mean the same on both versions. They are asked when a device is opened or its
 * node made, not when one that is open is used.
 *
 * {@snippet :
 * DeviceRules rules =
 *     DeviceRules.of(
 *         DeviceRule.allow("c *:* m"),
 *         DeviceRule.allow("b *:* m"),
 *         DeviceRule.allow("c 1:3 rwm"),
 *         DeviceRule.deny("c 1:3 m"));
 * }
 *
 * @param rules the rules, the last of which wins
 */
public record DeviceRules(List<DeviceRule> rules) {
  /** All devices may be used. */
  public static final DeviceRules EVERYTHING = of(DeviceRule.allow("a"));

  /** No device may be used, not even {@code /dev/null}. */
  public static final DeviceRules NOTHING = of();

  /** Makes a list of rules. */
  public DeviceRules {
    rules = List.copyOf(rules);
  }

  /**
   * Makes a list of rules.
   *
   * @param rules the rules, the last of which wins
   * @return the list
   */
  public static DeviceRules of(DeviceRule... rules) {
    return new DeviceRules(List.of(rules));
  }

  /**
   * Tells whether an access is allowed.
   *
   * @param kind {@link DeviceKind#BLOCK} or {@link DeviceKind#CHAR}
   * @param number the device
   * @param access what is done at once, such as reading and writing; each must be allowed
   * @return true when it is, or nothing is asked
   * @throws IllegalArgumentException when the kind is {@link DeviceKind#ALL}
   */
  public boolean allows(DeviceKind kind, DeviceNumber number, Set<DeviceAccess> access) {
    if (kind == DeviceKind.ALL) {
      throw new IllegalArgumentException("one device is of kind b or c");
    }
    return access.stream().allMatch(each -> allows(kind, number, each));
  }

  private boolean allows(DeviceKind kind, DeviceNumber number, DeviceAccess access) {
    return rules.reversed().stream()
        .filter(rule -> rule.access().contains(access) && rule.matches(kind, number))
        .findFirst()
        .map(DeviceRule::allowed)
        .orElse(false);
  }

  /**
   * Tells whether nothing at all is denied.
   *
   * @return true when the rules are as good as none
   */
  public boolean allowEverything() {
    List<DeviceRule> last = fromLastReset();
    return !last.isEmpty()
        && last.getFirst().kind() == DeviceKind.ALL
        && last.stream().allMatch(DeviceRule::allowed);
  }

  /** The rules that count: a rule for all devices makes those before it void. */
  List<DeviceRule> fromLastReset() {
    for (int i = rules.size() - 1; i > 0; i--) {
      if (rules.get(i).kind() == DeviceKind.ALL) {
        return rules.subList(i, rules.size());
      }
    }
    return rules;
  }
}
