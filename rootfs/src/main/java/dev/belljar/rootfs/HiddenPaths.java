package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import java.util.List;
import java.util.stream.Stream;

/** The rules for lists of hidden paths, the same for every source of files. */
final class HiddenPaths {
  private HiddenPaths() {}

  static List<BytePath> with(List<BytePath> hidden, BytePath path) {
    return Stream.concat(hidden.stream(), Stream.of(path)).toList();
  }

  /** Sorted, so that equal sets make equal values, and a directory comes before what is in it. */
  static List<BytePath> checked(List<BytePath> hidden) {
    hidden.forEach(HiddenPaths::check);
    return hidden.stream().sorted().distinct().toList();
  }

  private static void check(BytePath path) {
    if (!path.isAbsolute()) {
      throw new IllegalArgumentException("path to hide " + path + " is not absolute");
    }
    List<String> names = path.components().stream().map(BytePath::toString).toList();
    if (names.isEmpty()) {
      throw new IllegalArgumentException("the root directory itself cannot be hidden");
    }
    if (names.contains(".") || names.contains("..")) {
      throw new IllegalArgumentException("path to hide " + path + " has a component . or ..");
    }
  }
}
