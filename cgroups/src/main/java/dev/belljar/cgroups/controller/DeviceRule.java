package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.tree.Words;
import dev.belljar.linux.DeviceNumber;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A rule that allows or denies some accesses to some devices.
 *
 * {@snippet :
 * DeviceRule.allow("c 1:3 rw");   // /dev/null
 * DeviceRule.deny("b 8:* w");     // writing to any SCSI disk
 * DeviceRule.deny("a");           // everything; all rules before it are forgotten
 * }
 *
 * @param allowed true for a rule that allows, false for one that denies
 * @param kind the kind of device
 * @param major the driver, 0 to 4095; empty for any
 * @param minor the driver's device, 0 to 1048575; empty for any
 * @param access what is allowed or denied, at least one; all for {@link DeviceKind#ALL}
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/devices.html">cgroup-v1/devices</a>
 */
public record DeviceRule(
    boolean allowed,
    DeviceKind kind,
    OptionalInt major,
    OptionalInt minor,
    Set<DeviceAccess> access) {
  private static final String EVERYTHING = "a *:* rwm";

  /**
   * Makes a rule.
   *
   * @throws IllegalArgumentException when a number is out of range, no access is named, or the rule
   *     speaks of all kinds but not of all devices and accesses: the kernel would take it for all
   */
  public DeviceRule {
    if (access.isEmpty()) {
      throw new IllegalArgumentException("a device rule without r, w or m");
    }
    check(major, DeviceNumber.MAX_MAJOR, "major");
    check(minor, DeviceNumber.MAX_MINOR, "minor");
    access = Collections.unmodifiableSet(EnumSet.copyOf(access));
    if (kind == DeviceKind.ALL
        && (major.isPresent() || minor.isPresent() || !access.equals(DeviceAccess.ALL))) {
      throw new IllegalArgumentException(
          "a rule of kind a is for all devices and accesses (" + EVERYTHING + "); use b and c");
    }
  }

  private static void check(OptionalInt number, int max, String what) {
    if (number.isPresent() && (number.getAsInt() < 0 || number.getAsInt() > max)) {
      throw new IllegalArgumentException(
          "a %s device number is 0 to %d, not %d".formatted(what, max, number.getAsInt()));
    }
  }

  /**
   * Makes a rule that allows.
   *
   * @param text as {@link #parse}
   * @return the rule
   * @throws IllegalArgumentException when it is not of this form
   */
  public static DeviceRule allow(String text) {
    return parse(true, text);
  }

  /**
   * Makes a rule that denies.
   *
   * @param text as {@link #parse}
   * @return the rule
   * @throws IllegalArgumentException when it is not of this form
   */
  public static DeviceRule deny(String text) {
    return parse(false, text);
  }

  /**
   * Parses the form of the kernel's files: kind, numbers and accesses.
   *
   * @param allowed whether it allows
   * @param text for example {@code c 1:3 rw}, {@code b 8:* r} or {@code a}
   * @return the rule
   * @throws IllegalArgumentException when it is not of this form
   */
  public static DeviceRule parse(boolean allowed, String text) {
    List<String> words = Words.of(text.strip().equals("a") ? EVERYTHING : text);
    String[] numbers = words.size() == 3 ? words.get(1).split(":", -1) : new String[0];
    if (numbers.length != 2) {
      throw new IllegalArgumentException("not a device rule such as \"c 1:3 rw\": " + text);
    }
    return new DeviceRule(
        allowed,
        DeviceKind.parse(words.getFirst()),
        number(numbers[0], text),
        number(numbers[1], text),
        DeviceAccess.parse(words.getLast()));
  }

  private static OptionalInt number(String digits, String text) {
    if (digits.equals("*")) {
      return OptionalInt.empty();
    }
    try {
      return OptionalInt.of(Integer.parseUnsignedInt(digits));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("not a device rule such as \"c 1:3 rw\": " + text, e);
    }
  }

  /**
   * Tells whether it speaks of a device.
   *
   * @param device {@link DeviceKind#BLOCK} or {@link DeviceKind#CHAR}
   * @param number the device's number
   * @return true when it does
   */
  public boolean matches(DeviceKind device, DeviceNumber number) {
    return kind.covers(device)
        && (major.isEmpty() || major.getAsInt() == number.major())
        && (minor.isEmpty() || minor.getAsInt() == number.minor());
  }

  /**
   * Returns the rule as the kernel's files have it, which do not say whether it allows.
   *
   * @return for example {@code c 1:3 rw}
   */
  public String text() {
    return "%c %s:%s %s"
        .formatted(kind.letter(), print(major), print(minor), DeviceAccess.print(access));
  }

  private static String print(OptionalInt number) {
    return number.isPresent() ? Integer.toString(number.getAsInt()) : "*";
  }

  /** Returns for example {@code allow c 1:3 rw}. */
  @Override
  public String toString() {
    return (allowed ? "allow " : "deny ") + text();
  }
}
