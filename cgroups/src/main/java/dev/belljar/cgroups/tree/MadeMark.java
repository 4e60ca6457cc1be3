package dev.belljar.cgroups.tree;

import dev.belljar.linux.call.AttributeCalls;

/**
 * The mark on groups that this library made, in any JVM: an extended attribute, which goes with the
 * group and which no group of the same name made by others has.
 */
public final class MadeMark {
  private static final String NAME = "user.belljar.made";

  private MadeMark() {}

  /** Marks a group. */
  public static void set(int group) {
    AttributeCalls.set(group, NAME, "1");
  }

  /** Tells whether a group is marked. */
  public static boolean isSet(int group) {
    return AttributeCalls.get(group, NAME).length > 0;
  }
}
