package dev.belljar.cgroups.stats;

import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.controller.Pressure;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/** The files of a group in all its hierarchies, as values; a file that is not there is empty. */
final class GroupFiles {
  // "Unlimited" of version 1 is LONG_MAX rounded down to pages, of at most 1 GiB.
  private static final long V1_UNLIMITED = Long.MAX_VALUE >> 30 << 30;

  private final List<CgroupDirectory> groups;

  GroupFiles(List<CgroupDirectory> groups) {
    this.groups = new ArrayList<>(groups);
    this.groups.sort(Comparator.comparing(CgroupDirectory::version)); // version 1 first
  }

  void requireAlive() {
    for (CgroupDirectory group : groups) {
      if (!group.has("cgroup.procs")) {
        throw new LinuxException(
            Errno.ENODEV.number(), "openat", "opening the files of " + group, "the group is gone");
      }
    }
  }

  /** Reads a file where it is first found. */
  Optional<String> text(String name) {
    for (CgroupDirectory group : groups) {
      Optional<String> text = text(group, name);
      if (text.isPresent()) {
        return text;
      }
    }
    return Optional.empty();
  }

  /** Reads a file of one version. */
  Optional<String> text(CgroupVersion version, String name) {
    return groups.stream()
        .filter(group -> group.version() == version)
        .flatMap(group -> text(group, name).stream())
        .findFirst();
  }

  // Some files cannot be read in some groups: EOPNOTSUPP of pressure that is switched off.
  private static Optional<String> text(CgroupDirectory group, String name) {
    try (StatFile file = StatFile.find(group, name).orElse(null)) {
      if (file == null) {
        return Optional.empty();
      }
      FileText text = FileText.ofThread();
      text.read(file);
      return Optional.of(new String(text.bytes(), 0, text.length(), StandardCharsets.UTF_8));
    } catch (LinuxException e) {
      if (e.is(Errno.EOPNOTSUPP)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The first of some files that is there, as a number. */
  OptionalLong number(String... names) {
    for (String name : names) {
      Optional<String> text = text(name);
      if (text.isPresent()) {
        return OptionalLong.of(Long.parseLong(text.get().strip()));
      }
    }
    return OptionalLong.empty();
  }

  /** The first of some files that is there, as a bound. */
  Optional<Limit> limit(String... names) {
    for (String name : names) {
      Optional<String> text = text(name);
      if (text.isPresent()) {
        Limit limit = Limit.parse(text.get().strip());
        boolean unlimited = limit.value().orElse(0) >= V1_UNLIMITED;
        return Optional.of(unlimited ? Limit.UNLIMITED : limit);
      }
    }
    return Optional.empty();
  }

  Optional<Map<String, Long>> counters(String name) {
    return text(name).map(GroupFiles::parse);
  }

  static Map<String, Long> parse(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Counters counters = new Counters();
    counters.parse(Arrays.copyOf(bytes, bytes.length + FileText.SLACK), bytes.length);
    return counters.toMap();
  }

  static OptionalLong of(Map<String, Long> counters, String... keys) {
    for (String key : keys) {
      Long value = counters.get(key);
      if (value != null) {
        return OptionalLong.of(value);
      }
    }
    return OptionalLong.empty();
  }

  /** Lines {@code name key=value key=value}. */
  Map<String, Map<String, Long>> nested(String name) {
    return text(name).map(GroupFiles::parseNested).orElse(Map.of());
  }

  static Map<String, Map<String, Long>> parseNested(String text) {
    Map<String, Map<String, Long>> lines = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      String[] words = line.strip().split(" ");
      Map<String, Long> values = new LinkedHashMap<>();
      for (int i = 1; i < words.length; i++) {
        int equals = words[i].indexOf('=');
        if (equals > 0) {
          byte[] value = words[i].substring(equals + 1).getBytes(StandardCharsets.UTF_8);
          values.put(words[i].substring(0, equals), Numbers.parseWord(value, 0, value.length));
        }
      }
      if (!values.isEmpty()) {
        lines.put(words[0], values);
      }
    }
    return lines;
  }

  Optional<Pressure> pressure(String name) {
    return text(CgroupVersion.V2, name).map(Pressure::parse);
  }

  /** The names of all files. */
  Set<String> names() {
    Set<String> names = new TreeSet<>();
    groups.forEach(group -> group.files().forEach(file -> names.add(file.name())));
    return names;
  }
}
