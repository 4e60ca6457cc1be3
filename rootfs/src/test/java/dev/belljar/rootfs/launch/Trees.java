package dev.belljar.rootfs.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Small directory trees to be roots, with a shell that needs no library. */
final class Trees {
  static final String BUSYBOX = "/bin/busybox";

  private Trees() {}

  /** Makes a tree that everybody may change, with nothing but programs. */
  static Path programsOnly(Path folder) {
    try {
      Path tree = Files.createDirectory(folder.resolve("tree"));
      Path bin = Files.createDirectory(tree.resolve("bin"));
      Files.copy(Path.of(BUSYBOX), bin.resolve("busybox"));
      Files.createSymbolicLink(bin.resolve("sh"), Path.of("busybox"));
      for (String name :
          List.of("cat", "ls", "touch", "stat", "mkdir", "grep", "readlink", "echo", "od")) {
        Files.createSymbolicLink(bin.resolve(name), Path.of("busybox"));
      }
      for (Path open : List.of(folder, tree)) {
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
      }
      return tree;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes such a tree with the directories that are mounted on. */
  static Path complete(Path folder) {
    Path tree = programsOnly(folder);
    for (String name : List.of("proc", "sys", "dev", "tmp")) {
      try {
        Files.createDirectory(tree.resolve(name));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return tree;
  }
}
