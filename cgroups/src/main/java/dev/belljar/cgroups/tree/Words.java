package dev.belljar.cgroups.tree;

import java.util.Arrays;
import java.util.List;

/** Texts that are words with white space between them, as most control files are. */
public final class Words {
  private Words() {}

  /** Splits a text; white space at its ends does not count. */
  public static List<String> of(String text) {
    return Arrays.stream(text.strip().split("\\s+")).filter(word -> !word.isEmpty()).toList();
  }
}
