package dev.belljar.cgroups.coverage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * {@code docs/cgroup-coverage.md}, made of what the tests have recorded on four machines, see
 * {@code scripts/cgroup-coverage}.
 */
final class CoverageDocument {
  /** The machines by the name of their record. */
  private static final Map<String, String> MACHINES = new LinkedHashMap<>();

  static {
    MACHINES.put("host", "hybrid host");
    MACHINES.put("v1-6.1", "VM 6.1 v1");
    MACHINES.put("v2-6.1", "VM 6.1 v2");
    MACHINES.put("v2-6.12", "VM 6.12 v2");
  }

  private static final String EFFECT = "effect";
  private static final String NOT_RECORDED = "not recorded";
  private static final int HUNDRED = 100;

  private final List<KnownFile> files;
  private final List<MachineCoverage> machines;
  private final Map<String, Integer> notes = new LinkedHashMap<>();
  private final Set<String> gaps = new TreeSet<>();

  private CoverageDocument(List<KnownFile> files, List<MachineCoverage> machines) {
    this.files = files;
    this.machines = machines;
  }

  /** Reads the machines' records, which are in one folder. */
  static CoverageDocument of(Path records) throws IOException {
    List<MachineCoverage> machines = new ArrayList<>();
    for (Map.Entry<String, String> machine : MACHINES.entrySet()) {
      Path record = records.resolve(machine.getKey() + ".txt");
      machines.add(MachineCoverage.read(machine.getValue(), record));
    }
    return new CoverageDocument(KnownFile.all(), machines);
  }

  /**
   * Writes the document.
   *
   * @param arguments the folder of the records, and the document
   */
  public static void main(String[] arguments) throws IOException {
    CoverageDocument document = of(Path.of(arguments[0]));
    Files.writeString(Path.of(arguments[1]), document.text());
    document.gaps().forEach(System.err::println);
    System.exit(document.gaps().isEmpty() ? 0 : 1);
  }

  List<MachineCoverage> machines() {
    return machines;
  }

  /** The cells for which nothing is recorded, of machines on which tests have run. */
  Set<String> gaps() {
    tables();
    return gaps;
  }

  /** How many of a hundred files that are not statistics have their effect proved. */
  long percentProved() {
    return HUNDRED * limits().filter(this::isProved).count() / limits().count();
  }

  private Stream<KnownFile> limits() {
    return files.stream().filter(each -> !each.isStatistic());
  }

  /** The document. */
  String text() {
    String tables = tables();
    return """
    # What is proved of each control file

    Written by `scripts/cgroup-coverage` from what the tests of the module `cgroups` record as they pass; not to be edited.

    - **effect**: a test shows what the file does: a value that was written changes what processes can do, a reading follows
      what happened.
    - **read back**: a value is written and read back, or a reading is only parsed; the note says why no more can be shown
      there.
    - **absent**: the machine does not have the file, for the reason given: an option of its kernel's configuration, a
      release, or the listings at the end.

    A file of the table is a limit, if writing it changes something, or a statistic, if it only tells. `hugetlb.<size>` is
    one of each size of huge pages. The last column names the classes of the tests. A test lists every file of a group and of
    the roots on the machine it runs on, and fails on one that is not here.

    """
        + summary()
        + tables
        + notes()
        + unproved()
        + listings();
  }

  private String summary() {
    return "%d of %d files that are not statistics (%d %%), and %d of %d statistics, have their effect proved on a machine.%n"
        .formatted(
            limits().filter(this::isProved).count(),
            limits().count(),
            percentProved(),
            files.stream().filter(each -> each.isStatistic() && isProved(each)).count(),
            files.stream().filter(KnownFile::isStatistic).count());
  }

  private boolean isProved(KnownFile file) {
    return machines.stream().anyMatch(machine -> machine.provesEffectOf(file));
  }

  private String tables() {
    StringBuilder text = new StringBuilder();
    Map<String, List<KnownFile>> groups =
        files.stream()
            .collect(
                Collectors.groupingBy(KnownFile::prefix, LinkedHashMap::new, Collectors.toList()));
    groups.forEach((prefix, members) -> {
      text.append("\n## ").append(prefix).append("\n\n| file | | ");
      text.append(machines.stream().map(MachineCoverage::title).collect(Collectors.joining(" | ")));
      text.append(" | shown by |\n| :--- | :--- |").append(" :--- |".repeat(machines.size() + 1));
      text.append('\n');
      for (KnownFile file : members) {
        text.append(
            "| `%s` | %s |".formatted(file.name(), file.isStatistic() ? "statistic" : "limit"));
        machines.forEach(machine -> text.append(' ').append(cell(machine, file)).append(" |"));
        text.append(' ').append(tests(file)).append(" |\n");
      }
    });
    return text.toString();
  }

  /** The classes of the tests that say the most of a file. */
  private String tests(KnownFile file) {
    Function<MachineCoverage, Map<String, Set<CoveringTest>>> covered =
        isProved(file) ? MachineCoverage::effects : MachineCoverage::reads;
    String names =
        machines.stream()
            .flatMap(machine -> covered.apply(machine).getOrDefault(file.name(), Set.of()).stream())
            .map(CoveringTest::simpleName)
            .distinct()
            .sorted()
            .collect(Collectors.joining(", "));
    return names.isEmpty() ? "none" : names;
  }

  private String cell(MachineCoverage machine, KnownFile file) {
    if (!machine.isRecorded()) {
      return NOT_RECORDED;
    }
    if (machine.provesEffectOf(file)) {
      return EFFECT;
    }
    if (machine.has(file)) {
      return machine
          .readBack(file)
          .map(why -> "read back [%d]".formatted(note(why)))
          .orElseGet(() -> missing(machine, file, "no test"));
    }
    return machine
        .whyAbsent(file)
        .map(why -> "absent: " + why)
        .orElseGet(() -> missing(machine, file, "no reason why it is absent"));
  }

  private int note(String why) {
    return notes.computeIfAbsent(why, _ -> notes.size() + 1);
  }

  private String missing(MachineCoverage machine, KnownFile file, String what) {
    gaps.add(machine.title() + ", " + file.name() + ": " + what);
    return NOT_RECORDED;
  }

  private String notes() {
    StringBuilder text = new StringBuilder("\n## Why no effect is shown\n\n");
    notes.forEach((why, number) -> text.append("%d. %s%n".formatted(number, why)));
    return text.toString();
  }

  private String unproved() {
    return "\nFiles that are not statistics and have their effect proved nowhere: "
        + limits()
            .filter(file -> !isProved(file))
            .map(file -> "`" + file.name() + "`")
            .collect(Collectors.joining(", "))
        + ".\n";
  }

  private String listings() {
    StringBuilder text = new StringBuilder("\n## What each machine has\n");
    for (MachineCoverage machine : machines) {
      text.append("\n### ").append(machine.title()).append("\n\n");
      if (!machine.isRecorded()) {
        text.append("Not recorded yet.\n");
        continue;
      }
      text.append("Linux ").append(machine.kernel());
      text.append("\n\nIn a group: ").append(listing(machine.inGroups()));
      text.append("\n\nOnly in a root: ").append(listing(machine.onlyInRoots())).append('\n');
    }
    return text.toString();
  }

  private static String listing(Set<String> names) {
    return names.isEmpty()
        ? "none."
        : names.stream().map(name -> "`" + name + "`").collect(Collectors.joining(" "));
  }
}
