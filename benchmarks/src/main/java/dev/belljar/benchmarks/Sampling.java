package dev.belljar.benchmarks;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.stats.CgroupSampler;
import dev.belljar.cgroups.stats.CgroupSnapshot;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Readings of a group: by the C program, by {@link CgroupSampler}, and as strings. Each peer does a
 * hundred at a time.
 */
final class Sampling {
  private static final int SAMPLES = 100;
  private static final String NAME = "belljar-benchmark-sampling";

  /** The files and how they are laid out, see {@code sample.c}; the first that is there counts. */
  private static final List<Map<String, String>> FILES =
      List.of(
          Map.of("cpu.stat", "flat"),
          Map.of("cpuacct.usage", "number"),
          Map.of("memory.usage_in_bytes", "number", "memory.current", "number"),
          Map.of("memory.stat", "flat"),
          Map.of("pids.current", "number"),
          Map.of("blkio.throttle.io_service_bytes", "rows", "io.stat", "devices"));

  private final Workbench workbench;

  Sampling(Workbench workbench) {
    this.workbench = workbench;
  }

  void run(Options options, PrintStream out) throws Exception {
    List<CgroupDirectory> groups = new ArrayList<>();
    Process process = new ProcessBuilder(workbench.inRoot(Workbench.PAUSE)).start();
    try {
      for (Hierarchy hierarchy : CgroupLayout.current().hierarchies()) {
        if (hierarchy.version() == CgroupVersion.V2 || !hierarchy.subsystems().isEmpty()) {
          CgroupDirectory group = make(hierarchy);
          groups.add(group);
          group.write("cgroup.procs", Long.toString(process.pid()));
        }
      }
      contest(groups, options, out);
    } finally {
      process.destroyForcibly().waitFor();
      for (CgroupDirectory group : groups) {
        Files.delete(Path.of(group.path().toString()));
        group.close();
      }
    }
  }

  private static CgroupDirectory make(Hierarchy hierarchy) {
    try (CgroupDirectory top = CgroupDirectory.open(hierarchy, hierarchy.mountPoint())) {
      return top.create(NAME);
    }
  }

  private void contest(List<CgroupDirectory> groups, Options options, PrintStream out)
      throws Exception {
    Map<Path, String> files = files(groups);
    List<String> arguments = new ArrayList<>(List.of("sample"));
    files.forEach((file, kind) -> arguments.add(kind + "=" + file));
    CgroupSnapshot snapshot = new CgroupSnapshot();
    try (CgroupSampler sampler = CgroupSampler.open(groups);
        Contest contest = new Contest("100 readings of " + names(files))) {
      contest.add(NativePeer.start("C, the same files", workbench.peer(), arguments));
      contest.add(
          Peer.of(
              "CgroupSampler",
              () -> {
                for (int i = 0; i < SAMPLES; i++) {
                  sampler.sample(snapshot);
                }
                return 0;
              }));
      contest.add(Peer.of("Files.readString, split", () -> strings(files)));
      contest.run(options.warmUp(), options.rounds(), out);
    }
  }

  private static Map<Path, String> files(List<CgroupDirectory> groups) {
    Map<Path, String> files = new LinkedHashMap<>();
    for (Map<String, String> names : FILES) {
      groups.stream()
          .sorted((one, other) -> one.version().compareTo(other.version())) // version 1 first
          .flatMap(group -> names.keySet().stream().map(group.path()::resolve))
          .map(path -> Path.of(path.toString()))
          .filter(Files::exists)
          .findFirst()
          .ifPresent(path -> files.put(path, names.get(path.getFileName().toString())));
    }
    return files;
  }

  private static String names(Map<Path, String> files) {
    return String.join(
        ", ", files.keySet().stream().map(path -> path.getFileName().toString()).toList());
  }

  /** The usual way: no descriptor is kept, and each key is a string. */
  private static int strings(Map<Path, String> files) throws IOException {
    for (int i = 0; i < SAMPLES; i++) {
      for (Path file : files.keySet()) {
        Map<String, Long> values = new LinkedHashMap<>();
        for (String line : Files.readString(file).split("\n")) {
          int space = line.lastIndexOf(' ');
          String[] pairs = line.contains("=") ? line.split(" ") : new String[] {line};
          for (String pair : pairs) {
            int to = Math.max(space, pair.indexOf('='));
            if (to < pair.length()) {
              values.put(pair.substring(0, Math.max(0, to)), parse(pair.substring(to + 1)));
            }
          }
        }
        if (values.isEmpty()) {
          throw new IllegalStateException("nothing in " + file);
        }
      }
    }
    return 0;
  }

  private static long parse(String number) {
    return number.isEmpty() || !Character.isDigit(number.charAt(0)) ? 0 : Long.parseLong(number);
  }
}
