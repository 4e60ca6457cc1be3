package dev.belljar.examples.demonstrations;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What this JVM itself sees of the host and, by its /proc, of processes that are elsewhere. */
final class Outside {
  private Outside() {}

  static String text(String file) throws IOException {
    return Files.readString(Path.of(file)).strip();
  }

  /** A file of a process. */
  static String text(long pid, String file) throws IOException {
    return text("/proc/" + pid + "/" + file);
  }

  /** Fields of a line of a process's status. */
  static List<String> status(long pid, String field) throws IOException {
    return text(pid, "status")
        .lines()
        .filter(line -> line.startsWith(field + ":"))
        .flatMap(line -> Arrays.stream(line.substring(field.length() + 1).strip().split("\\s+")))
        .toList();
  }

  /** Whether there is such a process that has not ended. */
  static boolean lives(long pid) throws IOException {
    try {
      return !status(pid, "State").getFirst().equals("Z");
    } catch (NoSuchFileException gone) {
      return false;
    }
  }

  /** This JVM's namespace of a kind, by its file's name. */
  static String ownNamespace(String kind) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/self/ns/" + kind)).toString();
  }

  /** Another process's. */
  static String namespace(long pid, String kind) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/" + kind)).toString();
  }

  /** The sockets that listen on TCP port 80 in a process's network: their inodes. */
  static Set<String> serversOnPort80(String pid) throws IOException {
    Path ofVersion6 = Path.of("/proc/" + pid + "/net/tcp6");
    String all = text("/proc/" + pid + "/net/tcp");
    if (Files.exists(ofVersion6)) { // the JDK's sockets are of both
      all += "\n" + Files.readString(ofVersion6);
    }
    return all.lines()
        .map(line -> line.strip().split(" +"))
        .filter(fields -> fields[1].endsWith(":0050") && fields[3].equals("0A")) // TCP_LISTEN
        .map(fields -> fields[9])
        .collect(Collectors.toSet());
  }
}
