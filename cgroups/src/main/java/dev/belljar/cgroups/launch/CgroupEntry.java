package dev.belljar.cgroups.launch;

import dev.belljar.cgroups.Cgroup;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.linux.Descriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The open descriptors through which a new process enters a group before its first instruction.
 *
 * <p>On version 2 clone3(2) takes the group's directory. On version 1 the single-threaded runner
 * writes {@code 0} to each {@code tasks} file; never to {@code cgroup.procs}, which takes a lock of
 * the whole machine. They serve any number of starts and stay valid until they are closed.
 *
 * @param v2Directory the group's directory on version 2, for {@code CLONE_INTO_CGROUP}
 * @param v1Tasks its {@code tasks} file on each version 1 hierarchy, open for writing
 */
public record CgroupEntry(Optional<Descriptor> v2Directory, List<Tasks> v1Tasks)
    implements AutoCloseable {
  /**
   * The {@code tasks} file of a group.
   *
   * @param path where it is, for messages
   * @param file the open file
   */
  public record Tasks(String path, Descriptor file) {}

  /** Makes an entry that owns the descriptors. */
  public CgroupEntry {
    v1Tasks = List.copyOf(v1Tasks);
  }

  /**
   * Opens the descriptors of a group.
   *
   * @param group the group
   * @return the descriptors, to be closed when nothing will be started in the group any more
   * @throws dev.belljar.linux.LinuxException when the kernel refuses; nothing stays open
   */
  public static CgroupEntry open(Cgroup group) {
    Optional<Descriptor> v2 = Optional.empty();
    List<Tasks> v1 = new ArrayList<>();
    try {
      for (Hierarchy hierarchy : group.hierarchies()) {
        if (hierarchy.version() == CgroupVersion.V2) {
          v2 = Optional.of(group.openDirectory(hierarchy));
        } else {
          v1.add(
              new Tasks(
                  group.path(hierarchy) + "/tasks", group.openForWriting(hierarchy, "tasks")));
        }
      }
      return new CgroupEntry(v2, v1);
    } catch (RuntimeException | Error e) {
      try {
        new CgroupEntry(v2, v1).close();
      } catch (RuntimeException closing) {
        e.addSuppressed(closing);
      }
      throw e;
    }
  }

  /**
   * Closes all of them.
   *
   * @throws dev.belljar.linux.LinuxException the first that a close reported, the others suppressed
   */
  @Override
  public void close() {
    List<Descriptor> all = new ArrayList<>();
    v2Directory.ifPresent(all::add);
    v1Tasks.forEach(tasks -> all.add(tasks.file()));
    RuntimeException first = null;
    for (Descriptor descriptor : all) {
      try {
        descriptor.close();
      } catch (RuntimeException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
