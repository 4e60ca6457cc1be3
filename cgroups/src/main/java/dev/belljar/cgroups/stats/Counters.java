package dev.belljar.cgroups.stats;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The numbers of a control file with one key in each line, such as {@code memory.stat}, whatever
 * keys this kernel has.
 *
 * <p>It is filled anew by each sample; keys are added as they first come, and a key that the last
 * sample did not have is absent. Nothing but a new key makes objects.
 */
public final class Counters {
  private final Keys keys = new Keys();
  private long[] values = new long[16];

  /** The keys of the last sample, in its order, and where their lines began in its text. */
  private int[] order = new int[16];

  private int[] starts = new int[16];
  private int count;

  /** The text of the last sample, as far as each of its lines has a key. */
  private byte[] last = new byte[0];

  private int lastLength;
  private int lastLines;

  Counters() {}

  /** Forgets the last sample, but not the keys. */
  void clear() {
    count = 0;
  }

  /** Reads the lines {@code key number}; the key may have spaces. */
  void parse(byte[] text, int length) {
    int lines = lastLines;
    lastLines = 0;
    boolean whole = true;
    int at = parseChanged(text, length, lines);
    int expected = count == 0 ? 0 : order[count - 1] + 1;
    while (at < length) {
      int end = endOfLine(text, at, length);
      int key = keys.find(expected, text, at, length);
      if (key < 0) {
        key = add(text, at, end);
      }
      if (key >= 0) {
        values[key] = Numbers.parseWord(text, at + keys.length(key), end);
        ensureRoom();
        starts[count] = at;
        order[count++] = key;
        expected = key + 1;
      } else {
        whole = false;
      }
      at = end + 1;
    }
    if (whole) {
      remember(text, length);
    }
  }

  private void remember(byte[] text, int length) {
    if (last.length < length) {
      last = new byte[2 * length];
    }
    System.arraycopy(text, 0, last, 0, length);
    lastLength = length;
    lastLines = count;
  }

  /**
   * Reads the lines that are not what they were in the last sample, as long as each key comes at
   * its place and has a number of less than 19 digits. Most lines of most files are the same each
   * time, and it takes much less to see that than to read them.
   *
   * @return where the other lines begin
   */
  private int parseChanged(byte[] text, int length, int lines) {
    int line = 0;
    int at = 0;
    int was = 0;
    while (line < lines && at < length) {
      int same = Arrays.mismatch(text, at, length, last, was, lastLength);
      if (same < 0) {
        move(line, lines, at - was);
        count = lines;
        return length;
      }
      int differs = was + same;
      int changed = line;
      while (changed + 1 < lines && starts[changed + 1] <= differs) {
        changed++;
      }
      int next = changed + 1 < lines ? starts[changed + 1] : lastLength;
      move(line, changed + 1, at - was);
      int begin = starts[changed];
      int end = parseLine(order[changed], text, begin, length);
      if (end < 0) {
        count = changed;
        return begin;
      }
      at = end;
      was = next;
      line = changed + 1;
    }
    count = line;
    return at;
  }

  private void move(int from, int to, int distance) {
    if (distance != 0) {
      for (int line = from; line < to; line++) {
        starts[line] += distance;
      }
    }
  }

  /** Reads one line, if it has this key and a short number; returns its end, or -1. */
  private int parseLine(int key, byte[] text, int at, int length) {
    if (!keys.matches(key, text, at, length)) {
      return -1;
    }
    int from = at + keys.length(key);
    long word = (long) Keys.WORD.get(text, from);
    int digits = Numbers.digits(word);
    long value = Numbers.value(word, digits);
    int end = from + digits;
    while (end < length && text[end] >= '0' && text[end] <= '9') {
      value = value * 10 + (text[end++] - '0');
    }
    if (digits == 0 || end >= length || text[end] != '\n' || end - from > Numbers.SAFE_DIGITS) {
      return -1;
    }
    values[key] = value;
    return end + 1;
  }

  private void ensureRoom() {
    if (count == order.length) {
      order = Arrays.copyOf(order, 2 * count);
      starts = Arrays.copyOf(starts, 2 * count);
    }
  }

  private int add(byte[] text, int at, int end) {
    int space = end - 1;
    while (space > at && text[space] != ' ') {
      space--;
    }
    if (space <= at) {
      return -1;
    }
    int key = keys.add(text, at, space + 1);
    if (key == values.length) {
      values = Arrays.copyOf(values, 2 * key);
    }
    return key;
  }

  static int endOfLine(byte[] text, int at, int length) {
    int end = at;
    while (end < length && text[end] != '\n') {
      end++;
    }
    return end;
  }

  /**
   * Returns how many keys the last sample had.
   *
   * @return 0 when the file does not exist
   */
  public int size() {
    return count;
  }

  /**
   * Returns a key of the last sample.
   *
   * @param index 0 up to {@link #size}, in the file's order
   * @return the key, the same object each time
   * @throws IndexOutOfBoundsException when there are not so many
   */
  public String key(int index) {
    return keys.name(order[checked(index)]);
  }

  /**
   * Returns a number of the last sample.
   *
   * @param index 0 up to {@link #size}, in the file's order
   * @return the number as the kernel has it, in its unit; {@link Long#MAX_VALUE} for {@code max}
   *     and for what is larger
   * @throws IndexOutOfBoundsException when there are not so many
   */
  public long value(int index) {
    return values[order[checked(index)]];
  }

  private int checked(int index) {
    if (index < 0 || index >= count) {
      throw new IndexOutOfBoundsException(index + " of " + count);
    }
    return index;
  }

  /**
   * Returns the number of a key.
   *
   * @param key such as {@code pgmajfault}
   * @return the number as {@link #value} returns it; {@link CgroupSnapshot#ABSENT} when the last
   *     sample did not have the key
   */
  public long get(String key) {
    for (int i = 0; i < count; i++) {
      if (keys.name(order[i]).equals(key)) {
        return values[order[i]];
      }
    }
    return CgroupSnapshot.ABSENT;
  }

  /**
   * Copies the last sample.
   *
   * @return the numbers by key, in the file's order
   */
  public Map<String, Long> toMap() {
    Map<String, Long> map = LinkedHashMap.newLinkedHashMap(count);
    for (int i = 0; i < count; i++) {
      map.put(key(i), value(i));
    }
    return map;
  }

  /** Returns the keys and numbers of the last sample. */
  @Override
  public String toString() {
    return toMap().toString();
  }
}
