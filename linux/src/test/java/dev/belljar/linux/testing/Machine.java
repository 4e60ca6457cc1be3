package dev.belljar.linux.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a test must not change for good, each thing as a line of text: the JVM's descendants, its
 * descriptors and threads, the mounts it sees, Belljar's named hierarchies of cgroups, the
 * subsystems on version 1, the controllers of version 2, every cgroup and temporary file of
 * Belljar, and loop devices of such files.
 *
 * @param things the lines, by kind
 */
public record Machine(Map<String, Set<String>> things) {
  /** Threads that come and go: the JDK's, and those of the library that end when they idle. */
  private static final List<String> PASSING_THREADS =
      List.of(
          "process reaper",
          "ForkJoinPool",
          "Common-Cleaner",
          "Cleaner-",
          "VirtualThread-",
          "Read-Poller",
          "Write-Poller",
          "Attach Listener",
          "JFR ",
          "junit-",
          "belljar-clean-up",
          "belljar-inside");

  /** A process that has ended, and that somebody is about to wait for. */
  private static final String ENDED = " in state Z";

  /** What the JDK opens when it first needs it, and the listing of the descriptors itself. */
  private static final List<String> DESCRIPTORS_OF_THE_JDK =
      List.of(".jar", "/lib/modules", "/dev/random", "/dev/urandom", "/fd");

  /**
   * Looks at the machine.
   *
   * @return what there is now
   */
  public static Machine now() {
    Map<String, Set<String>> things = new TreeMap<>();
    things.put("process", processes());
    things.put("thread", threads());
    things.put("descriptor", descriptors());
    things.put("mount", lines(Path.of("/proc/self/mountinfo")));
    things.put("cgroup", cgroups());
    things.put("hierarchy", hierarchies());
    things.put("file", temporaryFiles());
    things.put("loop device", loopDevices());
    return new Machine(things);
  }

  /**
   * Tells what was added and what went missing.
   *
   * @param before an earlier look
   * @return one line for each difference
   */
  public List<String> differencesFrom(Machine before) {
    List<String> differences = new ArrayList<>();
    things.forEach((kind, now) -> {
      Set<String> then = before.things.get(kind);
      now.stream()
          .filter(thing -> !then.contains(thing))
          .forEach(thing -> differences.add("left behind: " + kind + " " + thing));
      then.stream()
          .filter(thing -> !now.contains(thing) && !thing.endsWith(ENDED))
          .forEach(thing -> differences.add("missing: " + kind + " " + thing));
    });
    return differences;
  }

  private static Set<String> processes() {
    return ProcessHandle.current()
        .descendants()
        .map(child -> child.pid() + " " + firstLine(Path.of("/proc/" + child.pid() + "/stat")))
        .map(line -> line.replaceAll("\\) (\\w) .*", ") in state $1")) // numbers that change
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> PASSING_THREADS.stream().noneMatch(thread.getName()::startsWith))
        .map(thread -> "%s (%d)".formatted(thread.getName(), thread.threadId()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> descriptors() {
    Set<String> descriptors = new TreeSet<>();
    for (Path link : list(Path.of("/proc/self/fd"))) {
      try {
        String target = Files.readSymbolicLink(link).toString();
        if (DESCRIPTORS_OF_THE_JDK.stream().noneMatch(target::endsWith)) {
          descriptors.add(link.getFileName() + " -> " + target);
        }
      } catch (IOException gone) {
        // closed meanwhile
      }
    }
    return descriptors;
  }

  private static Set<String> cgroups() {
    Set<String> groups = new TreeSet<>();
    for (String mount : lines(Path.of("/proc/self/mountinfo"))) {
      if (mount.contains(" - cgroup")) {
        addGroupsBelow(Path.of(mount.split(" ", 6)[4]), groups);
      }
    }
    return groups;
  }

  // Of those without a subsystem only Belljar's: what others mount meanwhile is theirs.
  private static Set<String> hierarchies() {
    Set<String> hierarchies = new TreeSet<>();
    for (String line : lines(Path.of("/proc/self/cgroup"))) {
      if (line.contains("name=belljar")) {
        hierarchies.add(line.substring(0, line.lastIndexOf(':')));
      }
    }
    for (String mount : lines(Path.of("/proc/self/mountinfo"))) {
      if (mount.contains(" - cgroup2 ")) {
        Path tree = Path.of(mount.split(" ", 6)[4]);
        lines(tree.resolve("cgroup.controllers"))
            .forEach(names -> hierarchies.add(tree + " with " + names));
      }
    }
    for (String line : lines(Path.of("/proc/cgroups"))) {
      String[] fields = line.split("\t"); // name, hierarchy, groups, enabled
      if (!line.startsWith("#") && !fields[1].equals("0")) {
        hierarchies.add(fields[0] + " on version 1");
      }
    }
    return hierarchies;
  }

  private static void addGroupsBelow(Path hierarchy, Set<String> groups) {
    try {
      Files.walkFileTree(
          hierarchy,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path group, BasicFileAttributes attributes) {
              if (group.getFileName().toString().contains("belljar")) {
                groups.add(group.toString());
              }
              return hasGroups(group) ? FileVisitResult.CONTINUE : FileVisitResult.SKIP_SUBTREE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  // A directory has a link for each one below; without any, its many files need no look.
  private static boolean hasGroups(Path group) {
    try {
      return (int) Files.getAttribute(group, "unix:nlink") > 2;
    } catch (IOException gone) {
      return false;
    }
  }

  private static Set<String> temporaryFiles() {
    Path own = Path.of(System.getProperty("java.io.tmpdir"));
    Stream<Path> ours =
        list(own).stream().filter(file -> !file.getFileName().toString().startsWith("junit"));
    Stream<Path> elsewhere =
        Stream.of("/tmp", "/dev/shm", "/run", "/var/tmp")
            .flatMap(folder -> list(Path.of(folder)).stream())
            .filter(file -> isOurs(file.getFileName().toString()));
    return Stream.concat(ours, elsewhere)
        .map(Path::toString)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> loopDevices() {
    Set<String> devices = new TreeSet<>();
    String own = System.getProperty("java.io.tmpdir");
    for (Path device : list(Path.of("/sys/block"))) {
      if (device.getFileName().toString().startsWith("loop")) {
        String file = backingFile(device);
        if (file.startsWith(own) || isOurs(file)) {
          devices.add(device.getFileName() + " of " + file);
        }
      }
    }
    return devices;
  }

  private static String backingFile(Path device) {
    try {
      return Files.readString(device.resolve("loop/backing_file")).strip();
    } catch (IOException _) {
      return "";
    }
  }

  // Maven has jars of its own in /tmp while it builds this project, perhaps elsewhere just now.
  private static boolean isOurs(String name) {
    return name.contains("belljar") && !name.endsWith(".jar");
  }

  private static List<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    } catch (IOException | UncheckedIOException absentOrClosed) {
      return List.of();
    }
  }

  private static Set<String> lines(Path file) {
    try {
      return new TreeSet<>(Files.readAllLines(file));
    } catch (NoSuchFileException absent) {
      return Set.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String firstLine(Path file) {
    try {
      return Files.readString(file).lines().findFirst().orElse("");
    } catch (IOException gone) {
      return "gone";
    }
  }
}
