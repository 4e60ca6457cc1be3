package dev.belljar.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** On what, and when, something was measured. */
final class MachineDescription {
  private MachineDescription() {}

  static String get() throws IOException {
    return "%s, %d processors, %s GiB, Linux %s, JDK %s, %s; load %s"
        .formatted(
            field(Path.of("/proc/cpuinfo"), "model name"),
            Runtime.getRuntime().availableProcessors(),
            field(Path.of("/proc/meminfo"), "MemTotal").replaceFirst("\\d{6} kB", ""),
            System.getProperty("os.version"),
            System.getProperty("java.version"),
            LocalDate.now(ZoneOffset.UTC),
            Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
  }

  /** Returns how much memory is free or can be freed, in bytes. */
  static long availableMemory() throws IOException {
    String kibibytes = field(Path.of("/proc/meminfo"), "MemAvailable").replaceFirst(" kB", "");
    return Long.parseLong(kibibytes) << 10;
  }

  private static String field(Path file, String name) throws IOException {
    try (var lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name))
          .findFirst()
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .orElse("unknown");
    }
  }
}
