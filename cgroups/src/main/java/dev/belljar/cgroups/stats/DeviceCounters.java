package dev.belljar.cgroups.stats;

import dev.belljar.linux.DeviceNumber;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The numbers of a control file that has several for each block device: {@code io.stat} of version
 * 2, {@code blkio.throttle.io_service_bytes} of version 1.
 *
 * <p>It is filled anew by each sample; devices are added as they first come, and a device that the
 * last sample did not have is absent. Nothing but a new device or key makes objects.
 *
 * <p>On version 1 the kernel counts for a device, and for each direction, only while it has a
 * reason to, such as a throttle rule, and else prints 0: a 0 is absent therefore, and so is a
 * device without any other number.
 */
public final class DeviceCounters {
  private static final int FIRST_WIDTH = 8;

  private final Keys devices = new Keys();
  private final Keys fields = new Keys();
  private DeviceNumber[] numbers = new DeviceNumber[8];
  private int width = FIRST_WIDTH;

  /** A row of {@link #width} numbers for each device. */
  private long[] values = new long[8 * FIRST_WIDTH];

  /** The sample each number is of. */
  private int[] seen = new int[8 * FIRST_WIDTH];

  /** The sample in which each device last had a number. */
  private int[] listed = new int[8];

  private int sample;
  private int count;
  private int[] order = new int[8];

  DeviceCounters() {}

  /** Forgets the last sample, but not the devices. */
  void clear() {
    sample++;
    count = 0;
  }

  /**
   * Reads lines {@code 8:0 rbytes=1 wbytes=2}, after {@link #clear}; a line without keys counts for
   * nothing.
   */
  void addNested(byte[] text, int length) {
    int expected = 0;
    int at = 0;
    while (at < length) {
      int end = Counters.endOfLine(text, at, length);
      int device = device(expected, text, at, end);
      if (device >= 0) {
        expected = device + 1;
        addFields(device, text, at + devices.length(device), end);
      }
      at = end + 1;
    }
  }

  private void addFields(int device, byte[] text, int from, int end) {
    int expected = 0;
    int at = from;
    while (at < end) {
      int field = fields.find(expected, text, at, end);
      if (field < 0) {
        field = addKey(fields, text, at, end, '=');
        if (field < 0) {
          return;
        }
        ensureWidth();
      }
      expected = field + 1;
      at += fields.length(field);
      put(device, field, Numbers.parseWord(text, at, end));
      while (at < end && text[at] != ' ') {
        at++;
      }
      at++;
    }
  }

  /** Reads lines {@code 8:0 Read 1}, after {@link #clear}; the total of all devices is left out. */
  void addFlat(byte[] text, int length) {
    int expectedDevice = 0;
    int expectedField = 0;
    int at = 0;
    while (at < length) {
      int end = Counters.endOfLine(text, at, length);
      int device = device(expectedDevice, text, at, end);
      if (device >= 0) {
        int from = at + devices.length(device);
        int field = fields.find(expectedField, text, from, end);
        if (field < 0) {
          field = addKey(fields, text, from, end, ' ');
          ensureWidth();
        }
        if (field >= 0) {
          long value = Numbers.parse(text, from + fields.length(field), end);
          if (value > 0) {
            put(device, field, value);
          }
          expectedField = field + 1;
        }
        expectedDevice = device;
      }
      at = end + 1;
    }
  }

  private int device(int expected, byte[] text, int at, int end) {
    if (text[at] < '0' || text[at] > '9') {
      return -1; // the total, or a device that is gone
    }
    int device = devices.find(expected, text, at, end);
    if (device >= 0) {
      return device;
    }
    device = addKey(devices, text, at, end, ' ');
    if (device >= 0) {
      ensureHeight();
      numbers[device] = DeviceNumber.parse(devices.name(device));
    }
    return device;
  }

  private static int addKey(Keys keys, byte[] text, int at, int end, char separator) {
    int to = at;
    while (to < end && text[to] != separator) {
      to++;
    }
    return to < end ? keys.add(text, at, to + 1) : -1;
  }

