package dev.belljar.cgroups.controller;

import dev.belljar.linux.uapi.Uapi;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a process may do with a device; each is granted apart from the others.
 *
 * @see <a href="https://docs.kernel.org/admin-guide/cgroup-v1/devices.html">cgroup-v1/devices</a>
 */
public enum DeviceAccess {
  /** Open it for reading. */
  READ('r', Uapi.BPF_DEVCG_ACC_READ()),
  /** Open it for writing. */
  WRITE('w', Uapi.BPF_DEVCG_ACC_WRITE()),
  /** Make a node of it, with mknod(2). */
  MKNOD('m', Uapi.BPF_DEVCG_ACC_MKNOD());

  /** All three: {@code rwm}. */
  public static final Set<DeviceAccess> ALL =
      Collections.unmodifiableSet(EnumSet.allOf(DeviceAccess.class));

  private final char letter;
  private final int bit;

  DeviceAccess(char letter, int bit) {
    this.letter = letter;
    this.bit = bit;
  }

  /**
   * Returns the letter that stands for it in a rule.
   *
   * @return {@code r}, {@code w} or {@code m}
   */
  public char letter() {
    return letter;
  }

  int bit() {
    return bit;
  }

  static int bits(Set<DeviceAccess> access) {
    return access.stream().mapToInt(DeviceAccess::bit).sum();
  }

  static Set<DeviceAccess> ofBits(int bits) {
    EnumSet<DeviceAccess> access = EnumSet.noneOf(DeviceAccess.class);
    for (DeviceAccess each : values()) {
      if ((bits & each.bit) != 0) {
        access.add(each);
      }
    }
    return access;
  }

  /** Parses letters, each at most once. */
  static Set<DeviceAccess> parse(String letters) {
    EnumSet<DeviceAccess> access = EnumSet.noneOf(DeviceAccess.class);
    for (int i = 0; i < letters.length(); i++) {
      if (!access.add(of(letters.charAt(i), letters))) {
        throw new IllegalArgumentException("device access \"" + letters + "\" repeats a letter");
      }
    }
    return access;
  }

  private static DeviceAccess of(char letter, String letters) {
    for (DeviceAccess each : values()) {
      if (each.letter == letter) {
        return each;
      }
    }
    throw new IllegalArgumentException(
        "device access is r, w, m or several of them, not \"" + letters + "\"");
  }

  static String print(Set<DeviceAccess> access) {
    StringBuilder letters = new StringBuilder();
    for (DeviceAccess each : values()) {
      if (access.contains(each)) {
        letters.append(each.letter);
      }
    }
    return letters.toString();
  }
}
