package dev.belljar.cgroups.controller;

import dev.belljar.linux.uapi.Uapi;

/** Which devices a rule speaks of. */
public enum DeviceKind {
  /** All devices: {@code a}. */
  ALL('a', 0),
  /** Block devices, such as disks: {@code b}. */
  BLOCK('b', Uapi.BPF_DEVCG_DEV_BLOCK()),
  /** Character devices, such as {@code /dev/null}: {@code c}. */
  CHAR('c', Uapi.BPF_DEVCG_DEV_CHAR());

  private final char letter;
  private final int number;

  DeviceKind(char letter, int number) {
    this.letter = letter;
    this.number = number;
  }

  /**
   * Returns the letter that stands for it in a rule.
   *
   * @return {@code a}, {@code b} or {@code c}
   */
  public char letter() {
    return letter;
  }

  /** What a BPF program is told. */
  int number() {
    return number;
  }

  boolean covers(DeviceKind kind) {
    return this == ALL || this == kind;
  }

  static DeviceKind parse(String text) {
    for (DeviceKind each : values()) {
      if (text.length() == 1 && text.charAt(0) == each.letter) {
        return each;
      }
    }
    throw new IllegalArgumentException("a device is of kind a, b or c, not \"" + text + "\"");
  }
}
