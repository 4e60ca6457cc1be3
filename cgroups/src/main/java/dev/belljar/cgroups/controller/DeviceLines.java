package dev.belljar.cgroups.controller;

import dev.belljar.cgroups.tree.Words;
import dev.belljar.linux.DeviceNumber;
import java.util.LinkedHashMap;
import java.util.Map;

/** Files of lines {@code 8:0 key=value key=value}. */
final class DeviceLines {
  private DeviceLines() {}

  /**
   * Parses all lines, in their order. A device without keys, as the root's {@code io.stat} has
   * them, is left out; some kernels go on with the next device on the same line.
   */
  static Map<DeviceNumber, Map<String, String>> parse(String text) {
    Map<DeviceNumber, Map<String, String>> devices = new LinkedHashMap<>();
    Map<String, String> keys = Map.of();
    for (String word : Words.of(text)) {
      int equals = word.indexOf('=');
      if (equals < 0) {
        keys = new LinkedHashMap<>();
        devices.put(DeviceNumber.parse(word), keys);
      } else if (devices.isEmpty()) {
        throw new IllegalArgumentException("not a line that starts with a device: " + text);
      } else {
        keys.put(word.substring(0, equals), word.substring(equals + 1));
      }
    }
    devices.values().removeIf(Map::isEmpty);
    return devices;
  }

  /** Parses lines {@code 8:0 value}. */
  static Map<DeviceNumber, Long> parseNumbers(String text) {
    Map<DeviceNumber, Long> devices = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      int space = line.indexOf(' ');
      if (space < 0) {
        throw new IllegalArgumentException("not a device and a number: " + line);
      }
      devices.put(
          DeviceNumber.parse(line.substring(0, space)),
          Long.valueOf(line.substring(space + 1).strip()));
    }
    return devices;
  }
}
