package dev.belljar;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;

/**
 * Trees of files removed and copied as it is written first: what a name is gets looked at, and is
 * then believed to be that still.
 */
final class CarelessFiles {
  private CarelessFiles() {}

  /** Removes a tree; what is missing is fine. */
  static void delete(Path path) throws IOException {
    if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      makeWritable(path);
      for (Path child : children(path)) {
        delete(child);
      }
    }
    Files.deleteIfExists(path);
  }

  /** Copies what is in a directory over what is in another one; what is missing is left out. */
  static void copyInto(Path from, Path to) throws IOException {
    for (Path child : children(from)) {
      Path copy = to.resolve(child.getFileName());
      if (Files.isDirectory(child, LinkOption.NOFOLLOW_LINKS)) {
        if (!Files.isDirectory(copy)) {
          Files.createDirectory(copy);
        }
        makeWritable(copy);
        copyInto(child, copy);
      } else {
        copyAsItIs(child, copy);
      }
    }
  }

  /** Copies files, having looked that none is a link. */
  static void copy(Path from, List<String> names, Path to) throws IOException {
    for (String name : names) {
      if (Files.isSymbolicLink(from.resolve(name))) {
        throw new IOException(name + " is a link");
      }
    }
    for (String name : names) {
      Path source = from.resolve(name);
      Files.copy(source, to.resolve(source.getFileName()));
    }
  }

  // Whoever is not root has to, in directories of his own.
  private static void makeWritable(Path directory) throws IOException {
    if (!Files.isWritable(directory)) {
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  private static void copyAsItIs(Path from, Path to) throws IOException {
    try {
      Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException gone) {
      // somebody removed it since
    }
  }

  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.toList();
    }
  }
}
