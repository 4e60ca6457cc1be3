package dev.belljar.linux.testing;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How tests start another JVM: like this one, and as quickly as that is possible. */
public final class JavaCommand {
  /** Names a file with classes as the JVM has them in memory; {@code scripts/kernel-tests}. */
  private static final String ARCHIVE = "belljar.test.archive";

  private JavaCommand() {}

  /**
   * Returns the beginning of a command: the program, and the options for a small JVM that does not
   * live long. An own class path, the class and its arguments follow.
   *
   * @return a new list
   */
  public static List<String> start() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-Xshare:auto"));
    String archive = System.getProperty(ARCHIVE, "");
    if (!archive.isEmpty()) {
      command.add("-XX:SharedArchiveFile=" + archive);
      command.add("-Xlog:disable"); // else it says so where the archive does not fit
    }
    return command;
  }

  /**
   * Returns this JVM's class path, for one that may start in another directory, or root.
   *
   * @return absolute paths
   */
  public static String classPath() {
    String own =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return Stream.of(own.split(File.pathSeparator, -1))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }
}
