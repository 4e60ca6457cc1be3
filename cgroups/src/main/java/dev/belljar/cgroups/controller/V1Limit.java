package dev.belljar.cgroups.controller;

/**
 * Bounds of bytes as version 1 has them: it prints "unlimited" as the largest multiple of a page,
 * takes {@code -1} for it, and refuses {@code max}.
 */
final class V1Limit {
  /** The largest page of memory; huge pages are larger. */
  static final long PAGE = 64 << 10;

  private V1Limit() {}

  /** Parses a bound that is counted in pages of at most some size. */
  static Limit parse(String text, long page) {
    long bytes = Long.parseLong(text.strip());
    return bytes >= Long.MAX_VALUE / page * page ? Limit.UNLIMITED : Limit.of(bytes);
  }

  static String print(Limit limit) {
    return limit.isUnlimited() ? "-1" : limit.toString();
  }
}