  private void ensureHeight() {
    if (devices.size() > numbers.length) {
      int more = 2 * numbers.length;
      numbers = Arrays.copyOf(numbers, more);
      values = Arrays.copyOf(values, more * width);
      seen = Arrays.copyOf(seen, more * width);
      listed = Arrays.copyOf(listed, more);
      order = Arrays.copyOf(order, more);
    }
  }

  private void ensureWidth() {
    if (fields.size() > width) {
      int wider = 2 * width;
      long[] newValues = new long[numbers.length * wider];
      int[] newSeen = new int[newValues.length];
      for (int row = 0; row < numbers.length; row++) {
        System.arraycopy(values, row * width, newValues, row * wider, width);
        System.arraycopy(seen, row * width, newSeen, row * wider, width);
      }
      values = newValues;
      seen = newSeen;
      width = wider;
    }
  }

  private void put(int device, int field, long value) {
    int cell = device * width + field;
    values[cell] = value;
    seen[cell] = sample;
    if (listed[device] != sample) {
      listed[device] = sample;
      order[count++] = device;
    }
  }

  /**
   * Returns how many devices the last sample had.
   *
   * @return 0 when there was none, or the file does not exist
   */
  public int size() {
    return count;
  }

  /**
   * Returns a device of the last sample.
   *
   * @param index 0 up to {@link #size}
   * @return its number, the same object each time
   * @throws IndexOutOfBoundsException when there are not so many
   */
  public DeviceNumber device(int index) {
    return numbers[row(index)];
  }

  private int row(int index) {
    if (index < 0 || index >= count) {
      throw new IndexOutOfBoundsException(index + " of " + count);
    }
    return order[index];
  }

  /**
   * Returns how much was read from a device.
   *
   * @param index 0 up to {@link #size}
   * @return bytes; {@link CgroupSnapshot#ABSENT} when not known
   * @throws IndexOutOfBoundsException when there are not so many devices
   */
  public long bytesRead(int index) {
    return either(index, "rbytes", "Read");
  }

  /**
   * Returns how much was written to a device.
   *
   * @param index 0 up to {@link #size}
   * @return bytes; {@link CgroupSnapshot#ABSENT} when not known
   * @throws IndexOutOfBoundsException when there are not so many devices
   */
  public long bytesWritten(int index) {
    return either(index, "wbytes", "Write");
  }

  private long either(int index, String v2, String v1) {
    long value = get(index, v2);
    return value == CgroupSnapshot.ABSENT ? get(index, v1) : value;
  }

  /**
   * Returns a number of a device.
   *
   * @param index 0 up to {@link #size}
   * @param key as the kernel has it, such as {@code rios} on version 2, {@code Discard} on version
   *     1
   * @return the number; {@link CgroupSnapshot#ABSENT} when the last sample did not have it
   * @throws IndexOutOfBoundsException when there are not so many devices
   */
  public long get(int index, String key) {
    int row = row(index);
    int field = fields.named(key);
    int cell = row * width + field;
    return field >= 0 && seen[cell] == sample ? values[cell] : CgroupSnapshot.ABSENT;
  }

  /**
   * Copies the last sample.
   *
   * @return the numbers of each device by key
   */
  public Map<DeviceNumber, Map<String, Long>> toMap() {
    Map<DeviceNumber, Map<String, Long>> map = LinkedHashMap.newLinkedHashMap(count);
    for (int i = 0; i < count; i++) {
      Map<String, Long> row = LinkedHashMap.newLinkedHashMap(fields.size());
      for (int field = 0; field < fields.size(); field++) {
        if (seen[row(i) * width + field] == sample) {
          row.put(fields.name(field), values[row(i) * width + field]);
        }
      }
      map.put(device(i), row);
    }
    return map;
  }

  /** Returns the devices and numbers of the last sample. */
  @Override
  public String toString() {
    return toMap().toString();
  }
}
