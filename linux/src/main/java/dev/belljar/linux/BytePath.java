package dev.belljar.linux;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A path or file name as Linux has it: bytes, separated by {@code /}.
 *
 * <p>A name on Linux is any bytes but NUL and {@code /}. {@link Path} cannot make a name that the
 * JVM's own encoding cannot express: never the byte 0xFF, and under {@code LC_ALL=C} nothing beyond
 * ASCII. A {@code BytePath} loses nothing, whatever the locale, and its text is always UTF-8.
 *
 * <p>Paths are immutable and kept as they were given: neither {@code .} nor {@code ..}, repeated
 * nor trailing slashes are removed, as only the kernel knows what they lead to. Two paths are equal
 * when their bytes are. Mirrors <a
 * href="https://man7.org/linux/man-pages/man7/path_resolution.7.html">path_resolution(7)</a>.
 *
 * {@snippet :
 * BytePath root = BytePath.of("/srv/box");
 * root.resolve("etc/hosts").toString();                          // /srv/box/etc/hosts
 * BytePath.ofBytes(new byte[] {'a', (byte) 0xff}).toString();    // a\xff
 * }
 */
public final class BytePath implements Comparable<BytePath> {
  /** The longest path a system call takes, in bytes: 4095, the kernel's PATH_MAX less its NUL. */
  public static final int MAX_LENGTH = 4095;

  private static final BytePath ROOT = new BytePath(new byte[] {'/'});

  private final byte[] bytes;

  private BytePath(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * Returns the path of a text, encoded as UTF-8.
   *
   * @param path the path, 1 to 4095 bytes long
   * @return the path
   * @throws IllegalArgumentException when it is empty, too long, or holds a NUL or half a surrogate
   *     pair
   */
  public static BytePath of(String path) {
    return checked(ByteString.encode(path));
  }

  /**
   * Returns the path of the given bytes.
   *
   * @param path 1 to 4095 bytes, without a terminating NUL; they are copied
   * @return the path
   * @throws IllegalArgumentException when it is empty, too long or holds a NUL
   */
  public static BytePath ofBytes(byte[] path) {
    return checked(path.clone());
  }

  /**
   * Returns a path of {@code java.nio.file} as bytes.
   *
   * <p>A path that came from the file system (a directory listing, {@link Path#toRealPath}) keeps
   * its bytes. One that was made from text holds what the JVM's encoding made of that text; where
   * the encoding is not UTF-8 ({@code LC_ALL=C}), use {@link #of(String)} instead. An empty path,
   * which is the current directory, becomes {@code "."}.
   *
   * @param path a path of the default file system
   * @return the same path
   * @throws IllegalArgumentException when the path belongs to another file system, such as that of
   *     a zip file, or is too long
   */
  public static BytePath of(Path path) {
    if (!path.getFileSystem().equals(FileSystems.getDefault())) {
      throw new IllegalArgumentException("not a path of the machine's own file system: " + path);
    }
    String text = path.toString();
    if (text.isEmpty()) {
      return of(".");
    }
    if (text.chars().allMatch(c -> c > 0 && c < 0x80)) {
      return of(text);
    }
    // Beyond ASCII the text may have lost something, but the URI is made from the path's own bytes.
    // It is always that of an absolute path, and ends with a slash if a directory is there.
    byte[] absolute = percentDecoded(Path.of("/").resolve(path).toUri().getRawPath());
    int from = path.isAbsolute() ? 0 : 1;
    int to = absolute[absolute.length - 1] == '/' ? absolute.length - 1 : absolute.length;
    return checked(Arrays.copyOfRange(absolute, from, to));
  }

  /**
   * Returns a path that may be longer than a call takes: the name of a place deep in a tree, which
   * the kernel reported, or which is reached step by step.
   *
   * @param path the path, at least one byte long
   * @return the path
   * @throws IllegalArgumentException when it is empty or holds a NUL
   */
  public static BytePath reported(byte[] path) {
    if (path.length == 0) {
      throw new IllegalArgumentException("empty path");
    }
    return new BytePath(ByteString.requireNoNul(path.clone()));
  }

  private static BytePath checked(byte[] path) {
    BytePath result = reported(path);
    if (path.length > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "path of %d bytes, but a system call takes at most %d: %s..."
              .formatted(path.length, MAX_LENGTH, result.toString().substring(0, 100)));
    }
    return result;
  }

  /**
   * Returns the path as {@code java.nio.file} has it, with the same bytes in every locale.
   *
   * <p>Repeated and trailing slashes are gone, as that package keeps none.
   *
   * @return a path of the default file system
   */
  public Path toPath() {
    // A path made from a URI is not normalized, so no slash may be there twice or last.
    StringBuilder uri = new StringBuilder("file:///");
    String separator = "";
    for (BytePath name : components()) {
      uri.append(separator);
      for (byte b : name.bytes) {
        uri.append('%')
            .append(Character.forDigit((b >> 4) & 0xf, 16))
            .append(Character.forDigit(b & 0xf, 16));
      }
      separator = "/";
    }
    Path absolute = Path.of(URI.create(uri.toString()));
    return isAbsolute() ? absolute : absolute.subpath(0, absolute.getNameCount());
  }

  /**
   * Returns the bytes, without a terminating NUL.
   *
   * @return a copy
   */
  public byte[] bytes() {
    return bytes.clone();
  }

