package dev.belljar.cgroups.coverage;

import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Subsystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the tests have recorded on one machine: what they covered, the files of its groups, its
 * kernel and how that was built.
 */
final class MachineCoverage {
  private static final String UNSET = " is not set";

  private final String title;
  private final Map<String, Set<CoveringTest>> effects = new TreeMap<>();
  private final Map<String, Set<CoveringTest>> reads = new TreeMap<>();
  private final Map<String, Set<String>> whyOnlyRead = new HashMap<>();
  private final Map<CgroupVersion, Set<String>> subsystems = new HashMap<>();
  private final Set<String> inGroups = new TreeSet<>();
  private final Set<String> inRoots = new TreeSet<>();
  private final Set<String> unsetOptions = new HashSet<>();
  private String kernel = "";

  private MachineCoverage(String title) {
    this.title = title;
  }

  /**
   * Reads a record, if there is one; the lines {@code # CONFIG_... is not set} of a kernel's
   * options may be in it.
   */
  static MachineCoverage read(String title, Path record) throws IOException {
    MachineCoverage machine = new MachineCoverage(title);
    if (Files.notExists(record)) {
      return machine;
    }
    for (String line : Files.readAllLines(record)) {
      String[] words = line.split(" ", 2);
      String rest = words.length == 2 ? words[1] : "";
      switch (words[0]) {
        case "effect" -> {
          String[] parts = rest.split(" ", 2);
          add(machine.effects, parts[0], CoveringTest.parse(parts[1]));
        }
        case "read" -> {
          String[] parts = rest.split(" ", 3);
          add(machine.reads, parts[0], CoveringTest.parse(parts[1]));
          add(machine.whyOnlyRead, parts[0], parts[2]);
        }
        case "kernel" -> machine.kernel = rest;
        case "v1" -> machine.subsystems(CgroupVersion.V1).add(rest);
        case "v2" -> { // with nothing behind it where the tree has no controllers
          Set<String> controllers = machine.subsystems(CgroupVersion.V2);
          Stream.of(rest.split(" ")).filter(each -> !each.isEmpty()).forEach(controllers::add);
        }
        case "group" -> machine.inGroups.add(rest);
        case "root" -> machine.inRoots.add(rest);
        case "#" -> {
          if (rest.endsWith(UNSET)) {
            machine.unsetOptions.add(rest.substring(0, rest.length() - UNSET.length()));
          }
        }
        default -> throw new IOException("a line of " + record + ": " + line);
      }
    }
    if (machine.kernel.isEmpty() || machine.inGroups.isEmpty() || machine.inRoots.isEmpty()) {
      throw new IOException(record + " does not list the machine's files");
    }
    return machine;
  }

  private static <T> void add(Map<String, Set<T>> sets, String file, T element) {
    sets.computeIfAbsent(file, _ -> new LinkedHashSet<>()).add(element);
  }

  private Set<String> subsystems(CgroupVersion version) {
    return subsystems.computeIfAbsent(version, _ -> new TreeSet<>());
  }

  String title() {
    return title;
  }

  String kernel() {
    return kernel;
  }

  /** Tells whether tests have run there. */
  boolean isRecorded() {
    return !kernel.isEmpty();
  }

  /** The files of a group, and those that only a root has, for the listing. */
  Set<String> inGroups() {
    return inGroups;
  }

  Set<String> onlyInRoots() {
    Set<String> only = new TreeSet<>(inRoots);
    only.removeAll(inGroups);
    return only;
  }

  boolean provesEffectOf(KnownFile file) {
    return effects.containsKey(file.name());
  }

  /** The tests that proved effects, by file. */
  Map<String, Set<CoveringTest>> effects() {
    return effects;
  }

  /** The tests that wrote or read a file, by file. */
  Map<String, Set<CoveringTest>> reads() {
    return reads;
  }

  /** Why a file was only read and written, where it was no more than that. */
  Optional<String> readBack(KnownFile file) {
    return Optional.ofNullable(whyOnlyRead.get(file.name())).map(each -> String.join("; ", each));
  }

  /** All files that the machine has. */
  Set<String> files() {
    Set<String> all = new TreeSet<>(inRoots);
    all.addAll(inGroups);
    return all;
  }

  boolean has(KnownFile file) {
    return inGroups.contains(file.name()) || inRoots.contains(file.name());
  }

  /** What shows that the machine cannot have a file that it does not have; empty when nothing. */
  Optional<String> whyAbsent(KnownFile file) {
    for (String need : file.needs()) {
      if (need.equals("vendor")) {
        return Optional.of("in no kernel of kernel.org");
      }
      if (unsetOptions.contains(need)) {
        return Optional.of(need + UNSET);
      }
      if (need.startsWith(">=") && compare(kernel, need.substring(2)) < 0) {
        return Optional.of("since Linux " + need.substring(2));
      }
      if (need.startsWith("<") && compare(kernel, need.substring(1)) >= 0) {
        return Optional.of("not since Linux " + need.substring(1));
      }
    }
    return file.versions().stream()
        .map(version -> whyAbsent(file, version))
        .reduce((one, other) ->
            one.equals(other) ? one : one.flatMap(a -> other.map(b -> a + "; " + b)))
        .orElseThrow();
  }

  private Optional<String> whyAbsent(KnownFile file, CgroupVersion version) {
    if (!subsystems.containsKey(version)) {
      return Optional.of("no " + version.name().toLowerCase(Locale.ROOT) + " there");
    }
    Optional<Subsystem> subsystem = Subsystem.named(version, file.prefix());
    if (subsystem.isEmpty() || subsystems(version).contains(file.prefix())) {
      return inGroups.stream().anyMatch(each -> each.startsWith(file.prefix() + "."))
          ? Optional.empty()
          : Optional.of("no group is given " + file.prefix());
    }
    if (unsetOptions.contains(subsystem.get().kernelOption())) {
      return Optional.of(subsystem.get().kernelOption() + UNSET);
    }
    String listed = subsystems(version).stream().collect(Collectors.joining(" "));
    return Optional.of(
        version == CgroupVersion.V1 ? "only mounted: " + listed : "cgroup.controllers: " + listed);
  }

  /** Compares releases such as {@code 6.1.0-50-amd64} by their first two numbers. */
  private static int compare(String release, String other) {
    String[] one = release.split("[.-]");
    String[] two = other.split("[.-]");
    int major = Integer.compare(Integer.parseInt(one[0]), Integer.parseInt(two[0]));
    return major != 0 ? major : Integer.compare(Integer.parseInt(one[1]), Integer.parseInt(two[1]));
  }
}
