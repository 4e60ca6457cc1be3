package dev.belljar.cgroups.tree;

import java.nio.charset.StandardCharsets;

/** Checks names of groups and control files, which must not lead elsewhere. */
public final class Names {
  private static final int LONGEST = 255;

  private Names() {}

  /** Checks the name of a new group. */
  public static void checkGroup(String name) {
    check(name, "group");
  }

  /** Checks the name of a control file. */
  public static void checkFile(String name) {
    check(name, "control file");
  }

  private static void check(String name, String what) {
    if (name.isEmpty()
        || name.equals(".")
        || name.equals("..")
        || name.chars().anyMatch(c -> c == '/' || c == '\n' || c == 0)
        || name.getBytes(StandardCharsets.UTF_8).length > LONGEST) {
      throw new IllegalArgumentException("not the name of a %s: \"%s\"".formatted(what, name));
    }
  }
}
