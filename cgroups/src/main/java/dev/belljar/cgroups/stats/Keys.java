package dev.belljar.cgroups.stats;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The keys seen in a control file, numbered in the order they first came, each with the character
 * after it.
 *
 * <p>A file has its keys in the same order each time, so a key is first compared with the one that
 * came at its place before, eight bytes at a time. Only a key that is new makes objects.
 */
final class Keys {
  /** Eight bytes of a text, the first of them lowest. */
  static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final int WORD_SIZE = Long.BYTES;

  /** The first word of each key in {@link #words}; one more for the end of the last. */
  private int[] starts = new int[16];

  private int[] lengths = new int[16];
  private String[] names = new String[16];
  private long[] words = new long[64];
  private long[] lastMasks = new long[16];
  private int size;

  int size() {
    return size;
  }

  /** The length of a key with the character after it. */
  int length(int key) {
    return lengths[key];
  }

  /** A key without the character after it. */
  String name(int key) {
    return names[key];
  }

  /** Finds a key by its name; -1 when there is none. */
  int named(String name) {
    for (int key = 0; key < size; key++) {
      if (names[key].equals(name)) {
        return key;
      }
    }
    return -1;
  }

  /**
   * Finds the key that a text goes on with.
   *
   * @param hint the key to try first
   * @param text followed by {@link FileText#SLACK} bytes
   * @param at where the key begins
   * @param end where the text ends
   * @return the key; -1 when it is none of those known
   */
  int find(int hint, byte[] text, int at, int end) {
    for (int key = hint; key < size; key++) {
      if (matches(key, text, at, end)) {
        return key;
      }
    }
    int before = Math.min(hint, size);
    for (int key = 0; key < before; key++) {
      if (matches(key, text, at, end)) {
        return key;
      }
    }
    return -1;
  }

  /**
   * Tells whether a text goes on with a key.
   *
   * @param key the key, which need not exist
   * @param text followed by {@link FileText#SLACK} bytes
   * @param at where the key would begin
   * @param end where the text ends
   */
  boolean matches(int key, byte[] text, int at, int end) {
    if (key >= size) {
      return false;
    }
    int length = lengths[key];
    if (at + length > end) {
      return false;
    }
    int word = starts[key];
    int last = at + length - WORD_SIZE;
    // Not a loop for the common lengths: what the compiler makes of a loop takes longer than these.
    int from = at;
    if (from < last) {
      if (differs(text, from, word++)) {
        return false;
      }
      from += WORD_SIZE;
      if (from < last) {
        if (differs(text, from, word++)) {
          return false;
        }
        from += WORD_SIZE;
        if (from < last) {
          if (differs(text, from, word++)) {
            return false;
          }
          from += WORD_SIZE;
          for (; from < last; from += WORD_SIZE) {
            if (differs(text, from, word++)) {
              return false;
            }
          }
        }
      }
    }
    return (((long) WORD.get(text, from) ^ words[word]) & lastMasks[key]) == 0;
  }

  private boolean differs(byte[] text, int from, int word) {
    return (long) WORD.get(text, from) != words[word];
  }

  /**
   * Adds a key.
   *
   * @param text where it is in, with the character after it
   * @param from where it begins
   * @param to behind the character after it
   * @return the key
   */
  int add(byte[] text, int from, int to) {
    int length = to - from;
    int count = (length + WORD_SIZE - 1) / WORD_SIZE;
    byte[] padded = Arrays.copyOf(Arrays.copyOfRange(text, from, to), count * WORD_SIZE);
    byte[] mask = new byte[WORD_SIZE];
    Arrays.fill(mask, 0, length - (count - 1) * WORD_SIZE, (byte) -1);
    grow(count);
    int start = starts[size];
    for (int i = 0; i < count; i++) {
      words[start + i] = (long) WORD.get(padded, i * WORD_SIZE);
    }
    lastMasks[size] = (long) WORD.get(mask, 0);
    lengths[size] = length;
    names[size] = new String(text, from, length - 1, StandardCharsets.UTF_8);
    starts[size + 1] = start + count;
    return size++;
  }

  private void grow(int count) {
    if (size + 1 == starts.length) {
      int more = 2 * starts.length;
      starts = Arrays.copyOf(starts, more);
      lengths = Arrays.copyOf(lengths, more);
      names = Arrays.copyOf(names, more);
      lastMasks = Arrays.copyOf(lastMasks, more);
    }
    if (starts[size] + count > words.length) {
      words = Arrays.copyOf(words, Math.max(2 * words.length, starts[size] + count));
    }
  }
}
