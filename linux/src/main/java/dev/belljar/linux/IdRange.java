package dev.belljar.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * A run of ids of an {@link IdMap}, a line of {@code uid_map} or {@code gid_map}.
 *
 * @param inside the first id inside the namespace, 0 to 4294967294
 * @param outside the first id outside: in the parent namespace of the one mapped
 * @param count how many ids follow one another, 1 to 4294967295
 * @see <a
 *     href="https://man7.org/linux/man-pages/man7/user_namespaces.7.html">user_namespaces(7)</a>
 */
public record IdRange(long inside, long outside, long count) {
  /** The highest id that can be mapped: 4294967294; the one above it means "none" in calls. */
  public static final long MAX_ID = 0xffff_fffeL;

  /**
   * Makes a range.
   *
   * @throws IllegalArgumentException when it is empty, or an id in it is negative or above
   *     4294967294
   */
  public IdRange {
    boolean inRange =
        count >= 1
            && count <= MAX_ID + 1
            && inside >= 0
            && inside <= MAX_ID + 1 - count
            && outside >= 0
            && outside <= MAX_ID + 1 - count;
    if (!inRange) {
      throw new IllegalArgumentException(
          "id range \"%d %d %d\": must hold at least one id, and ids are 0 to %d"
              .formatted(inside, outside, count, MAX_ID));
    }
  }

  /**
   * Parses lines of three numbers, with any blanks between them, as {@code uid_map} has them.
   *
   * @param text the lines; blank ones are passed over
   * @return the ranges in order, not compared with one another
   * @throws IllegalArgumentException when a line is not three numbers or its range is invalid
   */
  public static List<IdRange> parseAll(String text) {
    return text.lines().filter(line -> !line.isBlank()).map(IdRange::parse).toList();
  }

  /** Returns the range as a line of {@code uid_map}, for example {@code 0 100000 65536}. */
  @Override
  public String toString() {
    return inside + " " + outside + " " + count;
  }

  private static IdRange parse(String line) {
    String[] words = line.strip().split("[ \t]+", -1);
    if (words.length != 3) {
      throw new IllegalArgumentException("id map: not three numbers: \"" + line + "\"");
    }
    return new IdRange(
        Decimal.parse(words[0], MAX_ID, "first id inside"),
        Decimal.parse(words[1], MAX_ID, "first id outside"),
        Decimal.parse(words[2], MAX_ID + 1, "number of ids"));
  }

  static String text(List<IdRange> ranges) {
    return ranges.stream().map(range -> range + "\n").collect(Collectors.joining());
  }

  static OptionalLong outside(List<IdRange> ranges, long inside) {
    return ranges.stream()
        .filter(r -> inside >= r.inside && inside < r.inside + r.count)
        .mapToLong(r -> r.outside + (inside - r.inside))
        .findFirst();
  }

  static OptionalLong inside(List<IdRange> ranges, long outside) {
    return ranges.stream()
        .filter(r -> outside >= r.outside && outside < r.outside + r.count)
        .mapToLong(r -> r.inside + (outside - r.outside))
        .findFirst();
  }

  /** Says of each two ranges that overlap where they do. */
  static List<String> overlaps(List<IdRange> ranges) {
    List<String> found = new ArrayList<>();
    for (int i = 0; i < ranges.size(); i++) {
      IdRange b = ranges.get(i);
      for (IdRange a : ranges.subList(0, i)) {
        if (overlap(a.inside, a.count, b.inside, b.count)) {
          found.add("\"%s\" and \"%s\" overlap inside".formatted(a, b));
        }
        if (overlap(a.outside, a.count, b.outside, b.count)) {
          found.add("\"%s\" and \"%s\" overlap outside".formatted(a, b));
        }
      }
    }
    return found;
  }

  private static boolean overlap(long first, long count, long otherFirst, long otherCount) {
    return first < otherFirst + otherCount && otherFirst < first + count;
  }
}
