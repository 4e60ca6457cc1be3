package dev.belljar.cgroups.controller;

import java.util.Collection;
import java.util.Collections;
import java.util.NavigableSet;
import java.util.SortedSet;
import java.util.StringJoiner;
import java.util.TreeSet;

/**
 * The kernel's list format: numbers and ranges with commas between them, such as {@code 0-3,7}.
 *
 * <p>See <a href="https://man7.org/linux/man-pages/man7/cpuset.7.html">cpuset(7)</a>, List format.
 */
final class IdList {
  private IdList() {}

  /** An unmodifiable copy, checked: 0 to max. */
  static SortedSet<Integer> checked(Collection<Integer> ids, int max, String what) {
    NavigableSet<Integer> sorted = new TreeSet<>(ids);
    if (!sorted.isEmpty() && (sorted.first() < 0 || sorted.last() > max)) {
      throw new IllegalArgumentException(
          "a %s is 0 to %d, not %d"
              .formatted(what, max, sorted.first() < 0 ? sorted.first() : sorted.last()));
    }
    return Collections.unmodifiableSortedSet(sorted);
  }

  static SortedSet<Integer> range(int first, int last, int max, String what) {
    if (first > last || first < 0 || last > max) {
      throw new IllegalArgumentException(
          "not a range of %ss from 0 to %d: %d-%d".formatted(what, max, first, last));
    }
    SortedSet<Integer> ids = new TreeSet<>();
    for (int id = first; id <= last; id++) {
      ids.add(id);
    }
    return ids;
  }

  static SortedSet<Integer> parse(String text, int max, String what) {
    SortedSet<Integer> ids = new TreeSet<>();
    if (text.isBlank()) {
      return ids;
    }
    for (String part : text.strip().split(",", -1)) {
      int dash = part.indexOf('-');
      int first = Integer.parseInt(dash < 0 ? part : part.substring(0, dash));
      int last = dash < 0 ? first : Integer.parseInt(part.substring(dash + 1));
      ids.addAll(range(first, last, max, what));
    }
    return ids;
  }

  static String print(SortedSet<Integer> ids) {
    StringJoiner list = new StringJoiner(",");
    int first = -1;
    int last = -1;
    for (int id : ids) {
      if (first >= 0 && id == last + 1) {
        last = id;
        continue;
      }
      add(list, first, last);
      first = id;
      last = id;
    }
    add(list, first, last);
    return list.toString();
  }

  private static void add(StringJoiner list, int first, int last) {
    if (first >= 0) {
      list.add(first == last ? Integer.toString(first) : first + "-" + last);
    }
  }

  /** What is written: an empty list is a newline, since an empty write does nothing. */
  static String write(SortedSet<Integer> ids) {
    return ids.isEmpty() ? "\n" : print(ids);
  }
}
