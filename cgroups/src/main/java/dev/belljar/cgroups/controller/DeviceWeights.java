package dev.belljar.cgroups.controller;

import dev.belljar.linux.DeviceNumber;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The weights by which a group shares disks with its siblings.
 *
 * @param byDefault the weight on devices that have none of their own, 1 to 10000 for {@code
 *     io.weight}, 1 to 1000 for that of BFQ; 100 in a new group
 * @param devices the weight of each device that has one
 */
public record DeviceWeights(int byDefault, SortedMap<DeviceNumber, Integer> devices) {
  private static final String DEFAULT = "default ";

  /** Makes the weights. */
  public DeviceWeights {
    devices = Collections.unmodifiableSortedMap(new TreeMap<>(devices));
  }

  /**
   * Returns the weight on a device.
   *
   * @param device the device
   * @return its own weight, or the default
   */
  public int of(DeviceNumber device) {
    return devices.getOrDefault(device, byDefault);
  }

  /**
   * Parses what the kernel prints: a line {@code default 100}, then lines such as {@code 8:0 200};
   * or a number alone, as {@code blkio.bfq.weight} has it.
   *
   * @param text the file's contents
   * @return the weights
   * @throws IllegalArgumentException when it is not of this form
   */
  public static DeviceWeights parse(String text) {
    int end = text.indexOf('\n');
    String first = (end < 0 ? text : text.substring(0, end)).strip();
    String rest = end < 0 ? "" : text.substring(end + 1);
    SortedMap<DeviceNumber, Integer> devices = new TreeMap<>();
    for (Map.Entry<DeviceNumber, Long> line : DeviceLines.parseNumbers(rest).entrySet()) {
      devices.put(line.getKey(), Math.toIntExact(line.getValue()));
    }
    String number = first.startsWith(DEFAULT) ? first.substring(DEFAULT.length()) : first;
    return new DeviceWeights(Integer.parseInt(number), devices);
  }

  /** Returns the lines as the kernel prints them, without a newline at the end. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(DEFAULT).append(byDefault);
    devices.forEach((device, weight) -> text.append("\n" + device + " " + weight));
    return text.toString();
  }
}
