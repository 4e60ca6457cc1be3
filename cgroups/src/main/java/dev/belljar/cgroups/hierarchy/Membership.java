package dev.belljar.cgroups.hierarchy;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.MountInfo;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A line of {@code /proc/<pid>/cgroup}: {@code 4:memory:/a/b}, or {@code 0::/a/b} for version 2.
 *
 * @param id the number of the hierarchy, 0 for version 2
 * @param controllers its subsystems and {@code name=...}; none for version 2
 * @param path the group, as the reader's cgroup namespace shows it
 */
record Membership(int id, List<String> controllers, BytePath path) {
  private static final String NAMED = "name=";

  /** Reads in which groups a process is: {@code self}, or its number. */
  static List<Membership> of(String process) {
    return parse(FileCalls.readFile(Syscall.AT_FDCWD, "/proc/" + process + "/cgroup"));
  }

  static List<Membership> parse(byte[] file) {
    List<Membership> all = new ArrayList<>();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (byte b : file) {
      if (b == '\n') {
        all.add(parseLine(line.toByteArray()));
        line.reset();
      } else {
        line.write(b);
      }
    }
    if (line.size() > 0) {
      all.add(parseLine(line.toByteArray()));
    }
    return all;
  }

  private static Membership parseLine(byte[] line) {
    int first = indexOf(line, ':', 0);
    int second = first < 0 ? -1 : indexOf(line, ':', first + 1);
    if (second < 0 || second + 1 >= line.length) {
      throw malformed(line);
    }
    String names = new String(line, first + 1, second - first - 1, StandardCharsets.UTF_8);
    try {
      return new Membership(
          Integer.parseInt(new String(line, 0, first, StandardCharsets.US_ASCII)),
          names.isEmpty() ? List.of() : List.of(names.split(",")),
          BytePath.ofBytes(Arrays.copyOfRange(line, second + 1, line.length)));
    } catch (NumberFormatException e) {
      throw malformed(line);
    }
  }

  private static IllegalArgumentException malformed(byte[] line) {
    return new IllegalArgumentException(
        "not a line of /proc/self/cgroup: " + new String(line, StandardCharsets.UTF_8));
  }

  private static int indexOf(byte[] line, char wanted, int from) {
    for (int i = from; i < line.length; i++) {
      if (line[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  boolean isV2() {
    return controllers.isEmpty();
  }

  /** The name of a hierarchy that was given one, else empty. */
  String name() {
    return controllers.stream()
        .filter(each -> each.startsWith(NAMED))
        .map(each -> each.substring(NAMED.length()))
        .findFirst()
        .orElse("");
  }

  boolean isIn(MountInfo mount) {
    return isV2()
        ? mount.type().equals("cgroup2")
        : mount.type().equals("cgroup") && controllers.stream().allMatch(mount::hasSuperOption);
  }
}
