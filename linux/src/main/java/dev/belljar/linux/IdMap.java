package dev.belljar.linux;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Which user and group ids inside a user namespace are which ids outside.
 *
 * <p>Mirrors {@code uid_map}, {@code gid_map} and {@code setgroups} of <a
 * href="https://man7.org/linux/man-pages/man7/user_namespaces.7.html">user_namespaces(7)</a>. An id
 * without a range shows as 65534 inside and cannot be taken there. Root may write any map; an
 * ordinary user only one line for each kind, his own effective id, and for groups only after {@link
 * Setgroups#DENY}; {@code newuidmap} and {@code newgidmap} write what {@code /etc/subuid} and
 * {@code /etc/subgid} grant him. A map is immutable and valid: what the kernel would refuse whoever
 * writes it cannot be made.
 *
 * {@snippet :
 * IdMap.single(0, 1000);                                   // root inside is user 1000 outside
 * IdMap.of(0, 1000, 1).and(1, 100_000, 65_535);            // 65,536 ids, users and groups
 * IdMap.none().andUids(0, 1000, 65_536);                   // users only
 * }
 *
 * @param uids the ranges of user ids, at most 340; none leaves {@code uid_map} unwritten
 * @param gids the ranges of group ids, at most 340; none leaves {@code gid_map} unwritten
 * @param setgroups whether {@code setgroups(2)} works inside
 */
public record IdMap(List<IdRange> uids, List<IdRange> gids, Setgroups setgroups) {
  /** The most ranges of one kind: 340. */
  public static final int MAX_RANGES = 340;

  // A map is written by one write of less than a page; 4 KiB is the smallest page there is.
  private static final int MAX_TEXT = 4095;

  /**
   * Makes a map.
   *
   * @throws IllegalArgumentException listing every mistake: ranges of one kind that overlap inside
   *     or outside, more than 340 of them, or a text of one kind longer than the 4095 bytes that
   *     fit in one write
   */
  public IdMap {
    uids = List.copyOf(uids);
    gids = List.copyOf(gids);
    Objects.requireNonNull(setgroups, "setgroups");
    List<String> mistakes =
        Stream.concat(mistakes("user ids", uids), mistakes("group ids", gids)).toList();
    if (!mistakes.isEmpty()) {
      throw new IllegalArgumentException("id map: " + String.join("; ", mistakes));
    }
  }

  /** Whether processes inside may call {@code setgroups(2)}. */
  public enum Setgroups {
    /** They may; nothing is written, as this is the kernel's default. */
    ALLOW,
    /**
     * They may not, for good. An ordinary user must say so before writing a group map: else a
     * process could drop a group by which a file denies it access.
     */
    DENY;

    /**
     * Returns what {@code /proc/<pid>/setgroups} holds.
     *
     * @return {@code allow} or {@code deny}
     */
    public String text() {
      return this == ALLOW ? "allow" : "deny";
    }
  }

  /**
   * Returns a map without ranges, to add to; as it is, it leaves all ids unmapped.
   *
   * @return a map with {@code setgroups} allowed
   */
  public static IdMap none() {
    return new IdMap(List.of(), List.of(), Setgroups.ALLOW);
  }

  /**
   * Returns the map that gives all ids the same numbers inside and outside.
   *
   * @return a map that takes privilege to write, with {@code setgroups} allowed
   */
  public static IdMap identity() {
    return of(0, 0, IdRange.MAX_ID + 1);
  }

  /**
   * Returns the map of a single id, as an ordinary user may write it.
   *
   * @param inside the user and group id inside, 0 for root
   * @param outside the user and group id outside: for an ordinary user his own
   * @return a map with {@code setgroups} denied
   * @throws IllegalArgumentException when an id is out of range
   */
  public static IdMap single(long inside, long outside) {
    return single(inside, outside, outside);
  }

  /**
   * Returns the map of a single user and a single group, as an ordinary user may write it.
   *
   * @param inside the user and group id inside, 0 for root
   * @param outsideUid the user id outside: for an ordinary user his own
   * @param outsideGid the group id outside: for an ordinary user his own
   * @return a map with {@code setgroups} denied
   * @throws IllegalArgumentException when an id is out of range
   */
  public static IdMap single(long inside, long outsideUid, long outsideGid) {
    return new IdMap(
        List.of(new IdRange(inside, outsideUid, 1)),
        List.of(new IdRange(inside, outsideGid, 1)),
        Setgroups.DENY);
  }

  /**
   * Returns a map of one range, for users and groups alike.
   *
   * @param inside the first id inside
   * @param outside the first id outside
   * @param count how many
   * @return a map with {@code setgroups} allowed
   * @throws IllegalArgumentException when the range is empty or out of range
   */
  public static IdMap of(long inside, long outside, long count) {
    return none().and(inside, outside, count);
  }

  /**
   * Returns this map with one more range, for users and groups alike.
   *
   * @param inside the first id inside
   * @param outside the first id outside
   * @param count how many
   * @return the larger map
   * @throws IllegalArgumentException when the range is empty, out of range or overlaps another
   */
  public IdMap and(long inside, long outside, long count) {
    IdRange range = new IdRange(inside, outside, count);
    return new IdMap(plus(uids, range), plus(gids, range), setgroups);
  }

  /**
   * Returns this map with one more range of user ids.
   *
   * @param inside the first id inside
   * @param outside the first id outside
   * @param count how many
   * @return the larger map
   * @throws IllegalArgumentException when the range is empty, out of range or overlaps another
   */
  public IdMap andUids(long inside, long outside, long count) {
    return new IdMap(plus(uids, new IdRange(inside, outside, count)), gids, setgroups);
  }

  /**
   * Returns this map with one more range of group ids.
   *
   * @param inside the first id inside
   * @param outside the first id outside
   * @param count how many
   * @return the larger map
   * @throws IllegalArgumentException when the range is empty, out of range or overlaps another
   */
  public IdMap andGids(long inside, long outside, long count) {
    return new IdMap(uids, plus(gids, new IdRange(inside, outside, count)), setgroups);
  }

  /**
   * Returns this map with another rule for {@code setgroups(2)}.
   *
   * @param rule whether processes inside may call it
   * @return the map with that rule
   */
  public IdMap withSetgroups(Setgroups rule) {
    return new IdMap(uids, gids, rule);
  }

  /**
   * Parses the two files of a process.
   *
   * @param uidMap what {@code /proc/<pid>/uid_map} holds
   * @param gidMap what {@code /proc/<pid>/gid_map} holds
   * @param setgroups what {@code /proc/<pid>/setgroups} holds
   * @return the map
   * @throws IllegalArgumentException when a text is not of the kernel's form
   */
  public static IdMap parse(String uidMap, String gidMap, String setgroups) {
    Setgroups rule =
        Stream.of(Setgroups.values())
            .filter(each -> each.text().equals(setgroups.strip()))
            .findFirst()
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "setgroups: neither allow nor deny: \"" + setgroups + "\""));
    return new IdMap(IdRange.parseAll(uidMap), IdRange.parseAll(gidMap), rule);
  }

  /**
   * Returns what is to be written to {@code uid_map}, in one write.
   *
   * @return a line for each range, each ended by a newline; empty when nothing is to be written
   */
  public String uidText() {
    return IdRange.text(uids);
  }

  /**
   * Returns what is to be written to {@code gid_map}, in one write.
   *
   * @return a line for each range, each ended by a newline; empty when nothing is to be written
   */
  public String gidText() {
    return IdRange.text(gids);
  }

  /**
   * Returns the user id outside that a user id inside stands for.
   *
   * @param inside an id inside the namespace
   * @return the id outside; empty when it is not mapped
   */
  public OptionalLong outsideUid(long inside) {
    return IdRange.outside(uids, inside);
  }

  /**
   * Returns the group id outside that a group id inside stands for.
   *
   * @param inside an id inside the namespace
   * @return the id outside; empty when it is not mapped
   */
  public OptionalLong outsideGid(long inside) {
    return IdRange.outside(gids, inside);
  }

  /**
   * Returns the user id by which a user id outside is known inside.
   *
   * @param outside an id outside the namespace
   * @return the id inside; empty when it is not mapped, and so shows as 65534
   */
  public OptionalLong insideUid(long outside) {
    return IdRange.inside(uids, outside);
  }

  /**
   * Returns the group id by which a group id outside is known inside.
   *
   * @param outside an id outside the namespace
   * @return the id inside; empty when it is not mapped, and so shows as 65534
   */
  public OptionalLong insideGid(long outside) {
    return IdRange.inside(gids, outside);
  }

  private static List<IdRange> plus(List<IdRange> ranges, IdRange range) {
    return Stream.concat(ranges.stream(), Stream.of(range)).toList();
  }

  private static Stream<String> mistakes(String kind, List<IdRange> ranges) {
    List<String> mistakes = new ArrayList<>();
    int length = IdRange.text(ranges).length();
    if (ranges.size() > MAX_RANGES) {
      mistakes.add(ranges.size() + " ranges, but the kernel takes " + MAX_RANGES);
    } else if (length > MAX_TEXT) {
      mistakes.add("text of " + length + " bytes, but one write takes " + MAX_TEXT);
    } else {
      mistakes.addAll(IdRange.overlaps(ranges));
    }
    return mistakes.stream().map(mistake -> kind + ": " + mistake);
  }
}
