package dev.belljar.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;

/** Other JVMs with this program on their class path. */
final class Jvms {
  private static final String MANY_MOUNTS =
      """
      folder=$1 count=$2
      shift 2
      mount -t tmpfs mounts "$folder"
      while [ "$count" -gt 0 ]; do
        mkdir "$folder/$count"
        mount --bind "$folder/$count" "$folder/$count"
        count=$((count - 1))
      done
      exec "$@"
      """;

  private final Workbench workbench;
  private final String classPath;

  /** Packs the program and the library into jars, as an application would have them. */
  Jvms(Workbench workbench) throws IOException {
    this.workbench = workbench;
    ToolProvider jar = ToolProvider.findFirst("jar").orElseThrow();
    String path = System.getProperty("jdk.module.path", System.getProperty("java.class.path"));
    List<String> jars = new ArrayList<>();
    for (String entry : path.split(":")) {
      if (!Files.isDirectory(Path.of(entry))) {
        jars.add(entry);
        continue;
      }
      String file = workbench.folder("jars").resolve(jars.size() + ".jar").toString();
      jar.run(System.out, System.err, "--create", "--file=" + file, "-C", entry, ".");
      jars.add(file);
    }
    classPath = String.join(":", jars);
  }

  /** Returns a command that runs a main class of this package. */
  List<String> command(Class<?> main, List<String> options, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(options);
    command.addAll(List.of("-cp", classPath, main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  /** The time from the launch of a JVM to its end. */
  Peer launch(String name, Class<?> main, List<String> options) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("spawn"));
    arguments.addAll(command(main, options, workbench.root().toString()));
    return NativePeer.start(name, workbench.peer(), arguments);
  }

  /** The time of a container's start, or of what the words say, in a JVM that has warmed up. */
  NativePeer warm(String name, List<String> options, String... words) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(workbench.root().toString()));
    arguments.addAll(List.of(words));
    List<String> command = command(JavaPeer.class, options, arguments.toArray(String[]::new));
    return NativePeer.start(name, Path.of(command.getFirst()), command.subList(1, command.size()));
  }

  /** The same with prepared mounts, in a mount namespace that has so many mounts more. */
  NativePeer warmBesideMounts(String name, int mounts) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("--mount", "sh", "-c", MANY_MOUNTS, "sh"));
    arguments.add(workbench.folder("mounts" + mounts).toString());
    arguments.add(Integer.toString(mounts));
    String root = workbench.root().toString();
    arguments.addAll(command(JavaPeer.class, List.of(), root, JavaPeer.PREPARED));
    return NativePeer.start(name, Path.of("unshare"), arguments);
  }

  /**
   * Makes an ahead-of-time cache for a main class.
   *
   * @return the option that uses it
   * @see <a href="https://openjdk.org/jeps/514">JEP 514</a>
   */
  String cache(Class<?> main) throws IOException, InterruptedException {
    Path cache = workbench.folder("cache").resolve(main.getSimpleName() + ".aot");
    List<String> training =
        command(main, List.of("-XX:AOTCacheOutput=" + cache), workbench.root().toString());
    Process process =
        new ProcessBuilder(training)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (process.waitFor() != 0 || !Files.exists(cache)) {
      throw new IllegalStateException(String.join(" ", training) + " failed");
    }
    return "-XX:AOTCache=" + cache;
  }
}
