package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.cgroups.tree.FlatKeyed;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/** The control files of one group as values; what all controllers share. */
final class ControlFiles {
  private final CgroupDirectory group;

  ControlFiles(CgroupDirectory group) {
    this.group = group;
  }

  /** Those of a group of one version. */
  static ControlFiles of(CgroupDirectory group, CgroupVersion version) {
    if (group.version() != version) {
      throw new IllegalArgumentException(
          "%s is a group of version %d, not %d"
              .formatted(group, number(group.version()), number(version)));
    }
    return new ControlFiles(group);
  }

  /** Those of a subsystem that version 2 does not have. */
  static ControlFiles onV1Only(CgroupDirectory group, Subsystem subsystem, String instead) {
    if (group.version() == CgroupVersion.V2) {
      throw new UnsupportedOperationException(
          "%s is not on cgroup version 2: %s".formatted(subsystem.v1Name(), instead));
    }
    return new ControlFiles(group);
  }

  private static int number(CgroupVersion version) {
    return version == CgroupVersion.V1 ? 1 : 2;
  }

  CgroupDirectory group() {
    return group;
  }

  boolean has(String file) {
    return group.has(file);
  }

  String text(String file) {
    return group.read(file);
  }

  long number(String file) {
    return Long.parseLong(group.read(file).strip());
  }

  /** A file that not every kernel has. */
  OptionalLong numberIfThere(String file) {
    return has(file) ? OptionalLong.of(number(file)) : OptionalLong.empty();
  }

  <T> Optional<T> ifThere(String file, Function<String, T> parse) {
    return has(file) ? Optional.of(parse.apply(group.read(file))) : Optional.empty();
  }

  /** Refuses a file that this kernel does not have. */
  void require(String file, String since) {
    if (!has(file)) {
      throw new UnsupportedOperationException(
          "%s has no %s, which needs %s".formatted(group, file, since));
    }
  }

  boolean flag(String file) {
    return number(file) != 0;
  }

  Limit limit(String file) {
    return Limit.parse(group.read(file).strip());
  }

  /** Lines {@code key value}, in the kernel's order. */
  Map<String, Long> flatKeyed(String file) {
    return FlatKeyed.parse(group.read(file));
  }

  /** Lines of a key and a bound, in the kernel's order. */
  Map<String, Limit> limits(String file) {
    return KeyedLimits.parse(group.read(file));
  }

  /** Sets the bound of one key. */
  Written<Limit> writeLimit(String file, String key, Limit value) {
    return write(
        file,
        value,
        limit -> KeyedLimits.print(key, limit),
        text -> KeyedLimits.parse(text).getOrDefault(key, Limit.UNLIMITED));
  }

  Written<CpuSet> writeCpus(String file, CpuSet value) {
    return write(file, value, set -> IdList.write(set.cpus()), CpuSet::parse);
  }

  Written<NodeSet> writeNodes(String file, NodeSet value) {
    return write(file, value, set -> IdList.write(set.nodes()), NodeSet::parse);
  }

  /** Writes a value and reads back what the kernel made of it. */
  <T> Written<T> write(String file, T value, Function<T, String> print, Function<String, T> parse) {
    group.write(file, print.apply(value));
    return new Written<>(file, value, parse.apply(group.read(file)));
  }

  Written<Long> writeNumber(String file, long value) {
    return write(file, value, String::valueOf, text -> Long.valueOf(text.strip()));
  }

  Written<Boolean> writeFlag(String file, boolean value) {
    return write(file, value, on -> on ? "1" : "0", text -> !text.strip().equals("0"));
  }

  Written<Duration> writeMicros(String file, Duration value) {
    return write(file, value, Micros::print, Micros::parse);
  }

  /** Writes a bound where the kernel says {@code max} for none. */
  Written<Limit> writeLimit(String file, Limit value) {
    return write(
        file, value, limit -> limit.isUnlimited() ? "max" : limit.toString(), Limit::parse);
  }
}
