package dev.belljar.cgroups.tree;

import dev.belljar.linux.BytePath;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * The name of the group in which a JVM has all its groups of one place: {@code belljar-} and 16
 * digits.
 */
public final class ParentName {
  private static final String PREFIX = "belljar-";
  private static final Pattern NAME = Pattern.compile(PREFIX + "[0-9a-f]{16}");

  private ParentName() {}

  /** Makes up a name that no other JVM has. */
  public static String fresh() {
    return PREFIX + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
  }

  /** Tells whether a name is that of a parent group, of this JVM or another. */
  public static boolean is(byte[] name) {
    return NAME.matcher(new String(name, StandardCharsets.ISO_8859_1)).matches();
  }

  /** Tells whether a group is right in a parent group, where only this library makes groups. */
  public static boolean isAbove(BytePath group) {
    return group.parent().flatMap(BytePath::name).map(name -> is(name.bytes())).orElse(false);
  }
}
