package dev.belljar;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Trees of files that random operations have made, and what can be seen of them. */
final class RandomTree {
  private static final List<String> NAMES = List.of("a", "b", "c");
  private static final List<String> MODES =
      List.of("rwxr-xr-x", "rw-r--r--", "rwx------", "rwxrwxrwx");

  private RandomTree() {}

  static void grow(Path root, Random random, int operations) {
    for (int i = 0; i < operations; i++) {
      try {
        operate(root, random);
      } catch (IOException e) {
        // the name was taken, or not there: as good as any other operation
      }
    }
  }

  private static Path place(Path root, Random random) {
    Path place = root;
    for (int depth = random.nextInt(1, 4); depth > 0; depth--) {
      place = place.resolve(NAMES.get(random.nextInt(NAMES.size())));
    }
    return place;
  }

  private static void operate(Path root, Random random) throws IOException {
    Path place = place(root, random);
    Path other = place(root, random);
    boolean plain = !Files.isSymbolicLink(place);
    switch (random.nextInt(11)) {
      case 0, 1 -> Files.createDirectories(place);
      case 2 -> Files.writeString(place, "text " + random.nextInt(), StandardOpenOption.CREATE_NEW);
      case 3 -> {
        if (plain) {
          Files.writeString(place, "more", StandardOpenOption.APPEND);
        }
      }
      case 4 -> delete(place);
      case 5 -> Files.move(place, other);
      case 6 -> Files.createLink(other, place);
      case 7 -> Files.createSymbolicLink(place, Path.of("../" + NAMES.get(random.nextInt(3))));
      case 8 -> {
        if (plain) {
          Files.setPosixFilePermissions(
              place, PosixFilePermissions.fromString(MODES.get(random.nextInt(MODES.size()))));
        }
        Files.setAttribute(place, "unix:uid", random.nextInt(5), LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(place, "unix:gid", random.nextInt(5), LinkOption.NOFOLLOW_LINKS);
      }
      case 9 -> {
        if (plain) {
          view(place).write("n" + random.nextInt(3), ByteBuffer.wrap(new byte[] {1, 0, 2}));
        }
      }
      default -> {
        try (RandomAccessFile sparse = new RandomAccessFile(place.toFile(), "rw")) {
          sparse.seek(1 << 20);
          sparse.write(random.nextInt());
        }
      }
    }
  }

  private static void delete(Path place) throws IOException {
    try (Stream<Path> all = Files.walk(place)) {
      for (Path each : all.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(each);
      }
    }
  }

  private static UserDefinedFileAttributeView view(Path place) {
    return Files.getFileAttributeView(
        place, UserDefinedFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
  }

  /** A line for each file: name, type, owner, permissions, contents, attributes. */
  static List<String> manifest(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.sorted().map(path -> line(root, path)).toList();
    }
  }

  private static String line(Path root, Path path) {
    try {
      Map<String, Object> all =
          Files.readAttributes(path, "unix:mode,uid,gid", LinkOption.NOFOLLOW_LINKS);
      String what = "";
      Map<String, String> attributes = new TreeMap<>();
      if (Files.isSymbolicLink(path)) {
        what = "-> " + Files.readSymbolicLink(path);
      } else {
        if (Files.isRegularFile(path)) {
          byte[] bytes = Files.readAllBytes(path);
          what = bytes.length + " bytes " + Arrays.hashCode(bytes);
        }
        for (String name : view(path).list()) {
          ByteBuffer value = ByteBuffer.allocate(view(path).size(name));
          view(path).read(name, value);
          attributes.put(name, new String(value.array(), StandardCharsets.ISO_8859_1));
        }
      }
      return "%s %s %s:%s %s %s"
          .formatted(
              root.relativize(path),
              all.get("mode"),
              all.get("uid"),
              all.get("gid"),
              what,
              attributes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
