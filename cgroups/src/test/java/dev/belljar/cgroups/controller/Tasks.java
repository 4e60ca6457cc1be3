package dev.belljar.cgroups.controller;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What {@code /proc} says of a process. */
final class Tasks {
  private Tasks() {}

  static CpuSet cpus(Process process) {
    return CpuSet.parse(status(process, "Cpus_allowed_list:"));
  }

  static NodeSet mems(Process process) {
    return NodeSet.parse(status(process, "Mems_allowed_list:"));
  }

  private static String status(Process process, String key) {
    return line(process, "status", key).substring(key.length());
  }

  /** Where the pages of its heap are, by memory node. */
  static String heap(Process process) {
    return line(process, "numa_maps", "") + " ";
  }

  private static String line(Process process, String file, String start) {
    try (var lines = Files.lines(Path.of("/proc/" + process.pid() + "/" + file))) {
      return lines
          .filter(line -> start.isEmpty() ? line.contains(" heap ") : line.startsWith(start))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
