package dev.belljar;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Folders of tests that containers have written in. */
final class Folders {
  static final boolean IS_ROOT = System.getProperty("user.name").equals("root");

  private Folders() {}

  /** Deletes a folder with all that is in it, directories that nobody may enter included. */
  static void delete(Path folder) throws IOException {
    open(folder);
    try (Stream<Path> all = Files.walk(folder)) {
      List<Path> deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.delete(path);
      }
    }
  }

  /**
   * Makes a folder that can be the upper of an overlay: for root anywhere but on an overlay, for
   * others where there are attributes. Skips the test where there is no such place.
   */
  static Path forUpper(String name) throws IOException {
    for (String place : List.of("/var/tmp", "/tmp", "/dev/shm")) {
      String type = Files.getFileStore(Path.of(place)).type();
      boolean isOld = type.equals("tmpfs") && !hasAttributes(Path.of(place));
      if (!type.equals("overlay") && (IS_ROOT || !isOld)) {
        return Files.createTempDirectory(Path.of(place), name);
      }
    }
    return Assumptions.abort("needs a file system that can be an upper of this user");
  }

  static boolean hasAttributes(Path place) throws IOException {
    Path probe = Files.createTempFile(place, "probe", "");
    try {
      Files.setAttribute(probe, "user:x", ByteBuffer.wrap(new byte[1]));
      return true;
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    } finally {
      Files.delete(probe);
    }
  }

  private static void open(Path folder) throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    try (Stream<Path> children = Files.list(folder)) {
      children
          .filter(child -> Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS))
          .forEach(child -> {
            try {
              open(child);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
  }
}
