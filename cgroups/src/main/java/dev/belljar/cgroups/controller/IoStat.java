package dev.belljar.cgroups.controller;

import dev.belljar.linux.DeviceNumber;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a group of version 2 has read from and written to one disk.
 *
 * @param readBytes bytes read
 * @param writtenBytes bytes written
 * @param reads read operations
 * @param writes write operations
 * @param discardedBytes bytes discarded (trimmed)
 * @param discards discard operations
 * @param others what a policy adds, such as {@code cost.usage} and {@code depth}, as it is printed
 */
public record IoStat(
    long readBytes,
    long writtenBytes,
    long reads,
    long writes,
    long discardedBytes,
    long discards,
    Map<String, String> others) {
  /** Makes a reading. */
  public IoStat {
    others = Collections.unmodifiableMap(new LinkedHashMap<>(others));
  }

  /**
   * Parses {@code io.stat}. Devices that the kernel lists without numbers, as it does in the root,
   * are left out.
   *
   * @param text the file's contents
   * @return the readings by device
   * @throws IllegalArgumentException when it is not of this form
   */
  public static Map<DeviceNumber, IoStat> parse(String text) {
    Map<DeviceNumber, IoStat> devices = new LinkedHashMap<>();
    DeviceLines.parse(text).forEach((device, keys) -> devices.put(device, of(keys)));
    return Collections.unmodifiableMap(devices);
  }

  private static IoStat of(Map<String, String> keys) {
    return new IoStat(
        take(keys, "rbytes"),
        take(keys, "wbytes"),
        take(keys, "rios"),
        take(keys, "wios"),
        take(keys, "dbytes"),
        take(keys, "dios"),
        keys);
  }

  private static long take(Map<String, String> keys, String key) {
    String value = keys.remove(key);
    return value == null ? 0 : Long.parseLong(value); // a policy may speak before anything was done
  }

  /** Returns the line as the kernel prints it, without the device. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append("rbytes=" + readBytes + " wbytes=" + writtenBytes);
    text.append(" rios=" + reads + " wios=" + writes);
    text.append(" dbytes=" + discardedBytes + " dios=" + discards);
    others.forEach((key, value) -> text.append(" " + key + "=" + value));
    return text.toString();
  }
}
