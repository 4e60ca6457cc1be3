package dev.belljar.cgroups.stats;

import dev.belljar.linux.DeviceNumber;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** Reads {@link IoStats}. */
final class IoReading {
  private static final String THROTTLE = "blkio.throttle.";
  private static final String BFQ = "blkio.bfq.";

  private IoReading() {}

  static Map<DeviceNumber, IoStats> read(GroupFiles files) {
    Map<DeviceNumber, IoStats> devices = new TreeMap<>();
    files
        .nested("io.stat")
        .forEach((device, counters) -> {
          if (isDevice(device)) {
            devices.put(DeviceNumber.parse(device), v2(counters));
          }
        });
    v1(files).forEach((device, counters) -> devices.putIfAbsent(device, v1(counters)));
    return devices;
  }

  /** The kernel prints {@code (unknown)} for one that is gone. */
  private static boolean isDevice(String name) {
    return !name.isEmpty() && Character.isDigit(name.charAt(0));
  }

  private static IoStats v2(Map<String, Long> counters) {
    return new IoStats(
        GroupFiles.of(counters, "rbytes"),
        GroupFiles.of(counters, "wbytes"),
        GroupFiles.of(counters, "dbytes"),
        GroupFiles.of(counters, "rios"),
        GroupFiles.of(counters, "wios"),
        GroupFiles.of(counters, "dios"),
        counters);
  }

  private static IoStats v1(Map<String, Long> counters) {
    return new IoStats(
        GroupFiles.of(counters, "bytes Read"),
        GroupFiles.of(counters, "bytes Write"),
        GroupFiles.of(counters, "bytes Discard"),
        GroupFiles.of(counters, "requests Read"),
        GroupFiles.of(counters, "requests Write"),
        GroupFiles.of(counters, "requests Discard"),
        Map.of());
  }

  private static Map<DeviceNumber, Map<String, Long>> v1(GroupFiles files) {
    Map<DeviceNumber, Map<String, Long>> devices = new TreeMap<>();
    for (String policy : new String[] {THROTTLE, BFQ}) {
      add(devices, "bytes ", files, policy, "io_service_bytes");
      add(devices, "requests ", files, policy, "io_serviced");
    }
    return devices;
  }

  private static void add(
      Map<DeviceNumber, Map<String, Long>> devices,
      String prefix,
      GroupFiles files,
      String policy,
      String name) {
    files
        .text(policy + name + "_recursive")
        .map(IoReading::parseFlat)
        .orElse(Map.of())
        .forEach((device, counters) ->
            counters.forEach((operation, value) -> {
              // 0 is what is not counted, unless a rule makes the kernel count.
              if (value > 0 || isRuled(files, policy, device, operation)) {
                devices
                    .computeIfAbsent(device, _ -> new LinkedHashMap<>())
                    .putIfAbsent(prefix + operation, value);
              }
            }));
  }

  private static boolean isRuled(
      GroupFiles files, String policy, DeviceNumber device, String operation) {
    if (!policy.equals(THROTTLE) || !(operation.equals("Read") || operation.equals("Write"))) {
      return false;
    }
    String direction = operation.equals("Read") ? "read" : "write";
    for (String unit : new String[] {"bps", "iops"}) {
      String rules = files.text(THROTTLE + direction + "_" + unit + "_device").orElse("");
      if (rules.lines().anyMatch(line -> line.startsWith(device + " "))) {
        return true;
      }
    }
    return false;
  }

  /** Lines {@code 8:0 Read 5}. */
  static Map<DeviceNumber, Map<String, Long>> parseFlat(String text) {
    Map<DeviceNumber, Map<String, Long>> devices = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      String[] words = line.split(" ");
      if (words.length == 3 && isDevice(words[0])) {
        devices
            .computeIfAbsent(DeviceNumber.parse(words[0]), _ -> new LinkedHashMap<>())
            .put(words[1], Long.valueOf(words[2]));
      }
    }
    return devices;
  }
}
