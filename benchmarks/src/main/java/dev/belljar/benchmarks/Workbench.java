package dev.belljar.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files of a run, in a temporary folder: the C program, and a root directory with two commands.
 */
final class Workbench implements AutoCloseable {
  /** In the root directory: a static program that does nothing. */
  static final String TRUE = "/true";

  /** In the root directory: a static program that waits until it is killed. */
  static final String PAUSE = "/pause";

  private final Path folder;

  private Workbench(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes the folder and compiles the C programs with {@code cc}.
   *
   * @param sources the folder of the peer's sources
   */
  static Workbench make(Path sources) throws IOException, InterruptedException {
    Workbench made = new Workbench(Files.createTempDirectory("belljar-benchmarks"));
    try {
      made.fill(sources);
      return made;
    } catch (IOException | InterruptedException | RuntimeException e) {
      made.close();
      throw e;
    }
  }

  private void fill(Path sources) throws IOException, InterruptedException {
    for (String mountPoint : List.of("proc", "sys", "dev", "tmp")) {
      Files.createDirectories(root().resolve(mountPoint));
    }
    compileStatic(TRUE, "int main(void) { return 0; }");
    compileStatic(PAUSE, "#include <unistd.h>\nint main(void) { return pause(); }");
    List<String> command = new ArrayList<>(List.of("cc", "-O2", "-o", peer().toString()));
    try (Stream<Path> files = Files.list(sources)) {
      files.map(Path::toString).filter(name -> name.endsWith(".c")).forEach(command::add);
    }
    run(command);
  }

  private void compileStatic(String name, String source) throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve(name.substring(1) + ".c"), source + "\n");
    run(List.of("cc", "-O2", "-static", "-o", inRoot(name), file.toString()));
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    int status = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (status != 0) {
      throw new IllegalStateException(String.join(" ", command) + " failed");
    }
  }

  /** The root directory of all containers. */
  Path root() {
    return folder.resolve("root");
  }

  /** Where one of the commands is, seen from outside. */
  String inRoot(String command) {
    return root() + command;
  }

  /** The C program. */
  Path peer() {
    return folder.resolve("peer");
  }

  /** A new folder. */
  Path folder(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  @Override
  public void close() {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
