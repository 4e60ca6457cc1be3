package dev.belljar.rootfs;

import dev.belljar.linux.ByteString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The options of a mount, as the fourth field of fstab has them.
 *
 * <p>Of options that contradict each other the later one holds. What is neither an attribute nor a
 * propagation is kept as it is, and given to the file system. Names and values are bytes; a comma
 * in a value stands between double quotes, or behind a backslash.
 *
 * {@snippet :
 * MountOptions options = MountOptions.parse("ro,nosuid,size=64m,rslave");
 * options.set();          // RDONLY, NOSUID
 * options.propagation();  // RSLAVE
 * options.data();         // size=64m
 * options.toString();     // ro,nosuid,rslave,size=64m
 * }
 *
 * @param set the attributes that the mount gets
 * @param cleared the attributes that it must not have, such as {@code NODEV} for {@code dev}
 * @param propagation how mounts propagate, in the order in which that is set; none for private
 * @param words everything else, each {@code name} or {@code name=value}
 * @see <a href="https://man7.org/linux/man-pages/man5/fstab.5.html">fstab(5)</a>
 * @see <a href="https://man7.org/linux/man-pages/man8/mount.8.html">mount(8)</a>
 */
public record MountOptions(
    Set<MountAttribute> set,
    Set<MountAttribute> cleared,
    List<Propagation> propagation,
    List<ByteString> words) {
  private static final MountOptions NONE =
      new MountOptions(Set.of(), Set.of(), List.of(), List.of());

  /** What mount(8) and systemd read in fstab themselves, and no file system knows. */
  private static final Set<String> NOT_FOR_THE_KERNEL =
      Set.of(
          "auto", "noauto", "user", "nouser", "users", "nousers", "owner", "noowner", "group",
          "nogroup", "_netdev", "nofail");

  /**
   * Makes options.
   *
   * @throws IllegalArgumentException when an attribute is both set and cleared, two rules for
   *     access times are set, or a word is empty, ends with a backslash, or holds a NUL or a double
   *     quote without a backslash
   */
  public MountOptions {
    set = Collections.unmodifiableSet(copy(set));
    cleared = Collections.unmodifiableSet(copy(cleared));
    propagation = List.copyOf(propagation);
    words = List.copyOf(words);
    if (!Collections.disjoint(set, cleared)) {
      throw new IllegalArgumentException("attributes both set and cleared: " + set + cleared);
    }
    if (set.stream().filter(MountAttribute::isAccessTime).count() > 1) {
      throw new IllegalArgumentException("more than one rule for access times: " + set);
    }
    for (ByteString word : words) {
      if (word.isEmpty()
          || contains(word, 0)
          || word.bytes()[word.length() - 1] == '\\'
          || hasBareQuote(word)) {
        throw new IllegalArgumentException("not a mount option: \"" + word + "\"");
      }
    }
  }

  /**
   * Returns no options.
   *
   * @return the value
   */
  public static MountOptions none() {
    return NONE;
  }

  /**
   * Parses options.
   *
   * @param options words with commas between them, encoded as UTF-8; {@code defaults} stands for
   *     none
   * @return the options
   * @throws IllegalArgumentException when a word is empty, a quote is not closed, or there is a NUL
   */
  public static MountOptions parse(String options) {
    return parse(ByteString.of(options));
  }

  /**
   * Parses options whose values need not be text; see {@link #parse(String)}.
   *
   * @param options words with commas between them
   * @return the options
   * @throws IllegalArgumentException when a word is empty, a quote is not closed, or there is a NUL
   */
  public static MountOptions parse(ByteString options) {
    MountOptions parsed = NONE;
    for (ByteString word : split(options)) {
      parsed = parsed.with(word);
    }
    return parsed;
  }

  /**
   * Adds a word.
   *
   * @param word an option, such as {@code ro}, {@code rslave} or {@code size=1m}
   * @return the options with it; what it contradicts is gone
   * @throws IllegalArgumentException when it is empty or holds a NUL
   */
  public MountOptions with(ByteString word) {
    String text = word.toString();
    String plain = text.endsWith("=recursive") ? text.substring(0, text.indexOf('=')) : text;
    if (text.equals("defaults")) {
      return this;
    }
    for (Propagation each : Propagation.values()) {
      if (plain.equals(each.option())) {
        return with(each);
      }
    }
    for (MountAttribute each : MountAttribute.values()) {
      if (plain.equals(each.option()) || plain.equals("r" + each.option())) {
        return with(each);
      }
      if (!each.opposite().isEmpty()
          && (plain.equals(each.opposite()) || plain.equals("r" + each.opposite()))) {
        return without(each);
      }
    }
    return switch (plain) {
      case "atime", "nostrictatime", "ratime", "rnostrictatime" -> with(MountAttribute.RELATIME);
      case "norelatime", "rnorelatime" -> with(MountAttribute.STRICTATIME);
      default -> {
        List<ByteString> more = new ArrayList<>(words);
        more.add(word);
        yield new MountOptions(set, cleared, propagation, more);
      }
    };
  }

  /**
   * Adds a word of text; see {@link #with(ByteString)}.
   *
   * @param word an option, encoded as UTF-8
   * @return the options with it
   */
  public MountOptions with(String word) {
    return with(ByteString.of(word));
  }

  /**
   * Sets an attribute.
   *
   * @param attribute the attribute
   * @return the options with it; one rule for access times replaces the other
   */
  public MountOptions with(MountAttribute attribute) {
    Set<MountAttribute> more = copy(set);
    if (attribute.isAccessTime()) {
      more.removeIf(MountAttribute::isAccessTime);
    }
    more.add(attribute);
    Set<MountAttribute> fewer = copy(cleared);
    fewer.remove(attribute);
    return new MountOptions(more, fewer, propagation, words);
  }

  /**
   * Clears an attribute that a mount may have by default or inherit.
   *
   * @param attribute the attribute
   * @return the options without it
   */
  public MountOptions without(MountAttribute attribute) {
    Set<MountAttribute> fewer = copy(set);
    fewer.remove(attribute);
    Set<MountAttribute> more = copy(cleared);
    more.add(attribute);
    return new MountOptions(fewer, more, propagation, words);
  }

  /**
   * Adds a propagation, set after those that are there: {@code slave} then {@code shared} is a
   * slave that is shared.
   *
   * @param type the propagation
   * @return the options with it
   */
  public MountOptions with(Propagation type) {
    List<Propagation> more = new ArrayList<>(propagation);
    more.remove(type);
    more.add(type);
    return new MountOptions(set, cleared, more, words);
  }

  /**
   * Adds all of other options, which hold where both say something.
   *
   * @param other the later options
   * @return the options
   */
  public MountOptions and(MountOptions other) {
    MountOptions all = this;
    for (MountAttribute attribute : other.set) {
      all = all.with(attribute);
    }
    for (MountAttribute attribute : other.cleared) {
      all = all.without(attribute);
    }
    for (Propagation each : other.propagation) {
      all = all.with(each);
    }
    for (ByteString word : other.words) {
      all = all.with(word);
    }
    return all;
  }

  /** Without a word that is not the kernel's. */
  MountOptions without(String word) {
    List<ByteString> rest =
        words.stream().filter(each -> !each.equals(ByteString.of(word))).toList();
    return new MountOptions(set, cleared, propagation, rest);
  }

  boolean has(String word) {
    return words.contains(ByteString.of(word));
  }

  /**
   * Returns the words that the file system is given: without those that mount(8) and systemd read
   * in fstab themselves, such as {@code noauto} and {@code x-systemd.automount}.
   *
   * @return the words, in order
   */
  public List<ByteString> data() {
    return words.stream().filter(MountOptions::isForTheKernel).toList();
  }

  private static boolean isForTheKernel(ByteString word) {
    String text = word.toString();
    return !NOT_FOR_THE_KERNEL.contains(text)
        && !text.startsWith("x-")
        && !text.startsWith("X-")
        && !text.startsWith("comment=");
  }

  /**
   * Returns the options as {@link #parse(ByteString)} takes them.
   *
   * @return the words, attributes first; {@code defaults} when there are none
   */
  public ByteString text() {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    Stream.of(
            set.stream().map(MountAttribute::option),
            cleared.stream().map(MountOptions::clearing),
            propagation.stream().map(Propagation::option))
        .flatMap(each -> each)
        .forEach(word -> append(all, word.getBytes(StandardCharsets.UTF_8)));
    words.forEach(word -> append(all, quoted(word.bytes())));
    return all.size() == 0 ? ByteString.of("defaults") : ByteString.ofBytes(all.toByteArray());
  }

  /** Returns the options as fstab has them; bytes that are not UTF-8 are escaped. */
  @Override
  public String toString() {
    return text().toString();
  }

  // Without NOATIME there is the default, and likewise without the other rules.
  private static String clearing(MountAttribute attribute) {
    return attribute.opposite().isEmpty() ? "atime" : attribute.opposite();
  }

  private static void append(ByteArrayOutputStream all, byte[] word) {
    if (all.size() > 0) {
      all.write(',');
    }
    all.writeBytes(word);
  }

  /** A value with a comma that nothing escapes is put between quotes. */
  private static byte[] quoted(byte[] word) {
    if (split(ByteString.ofBytes(word)).size() == 1) {
      return word;
    }
    int value = 0;
    while (value < word.length && word[value] != '=' && word[value] != ',') {
      value++;
    }
    value = word[value] == '=' ? value + 1 : 0;
    ByteArrayOutputStream quoted = new ByteArrayOutputStream();
    quoted.write(word, 0, value);
    quoted.write('"');
    quoted.write(word, value, word.length - value);
    quoted.write('"');
    return quoted.toByteArray();
  }

  private static List<ByteString> split(ByteString options) {
    List<ByteString> parts = new ArrayList<>();
    ByteArrayOutputStream word = new ByteArrayOutputStream();
    boolean inQuotes = false;
    byte before = 0;
    for (byte b : options.bytes()) {
      if (b == '"' && before != '\\') {
        inQuotes = !inQuotes;
      } else if (b == ',' && !inQuotes && before != '\\') {
        parts.add(ByteString.ofBytes(word.toByteArray()));
        word.reset();
      } else {
        word.write(b);
      }
      before = b;
    }
    if (inQuotes) {
      throw new IllegalArgumentException("a quote is not closed in mount options: " + options);
    }
    parts.add(ByteString.ofBytes(word.toByteArray()));
    return parts;
  }

  private static boolean contains(ByteString word, int b) {
    for (byte each : word.bytes()) {
      if (each == b) {
        return true;
      }
    }
    return false;
  }

  private static boolean hasBareQuote(ByteString word) {
    byte before = 0;
    for (byte each : word.bytes()) {
      if (each == '"' && before != '\\') {
        return true;
      }
      before = each;
    }
    return false;
  }

  private static Set<MountAttribute> copy(Set<MountAttribute> attributes) {
    Set<MountAttribute> copy = EnumSet.noneOf(MountAttribute.class);
    copy.addAll(attributes);
    return copy;
  }
}
