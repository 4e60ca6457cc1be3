package dev.belljar.cgroups.testing;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupLayout;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A group for one test in every hierarchy that is mounted; see {@link TestGroup}. */
public final class TestGroups implements AutoCloseable {
  private final List<TestGroup> groups = new ArrayList<>();

  private TestGroups() {}

  /** Makes the groups, on a machine with version 2 only with cpu, memory, pids and io. */
  public static TestGroups everywhere() {
    TestGroups made = new TestGroups();
    CgroupLayout layout = CgroupLayout.current();
    for (Hierarchy hierarchy : layout.hierarchies()) {
      if (hierarchy.version() == CgroupVersion.V1) {
        hierarchy.subsystems().stream()
            .findFirst()
            .ifPresent(subsystem -> made.groups.add(TestGroup.v1(subsystem)));
      } else if (layout.kind() == CgroupLayout.Kind.V2) {
        made.groups.add(
            TestGroup.v2(Subsystem.CPU, Subsystem.MEMORY, Subsystem.PIDS, Subsystem.BLKIO));
      } else {
        made.groups.add(TestGroup.v2());
      }
    }
    return made;
  }

  /** The group in each hierarchy. */
  public List<CgroupDirectory> directories() {
    return groups.stream().map(TestGroup::directory).toList();
  }

  /** The group in the hierarchy that has a file, version 1 first. */
  public Optional<CgroupDirectory> with(String file) {
    return directories().stream()
        .sorted(Comparator.comparing(CgroupDirectory::version))
        .filter(each -> each.has(file))
        .findFirst();
  }

  /** The group in the hierarchy of version 2. */
  public Optional<CgroupDirectory> v2() {
    return directories().stream().filter(each -> each.version() == CgroupVersion.V2).findFirst();
  }

  /** The contents of the first of some files that is there. */
  public Optional<String> read(String... names) {
    return Stream.of(names)
        .flatMap(name -> with(name).map(group -> group.read(name)).stream())
        .findFirst();
  }

  /** Starts a shell that runs a script once it is in all the groups. */
  public Process run(String script) {
    return runIn(directories(), script);
  }

  /** Starts a shell that runs a script once it is in some groups. */
  public Process runIn(List<CgroupDirectory> directories, String script) {
    Process process = groups.getFirst().start("read go; " + script);
    String pid = Long.toString(process.pid());
    directories.forEach(each -> each.write("cgroup.procs", pid));
    say(process, "go");
    return process;
  }

  /** Starts a shell in none of the groups; it ends with the test. */
  public Process start(String script) {
    return groups.getFirst().start(script);
  }

  /** Writes a line to a process. */
  public static void say(Process process, String line) {
    try {
      process.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    groups.reversed().forEach(TestGroup::close); // the first one has the processes
  }
}
