package dev.belljar;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** A directory that a container can have as its root: a shell and the usual programs. */
final class BusyboxTree {
  private static final List<String> PROGRAMS =
      List.of(
          "sh",
          "cat",
          "chroot",
          "echo",
          "env",
          "grep",
          "hostname",
          "id",
          "insmod",
          "ls",
          "mkdir",
          "mknod",
          "mount",
          "pwd",
          "readlink",
          "rm",
          "sleep",
          "sort",
          "touch",
          "sed",
          "true",
          "umount",
          "unshare");

  private BusyboxTree() {}

  /** The machine's own. */
  static Path program() throws IOException {
    return Arrays.stream(System.getenv("PATH").split(":"))
        .map(folder -> Path.of(folder, "busybox"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow()
        .toRealPath();
  }

  /** Fills a directory; skips the test where the machine's busybox needs libraries. */
  static void make(Path directory) throws IOException {
    Path busybox = program();
    byte[] program = Files.readAllBytes(busybox);
    String beginning = new String(program, 0, 1024, StandardCharsets.ISO_8859_1);
    Assumptions.assumeFalse(beginning.contains("/ld-"), "needs a statically linked busybox");
    Path bin = Files.createDirectory(directory.resolve("bin"));
    Files.copy(busybox, bin.resolve("busybox"));
    for (String name : PROGRAMS) {
      Files.createSymbolicLink(bin.resolve(name), Path.of("busybox"));
    }
  }
}
