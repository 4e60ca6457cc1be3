package dev.belljar.cgroups;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Groups that are made without the library, and removed at the end of a test. */
final class ForeignGroups implements AutoCloseable {
  /** Found by the check of what tests leave behind, and not taken for the library's own. */
  static final String NAME = "belljar-test";

  private final List<Path> made = new ArrayList<>();

  /** Makes a group, below one that exists. */
  Path make(Path group) {
    try {
      Files.createDirectory(group);
      made.add(group);
      for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
        Path above = group.resolveSibling(file);
        // On version 1 a group without processors takes no process.
        if (Files.exists(above) && !Files.exists(group.resolve("cgroup.controllers"))) {
          Files.writeString(group.resolve(file), Files.readString(above));
        }
      }
      return group;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    for (Path group : made.reversed()) {
      GroupTest.until(group + " can be removed", () -> removed(group));
    }
  }

  private static boolean removed(Path group) {
    try {
      return Files.deleteIfExists(group) || !Files.exists(group);
    } catch (IOException busy) {
      return false;
    }
  }
}
