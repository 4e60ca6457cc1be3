package dev.belljar.cgroups.controller;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * The limits of a group of version 2 on one disk.
 *
 * @param limits by what is limited; what is absent is unlimited
 */
public record IoMax(Map<IoThrottle, Long> limits) {
  /** No limits. */
  public static final IoMax UNLIMITED = new IoMax(Map.of());

  /**
   * Makes the limits.
   *
   * @throws IllegalArgumentException when one is not 1 or more
   */
  public IoMax {
    limits.forEach((throttle, limit) -> {
      if (limit < 1) {
        throw new IllegalArgumentException(throttle.v2Key() + " is 1 or more, not " + limit);
      }
    });
    EnumMap<IoThrottle, Long> copy = new EnumMap<>(IoThrottle.class);
    copy.putAll(limits);
    limits = Collections.unmodifiableMap(copy);
  }

  /**
   * Returns one limit.
   *
   * @param throttle what is limited
   * @return bytes or operations in a second, or unlimited
   */
  public Limit of(IoThrottle throttle) {
    Long limit = limits.get(throttle);
    return limit == null ? Limit.UNLIMITED : Limit.of(limit);
  }

  /**
   * Returns these limits with one of them changed.
   *
   * @param throttle what is limited
   * @param limit bytes or operations in a second, 1 or more, or unlimited
   * @return the limits
   * @throws IllegalArgumentException when it is 0
   */
  public IoMax with(IoThrottle throttle, Limit limit) {
    EnumMap<IoThrottle, Long> changed = new EnumMap<>(IoThrottle.class);
    changed.putAll(limits);
    changed.remove(throttle);
    limit.value().ifPresent(value -> changed.put(throttle, value));
    return new IoMax(changed);
  }

  static IoMax of(Map<String, String> keys) {
    IoMax max = UNLIMITED;
    for (IoThrottle throttle : IoThrottle.values()) {
      max = max.with(throttle, Limit.parse(keys.getOrDefault(throttle.v2Key(), "max")));
    }
    return max;
  }

  /** Returns the limits as the kernel has them, such as {@code rbps=max wbps=1048576 ...}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (IoThrottle throttle : IoThrottle.values()) {
      Long limit = limits.get(throttle);
      text.append(text.isEmpty() ? "" : " ")
          .append(throttle.v2Key())
          .append('=')
          .append(limit == null ? "max" : limit.toString());
    }
    return text.toString();
  }
}
