package dev.belljar.linux.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Where this user may make control groups, and with which controllers. */
final class Groups {
  private Groups() {}

  /** Says what is missing to make a group with these controllers, each in either version. */
  static Optional<String> any(String... controllers) {
    Set<String> found = new HashSet<>();
    places("cgroup2").forEach(place -> found.addAll(v2Controllers(place)));
    hierarchies("cgroup").stream()
        .filter(Hierarchy::isOpen)
        .forEach(hierarchy -> found.addAll(hierarchy.options()));
    if (found.isEmpty() && places("cgroup2").isEmpty()) {
      return Optional.of("needs a control group that this user may change");
    }
    return firstMissing(found, "", controllers);
  }

  /** Says what is missing to make a group of version 2 with these controllers. */
  static Optional<String> v2(String... controllers) {
    if (hierarchies("cgroup2").isEmpty()) {
      return Optional.of("needs cgroup v2, which is not mounted");
    }
    List<Path> places = places("cgroup2");
    if (places.isEmpty()) {
      return Optional.of("needs a group in cgroup v2 that this user may change");
    }
    Set<String> found = new HashSet<>();
    places.forEach(place -> found.addAll(v2Controllers(place)));
    return firstMissing(found, " in cgroup v2", controllers);
  }

  /** Says what is missing to make a group of version 1 with these controllers. */
  static Optional<String> v1(String... controllers) {
    List<Hierarchy> all = hierarchies("cgroup");
    if (all.isEmpty()) {
      return Optional.of("needs cgroup v1, which is not mounted");
    }
    Set<String> mounted = new HashSet<>();
    Set<String> open = new HashSet<>();
    for (Hierarchy hierarchy : all) {
      mounted.addAll(hierarchy.options());
      if (hierarchy.isOpen()) {
        open.addAll(hierarchy.options());
      }
    }
    return firstMissing(mounted, " in cgroup v1", controllers)
        .or(() ->
            open.isEmpty() || !open.containsAll(List.of(controllers))
                ? Optional.of("needs a group in cgroup v1 that this user may change")
                : Optional.empty());
  }

  private static Optional<String> firstMissing(
      Set<String> found, String where, String... controllers) {
    return Arrays.stream(controllers)
        .filter(controller -> !found.contains(controller))
        .findFirst()
        .map(controller -> "needs the controller " + controller + where);
  }

  /**
   * A mounted hierarchy.
   *
   * @param mountPoint where it is
   * @param root which of its groups is seen there
   * @param options the mount's own options, of version 1 the controllers among them
   */
  private record Hierarchy(Path mountPoint, String root, Set<String> options) {
    boolean isOpen() {
      return !open().isEmpty();
    }

    /** The JVM's own group and those above it, as far as this user may make groups in them. */
    List<Path> open() {
      return own(this).stream()
          .flatMap(group -> Stream.iterate(group, Path::getParent).limit(depth(group)))
          .filter(Files::isWritable)
          .filter(group -> Files.isWritable(group.resolve("cgroup.procs")))
          .toList();
    }

    private int depth(Path group) {
      return group.getNameCount() - mountPoint.getNameCount() + 1;
    }
  }

  private static List<Path> places(String type) {
    return hierarchies(type).stream().flatMap(hierarchy -> hierarchy.open().stream()).toList();
  }

  private static List<Hierarchy> hierarchies(String type) {
    return lines("/proc/self/mountinfo").stream()
        .filter(mount -> mount.contains(" - " + type + " "))
        .map(mount -> {
          String[] fields = mount.split(" ", -1);
          String options = mount.substring(mount.lastIndexOf(' ') + 1);
          return new Hierarchy(Path.of(fields[4]), fields[3], Set.of(options.split(",")));
        })
        .toList();
  }

  private static Optional<Path> own(Hierarchy hierarchy) {
    return lines("/proc/self/cgroup").stream()
        .map(line -> line.split(":", 3))
        .filter(fields ->
            fields[1].isEmpty()
                ? !Files.exists(hierarchy.mountPoint().resolve("tasks"))
                : hierarchy.options().containsAll(List.of(fields[1].split(","))))
        .map(fields -> Path.of(hierarchy.root()).relativize(Path.of(fields[2])))
        .filter(inside -> !inside.startsWith(".."))
        .map(inside -> hierarchy.mountPoint().resolve(inside).normalize())
        .findFirst();
  }

  private static Set<String> v2Controllers(Path group) {
    return Set.of(String.join(" ", lines(group + "/cgroup.controllers")).strip().split(" "));
  }

  private static List<String> lines(String file) {
    try {
      return Files.readAllLines(Path.of(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
