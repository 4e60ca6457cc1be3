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

  // libc's start-up asks the processor some 40 things about itself, which in a virtual machine
  // takes
  // as long as a third of what is to be measured.
  private static final String EXIT =
      """
      void _start(void)
      {
      #if defined(__x86_64__)
      	__asm__ volatile("syscall" : : "a"(231L), "D"(0L));
      #else
      	register long number __asm__("x8") = 94;
      	register long status __asm__("x0") = 0;
      	__asm__ volatile("svc 0" : : "r"(number), "r"(status));
      #endif
      	__builtin_unreachable();
      }
      """;

  private final Path folder;

  private Workbench(Path folder) {
    this.folder = folder;
  }

  /**
   * Makes the folder and compiles the C programs with {@code cc}.
   *
   * @param sources the folder of the peer's sources
   * @param libc whether {@link #TRUE} is linked with libc
   */
  static Workbench make(Path sources, boolean libc) throws IOException, InterruptedException {
    Workbench made = new Workbench(Files.createTempDirectory("belljar-benchmarks"));
    try {
      made.fill(sources, libc);
      return made;
    } catch (IOException | InterruptedException | RuntimeException e) {
      made.close();
      throw e;
    }
  }

  private void fill(Path sources, boolean libc) throws IOException, InterruptedException {
    for (String mountPoint : List.of("proc", "sys", "dev", "tmp")) {
      Files.createDirectories(root().resolve(mountPoint));
    }
    if (libc) {
      compileStatic(TRUE, "int main(void) { return 0; }");
    } else {
      compileStatic(TRUE, EXIT, "-nostdlib");
    }
    compileStatic(PAUSE, "#include <unistd.h>\nint main(void) { return pause(); }");
    List<String> command = new ArrayList<>(List.of("cc", "-O2", "-o", peer().toString()));
    try (Stream<Path> files = Files.list(sources)) {
      files.map(Path::toString).filter(name -> name.endsWith(".c")).forEach(command::add);
    }
    run(command);
  }

  private void compileStatic(String name, String source, String... options)
      throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve(name.substring(1) + ".c"), source + "\n");
    List<String> command = new ArrayList<>(List.of("cc", "-O2", "-static"));
    command.addAll(List.of(options));
    command.addAll(List.of("-o", inRoot(name), file.toString()));
    run(command);
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
