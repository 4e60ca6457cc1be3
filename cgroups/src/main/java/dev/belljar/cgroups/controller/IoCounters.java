package dev.belljar.cgroups.controller;

import dev.belljar.linux.DeviceNumber;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What version 1 counts of a disk: bytes or operations, by kind. Reads and writes together, or sync
 * and async together, are about the total; discards are counted apart.
 *
 * @param read read
 * @param write written
 * @param sync waited for by the process: all reads, and direct writes
 * @param async not waited for: page cache written back
 * @param discard discarded (trimmed)
 * @param total all of it
 */
public record IoCounters(long read, long write, long sync, long async, long discard, long total) {
  private static final String TOTAL = "Total";

  /**
   * Parses files such as {@code blkio.throttle.io_service_bytes}: lines {@code 8:0 Read 4096}, and
   * a sum at the end.
   *
   * <p>A device whose total is 0 is left out: the kernel counts only for a policy that is in use on
   * the device, and prints 0 all the same.
   *
   * @param text the file's contents
   * @return the counters by device
   * @throws IllegalArgumentException when it is not of this form
   */
  public static Map<DeviceNumber, IoCounters> parse(String text) {
    Map<DeviceNumber, Map<String, Long>> lines = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      String[] words = line.strip().split(" ", -1);
      if (words.length == 3) {
        lines
            .computeIfAbsent(DeviceNumber.parse(words[0]), _ -> new LinkedHashMap<>())
            .put(words[1], Long.valueOf(words[2]));
      } else if (words.length != 2 || !words[0].equals(TOTAL)) {
        throw new IllegalArgumentException("not a line of a blkio counter: " + line);
      }
    }
    Map<DeviceNumber, IoCounters> devices = new LinkedHashMap<>();
    lines.forEach((device, values) -> {
      IoCounters counters = of(values);
      if (counters.total != 0) {
        devices.put(device, counters);
      }
    });
    return Collections.unmodifiableMap(devices);
  }

  private static IoCounters of(Map<String, Long> values) {
    return new IoCounters(
        values.getOrDefault("Read", 0L),
        values.getOrDefault("Write", 0L),
        values.getOrDefault("Sync", 0L),
        values.getOrDefault("Async", 0L),
        values.getOrDefault("Discard", 0L),
        values.getOrDefault(TOTAL, 0L));
  }

  static String print(Map<DeviceNumber, IoCounters> devices) {
    StringBuilder text = new StringBuilder();
    devices.forEach((device, n) ->
        text.append(
            "%1$s Read %2$d\n%1$s Write %3$d\n%1$s Sync %4$d\n%1$s Async %5$d\n%1$s Discard %6$d\n%1$s Total %7$d\n"
                .formatted(device, n.read, n.write, n.sync, n.async, n.discard, n.total)));
    return text + "Total " + devices.values().stream().mapToLong(IoCounters::total).sum();
  }
}