  /**
   * Copies the bytes.
   *
   * @param target where they go
   * @param offset where the first one goes
   * @return the offset behind the last one
   * @throws IndexOutOfBoundsException when there is no room for them
   */
  public int copyTo(byte[] target, int offset) {
    System.arraycopy(bytes, 0, target, offset, bytes.length);
    return offset + bytes.length;
  }

  /**
   * Returns the length in bytes.
   *
   * @return 1 to 4095; more only for a {@linkplain #reported reported} path
   */
  public int length() {
    return bytes.length;
  }

  /**
   * Tells whether the path starts at the root.
   *
   * @return true when the first byte is a slash
   */
  public boolean isAbsolute() {
    return bytes[0] == '/';
  }

  /**
   * Returns a path that continues from this one.
   *
   * @param other a path that starts here; an absolute one is returned as it is
   * @return both, with a slash between them
   * @throws IllegalArgumentException when the result is longer than 4095 bytes
   */
  public BytePath resolve(BytePath other) {
    if (other.isAbsolute()) {
      return other;
    }
    int slash = bytes[bytes.length - 1] == '/' ? 0 : 1;
    byte[] joined = Arrays.copyOf(bytes, bytes.length + slash + other.bytes.length);
    joined[bytes.length + slash - 1] = '/';
    System.arraycopy(other.bytes, 0, joined, bytes.length + slash, other.bytes.length);
    return checked(joined);
  }

  /**
   * Returns a path that continues from this one; see {@link #resolve(BytePath)}.
   *
   * @param other a path, encoded as UTF-8
   * @return both, with a slash between them
   * @throws IllegalArgumentException when {@link #of(String)} refuses the text, or the result is
   *     longer than 4095 bytes
   */
  public BytePath resolve(String other) {
    return resolve(of(other));
  }

  /**
   * Returns the path without its last component, by its text alone: that of {@code a/..} is {@code
   * a}.
   *
   * @return the path; empty for the root and for a single relative name
   */
  public Optional<BytePath> parent() {
    int end = withoutSlashes(startOf(endOfName()));
    if (end > 0) {
      return Optional.of(new BytePath(Arrays.copyOf(bytes, end)));
    }
    return isAbsolute() && endOfName() > 0 ? Optional.of(ROOT) : Optional.empty();
  }

  /**
   * Returns the last component.
   *
   * @return a name without slashes, which may be {@code .} or {@code ..}; empty for the root
   */
  public Optional<BytePath> name() {
    int end = endOfName();
    return end == 0
        ? Optional.empty()
        : Optional.of(new BytePath(Arrays.copyOfRange(bytes, startOf(end), end)));
  }

  /**
   * Returns the names between the slashes, in order.
   *
   * @return the names, among them {@code .} and {@code ..}; none for the root
   */
  public List<BytePath> components() {
    List<BytePath> names = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= bytes.length; i++) {
      if (i == bytes.length || bytes[i] == '/') {
        if (i > start) {
          names.add(new BytePath(Arrays.copyOfRange(bytes, start, i)));
        }
        start = i + 1;
      }
    }
    return List.copyOf(names);
  }

  /**
   * Tells whether this path is the given one or lies below it, component by component, by their
   * text alone: {@code /ab} does not start with {@code /a}, {@code /a//b/} starts with {@code
   * /a/b}.
   *
   * @param prefix the path to start with
   * @return true when both or neither are absolute and this path's first components are the other's
   */
  public boolean startsWith(BytePath prefix) {
    List<BytePath> mine = components();
    List<BytePath> first = prefix.components();
    return isAbsolute() == prefix.isAbsolute()
        && mine.size() >= first.size()
        && mine.subList(0, first.size()).equals(first);
  }

  /** Compares byte by byte, unsigned, as {@link #equals} does. */
  @Override
  public int compareTo(BytePath other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof BytePath path && Arrays.equals(bytes, path.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  /**
   * Returns the path decoded as UTF-8, safe to print: for people and messages, not for opening.
   *
   * <p>Bytes that are not UTF-8, control characters, invisible formatting characters and line
   * separators are escaped byte by byte as {@code \xff}, except {@code \n}, {@code \r} and {@code
   * \t}; a backslash is doubled. Different paths therefore look different.
   */
  @Override
  public String toString() {
    return ByteString.display(bytes);
  }

  /** The end of the last component, 0 when there is none. */
  private int endOfName() {
    return withoutSlashes(bytes.length);
  }

  private int withoutSlashes(int end) {
    int result = end;
    while (result > 0 && bytes[result - 1] == '/') {
      result--;
    }
    return result;
  }

  private int startOf(int end) {
    int start = end;
    while (start > 0 && bytes[start - 1] != '/') {
      start--;
    }
    return start;
  }

  private static byte[] percentDecoded(String rawPath) {
    byte[] ascii = rawPath.getBytes(StandardCharsets.US_ASCII);
    byte[] decoded = new byte[ascii.length];
    int length = 0;
    for (int i = 0; i < ascii.length; i++) {
      if (ascii[i] == '%') {
        decoded[length++] = (byte) Integer.parseInt(rawPath, i + 1, i + 3, 16);
        i += 2;
      } else {
        decoded[length++] = ascii[i];
      }
    }
    return Arrays.copyOf(decoded, length);
  }
}
