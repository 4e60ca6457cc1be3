package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.OwnGroup;

/** Keeps the JVM from taking its own memory away, which may kill it. */
final class LoweredMemory {
  private LoweredMemory() {}

  static void check(ControlFiles files, String file, Limit before, Limit after) {
    if (isLower(after, before)) {
      OwnGroup.refuse(files.group(), "lowering " + file + " of");
    }
  }

  static boolean isLower(Limit limit, Limit than) {
    return !limit.isUnlimited()
        && (than.isUnlimited() || limit.value().getAsLong() < than.value().getAsLong());
  }
}
