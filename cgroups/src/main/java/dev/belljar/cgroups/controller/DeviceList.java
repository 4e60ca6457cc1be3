package dev.belljar.cgroups.controller;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SequencedSet;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Device rules in the only form that version 1 has: a list of what is allowed, all else denied.
 *
 * <p>An access is allowed when one line of it covers all of what is done at once, and no line takes
 * away from another: what the rules deny inside a wildcard they allow cannot be said.
 */
final class DeviceList {
  /** Devices of which a line speaks; an absent number stands for all that no line names. */
  record Subject(DeviceKind kind, OptionalInt major, OptionalInt minor) {
    static Subject of(DeviceRule rule) {
      return new Subject(rule.kind(), rule.major(), rule.minor());
    }

    /** Those whose line covers this one too, besides itself. */
    List<Subject> covers() {
      return Stream.of(
              new Subject(kind, major, OptionalInt.empty()),
              new Subject(kind, OptionalInt.empty(), minor),
              new Subject(kind, OptionalInt.empty(), OptionalInt.empty()))
          .filter(cover -> !cover.equals(this))
          .distinct()
          .toList();
    }

    /** The accesses, as bits, that rules allow to devices that are nothing more special. */
    int allowed(List<DeviceRule> rules) {
      int allowed = 0;
      for (DeviceRule rule : rules) {
        if (rule.kind().covers(kind) && meets(rule.major(), major) && meets(rule.minor(), minor)) {
          int bits = DeviceAccess.bits(rule.access());
          allowed = rule.allowed() ? allowed | bits : allowed & ~bits;
        }
      }
      return allowed;
    }

    private static boolean meets(OptionalInt rule, OptionalInt number) {
      return rule.isEmpty() || rule.equals(number);
    }

    DeviceRule rule(int bits) {
      return new DeviceRule(true, kind, major, minor, DeviceAccess.ofBits(bits));
    }
  }

  /** The order in which lines are written and compared. */
  static final Comparator<DeviceRule> ORDER =
      Comparator.comparing(DeviceRule::kind)
          .thenComparingInt(rule -> rule.major().orElse(-1))
          .thenComparingInt(rule -> rule.minor().orElse(-1));

  private DeviceList() {}

  /**
   * Turns rules into lines.
   *
   * @throws UnsupportedOperationException when they cannot be said; all holes are named
   */
  static List<DeviceRule> of(DeviceRules rules) {
    if (rules.allowEverything()) {
      return DeviceRules.EVERYTHING.rules();
    }
    List<String> holes = new ArrayList<>();
    List<DeviceRule> lines = new ArrayList<>();
    List<DeviceRule> effective = rules.fromLastReset();
    for (Subject subject : subjects(effective)) {
      int allowed = subject.allowed(effective);
      boolean covered = allowed == 0;
      for (Subject cover : subject.covers()) {
        int wider = cover.allowed(effective);
        if ((wider & ~allowed) != 0) {
          holes.add(
              "\"%s\" inside \"%s\""
                  .formatted(subject.rule(wider & ~allowed).text(), cover.rule(wider).text()));
        }
        covered |= wider == allowed;
      }
      if (!covered) {
        lines.add(subject.rule(allowed));
      }
    }
    if (!holes.isEmpty()) {
      throw new UnsupportedOperationException(
          "cgroup version 1 cannot deny "
              + String.join(" or ", new LinkedHashSet<>(holes))
              + ": it only lists what is allowed; name the allowed devices one by one, or use"
              + " version 2");
    }
    return lines.stream().sorted(ORDER).toList();
  }

  private static SequencedSet<Subject> subjects(List<DeviceRule> rules) {
    SequencedSet<Subject> subjects = new LinkedHashSet<>();
    for (DeviceKind kind : List.of(DeviceKind.BLOCK, DeviceKind.CHAR)) {
      List<DeviceRule> mine = rules.stream().filter(rule -> rule.kind() == kind).toList();
      List<OptionalInt> majors = mine.stream().map(DeviceRule::major).distinct().toList();
      Set<OptionalInt> minorsOfAny = new LinkedHashSet<>();
      subjects.add(new Subject(kind, OptionalInt.empty(), OptionalInt.empty()));
      for (DeviceRule rule : mine) {
        subjects.add(Subject.of(rule));
        subjects.add(new Subject(kind, rule.major(), OptionalInt.empty()));
        if (rule.major().isEmpty()) {
          minorsOfAny.add(rule.minor());
        }
      }
      for (OptionalInt major : majors) { // where c 1:* and c *:3 cross, c 1:3 is a place of its own
        minorsOfAny.forEach(minor -> subjects.add(new Subject(kind, major, minor)));
      }
    }
    return subjects;
  }

  /** The accesses of each subject, as bits. */
  static Map<Subject, Integer> bits(List<DeviceRule> lines) {
    Map<Subject, Integer> bits = new LinkedHashMap<>();
    lines.forEach(
        line -> bits.merge(Subject.of(line), DeviceAccess.bits(line.access()), (a, b) -> a | b));
    return bits;
  }
}
