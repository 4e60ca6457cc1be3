package dev.belljar.linux;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One mount, as a line of {@code /proc/<pid>/mountinfo} tells it.
 *
 * <p>Names are bytes and decoded: the file prints a space in a name as {@code \040}. Mirrors <a
 * href="https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html">proc_pid_mountinfo(5)</a>.
 *
 * {@snippet :
 * for (MountInfo mount : MountInfo.parse(fileContent)) {
 *   if (mount.type().equals("cgroup") && mount.hasSuperOption("memory")) {
 *     return mount.mountPoint();
 *   }
 * }
 * }
 *
 * @param id the number of the mount, unique among those that exist at one time; a number is used
 *     again after an unmount
 * @param parentId the number of the mount it sits on; for the topmost mount a number that may be
 *     its own or that of a mount not in the file
 * @param device the device of the file system, {@code st_dev} of its files
 * @param root what part of the file system is mounted: a path in it, {@code /} for all. A deleted
 *     one ends with {@code //deleted}; a namespace file has a name such as {@code
 *     net:[4026531833]}; a cgroup above the reader's cgroup namespace begins with {@code /..}
 * @param mountPoint where it is mounted, seen from the root directory of the process whose file it
 *     is; it may be longer than a system call takes ({@link BytePath#MAX_LENGTH})
 * @param options the options of this mount, such as {@code rw}, {@code nosuid}, {@code relatime}
 * @param optionalFields how mounts propagate, as {@code name:value} or {@code name}; see {@link
 *     #peerGroup}, {@link #master}, {@link #propagateFrom} and {@link #isUnbindable}; none for a
 *     private mount
 * @param type the file system type, {@code type.subtype} for FUSE; a subtype whose bytes are not
 *     UTF-8 is shown as {@link ByteString#toString} shows it
 * @param source what was given as source of the mount, often a device; may be empty
 * @param superOptions the options of the file system, {@code rw} or {@code ro} first, each {@code
 *     name} or {@code name=value}
 */
public record MountInfo(
    int id,
    int parentId,
    DeviceNumber device,
    BytePath root,
    BytePath mountPoint,
    List<String> options,
    List<String> optionalFields,
    String type,
    ByteString source,
    List<ByteString> superOptions) {

  // What the kernel escapes, by field (show_mountinfo in fs/proc_namespace.c).
  private static final String IN_PATHS = " \t\n\\";
  private static final String IN_NAMES = " \t\n\\#";
  private static final String IN_OPTIONS = ", \t\n\\";

  private static final String SEPARATOR = "-";
  private static final String SHARED = "shared:";
  private static final String MASTER = "master:";
  private static final String PROPAGATE_FROM = "propagate_from:";

  /**
   * Makes a mount line.
   *
   * @throws IllegalArgumentException when a number is negative, a list of options or the type is
   *     empty, or an option or optional field could not stand in a line of the file
   */
  public MountInfo {
    Objects.requireNonNull(device, "device");
    Objects.requireNonNull(root, "root");
    Objects.requireNonNull(mountPoint, "mountPoint");
    Objects.requireNonNull(source, "source");
    options = List.copyOf(options);
    optionalFields = List.copyOf(optionalFields);
    superOptions = List.copyOf(superOptions);
    if (id < 0 || parentId < 0) {
      throw new IllegalArgumentException("negative mount id: " + id + ", parent " + parentId);
    }
    if (options.isEmpty() || superOptions.isEmpty()) {
      throw new IllegalArgumentException("a mount has at least the option rw or ro");
    }
    if (type.isEmpty() || type.indexOf(0) >= 0) {
      throw new IllegalArgumentException("not a file system type: \"" + type + "\"");
    }
    options.forEach(option -> requireWord(option, ", \t\n\\", "mount option"));
    optionalFields.forEach(field -> requireWord(field, " \t\n\\", "optional field"));
    if (optionalFields.contains(SEPARATOR)) {
      throw new IllegalArgumentException("optional field \"-\" would end the optional fields");
    }
    for (String name : List.of(SHARED, MASTER, PROPAGATE_FROM)) {
      numberOf(optionalFields, name); // refuses one that is no number
    }
  }

  /**
   * Parses a whole mountinfo file.
   *
   * @param file the bytes of the file
   * @return its mounts, in the file's order
   * @throws IllegalArgumentException when a line is not of the kernel's form; the message shows it
   */
  public static List<MountInfo> parse(byte[] file) {
    List<MountInfo> mounts = new ArrayList<>();
    int start = 0;
    while (start < file.length) {
      int end = start;
      while (end < file.length && file[end] != '\n') {
        end++;
      }
      mounts.add(parseLine(Arrays.copyOfRange(file, start, end)));
      start = end + 1;
    }
    return List.copyOf(mounts);
  }

  /**
   * Parses one line.
   *
   * @param line the bytes of the line, without its newline
   * @return the mount
   * @throws IllegalArgumentException when the line is not of the kernel's form
   */
  public static MountInfo parseLine(byte[] line) {
    try {
      return new MountInfoLine(line).parse();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "not a line of mountinfo: %s: %s".formatted(e.getMessage(), ByteString.display(line)), e);
    }
  }

  /**
   * Returns the line as the kernel prints it.
   *
   * @return the bytes of the line, without a newline
   */
  public byte[] toLine() {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    line.writeBytes(utf8(id + " " + parentId + " " + device + " "));
    OctalEscape.encode(line, root.bytes(), IN_PATHS);
    line.write(' ');
    OctalEscape.encode(line, mountPoint.bytes(), IN_PATHS);
    line.writeBytes(utf8(" " + String.join(",", options) + " "));
    optionalFields.forEach(field -> line.writeBytes(utf8(field + " ")));
    line.writeBytes(utf8(SEPARATOR + " "));
    OctalEscape.encode(line, utf8(type), IN_NAMES);
    line.write(' ');
    OctalEscape.encode(line, source.bytes(), IN_NAMES);
    char before = ' ';
    for (ByteString option : superOptions) {
      line.write(before);
      OctalEscape.encode(line, option.bytes(), IN_OPTIONS);
      before = ',';
    }
    return line.toByteArray();
  }

  /**
   * Tells whether this mount has an option of its own.
   *
   * @param option for example {@code ro}
   * @return true if it is among {@link #options}
   */
  public boolean hasOption(String option) {
    return options.contains(option);
  }

  /**
   * Tells whether the file system has an option without a value, or with exactly this one.
   *
   * @param option for example {@code memory} (a version 1 cgroup hierarchy with that controller) or
   *     {@code name=systemd}
   * @return true if it is among {@link #superOptions}
   */
  public boolean hasSuperOption(String option) {
    return superOptions.contains(ByteString.of(option));
  }

  /**
   * Returns the value of an option of the file system.
   *
   * @param name for example {@code upperdir}
   * @return what stands after its first equals sign, in the form of that file system; empty when
   *     the option is absent or has no value; the first when there are several
   */
  public Optional<ByteString> superOption(String name) {
    byte[] start = utf8(name + "=");
    return superOptions.stream()
        .map(ByteString::bytes)
        .filter(option ->
            option.length >= start.length
                && Arrays.equals(option, 0, start.length, start, 0, start.length))
        .map(o -> ByteString.ofBytes(Arrays.copyOfRange(o, start.length, o.length)))
        .findFirst();
  }

  /**
   * Returns the peer group that this mount shares its mounts with ({@code shared:}).
   *
   * @return a positive number; empty when the mount is not shared
   */
  public OptionalInt peerGroup() {
    return numberOf(optionalFields, SHARED);
  }

  /**
   * Returns the peer group that this mount receives mounts from ({@code master:}).
   *
   * @return a positive number; empty when the mount is not a slave
   */
  public OptionalInt master() {
    return numberOf(optionalFields, MASTER);
  }

  /**
   * Returns the nearest peer group under the reader's root that mounts reach this slave from
   * ({@code propagate_from:}), where its immediate master is not under that root.
   *
   * @return a positive number; empty when the file does not say
   */
  public OptionalInt propagateFrom() {
    return numberOf(optionalFields, PROPAGATE_FROM);
  }

  /**
   * Tells whether this mount is private and cannot be bound elsewhere.
   *
   * @return true when it is unbindable
   */
  public boolean isUnbindable() {
    return optionalFields.contains("unbindable");
  }

  /** Returns the line as the kernel prints it, with what cannot be printed escaped once more. */
  @Override
  public String toString() {
    return ByteString.display(toLine());
  }

  private static OptionalInt numberOf(List<String> fields, String name) {
    return fields.stream()
        .filter(field -> field.startsWith(name))
        .mapToInt(
            field -> (int) Decimal.parse(field.substring(name.length()), Integer.MAX_VALUE, name))
        .findFirst();
  }

  private static void requireWord(String word, String forbidden, String what) {
    if (word.isEmpty() || word.chars().anyMatch(c -> c == 0 || forbidden.indexOf(c) >= 0)) {
      throw new IllegalArgumentException("not a %s: \"%s\"".formatted(what, word));
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
