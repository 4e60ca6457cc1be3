package dev.belljar.examples;

import dev.belljar.Container;
import dev.belljar.Stdio;
import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.ControlFile;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.MountedHierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.hierarchy.SubsystemStatus;
import dev.belljar.linux.BytePath;
import dev.belljar.namespaces.NamespaceType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The walk of the classic cpuset tutorial: mount the hierarchy on a tmpfs, list its files, make the
 * group {@code child}, give it processor and memory node 0, write a process into it, see that
 * process confined, and undo all of it. On a machine with version 2 alone the same is done there.
 *
 * <p>So that nothing of it is seen on the machine, it runs in a mount namespace of its own: the
 * program starts itself once more, in a container that has nothing else of its own. Needs root. It
 * prints what the kernel answers, and waits for a line before it undoes what it did.
 */
public final class CpusetWalk {
  private static final String INSIDE = "inside";

  private CpusetWalk() {}

  /**
   * Runs the example.
   *
   * @param arguments none, or {@code inside} when it is in its own mount namespace
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    if (arguments.length == 1 && arguments[0].equals(INSIDE)) {
      walk();
      return;
    }
    try (Container container =
        Container.builder()
            .namespaces(NamespaceType.MOUNT)
            .privileged()
            .command(again())
            .workingDirectory(System.getProperty("user.dir")) // what the class path may begin at
            .stdin(Stdio.inherit())
            .stdout(Stdio.inherit())
            .stderr(Stdio.inherit())
            .start()) {
      System.exit(container.waitFor());
    }
  }

  /** The command that has started this program, with a word more. */
  private static List<String> again() {
    ProcessHandle.Info self = ProcessHandle.current().info();
    List<String> command = new ArrayList<>();
    command.add(self.command().orElseThrow());
    command.addAll(List.of(self.arguments().orElseThrow()));
    command.add(INSIDE);
    return command;
  }

  private static void walk() throws IOException {
    Path place = Files.createDirectories(Path.of("/tmp/cpuset")); // the container's /tmp is a tmpfs
    System.out.println("/tmp is a    " + Files.getFileStore(place).type());
    // On version 1 only where it is already: else mounting it would take it away from version 2.
    boolean v1 = SubsystemStatus.read(Subsystem.CPUSET).hierarchyId() != 0;
    BytePath at = BytePath.of(place);
    try (MountedHierarchy mounted =
            v1 ? MountedHierarchy.v1(at, Set.of(Subsystem.CPUSET)) : MountedHierarchy.v2(at);
        CgroupDirectory parent = CgroupDirectory.open(mounted.hierarchy(), parent(mounted))) {
      System.out.println("mounted      " + mounted + " at " + place);
      System.out.println("files        " + files(parent));
      String name = "tutorial-" + ProcessHandle.current().pid();
      try (CgroupDirectory group = parent.create(name)) {
        if (!v1) {
          group.write("cgroup.subtree_control", "+cpuset");
        }
        try (CgroupDirectory child = group.create("child")) {
          confine(child);
          child.remove();
        }
        group.remove();
      }
      System.out.println("removed      " + name);
    }
    String[] left = place.toFile().list();
    System.out.println("unmounted    " + left.length + " files left in " + place);
  }

  /** The root; on version 2 the nearest group above this process that hands cpuset down. */
  private static BytePath parent(MountedHierarchy mounted) throws IOException {
    Hierarchy hierarchy = mounted.hierarchy();
    if (hierarchy.version() == CgroupVersion.V1) {
      return mounted.mountPoint();
    }
    BytePath group = hierarchy.own().orElseThrow();
    while (!hands(group)) {
      group = group.parent().orElseThrow();
    }
    return group;
  }

  private static boolean hands(BytePath group) throws IOException {
    String controllers = Files.readString(group.resolve("cgroup.subtree_control").toPath());
    return List.of(controllers.strip().split(" ")).contains("cpuset");
  }

  private static String files(CgroupDirectory group) {
    return group.files().stream().map(ControlFile::name).sorted().collect(Collectors.joining(" "));
  }

  private static void confine(CgroupDirectory child) throws IOException {
    boolean v1 = child.version() == CgroupVersion.V1;
    System.out.println("made         " + child.path());
    for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
      child.write(file, "0");
      System.out.println(file + "  " + child.read(file).strip());
    }
    Process process = new ProcessBuilder("sleep", "1000").start();
    try {
      String tasks = v1 ? "tasks" : "cgroup.procs";
      child.write(tasks, Long.toString(process.pid()));
      System.out.println("process      " + process.pid());
      System.out.println(tasks + "  " + child.read(tasks).strip());
      Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
          .filter(line -> line.contains("_allowed_list"))
          .forEach(System.out::println);
      System.out.println("a line or the end of input undoes it");
      while (System.in.read() >= ' ') {
        // the rest of the line
      }
    } finally {
      process.destroyForcibly();
      process.onExit().join();
    }
  }
}
