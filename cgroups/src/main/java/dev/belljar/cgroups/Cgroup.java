package dev.belljar.cgroups;

import dev.belljar.cgroups.controller.CpuQuota;
import dev.belljar.cgroups.controller.CpuShares;
import dev.belljar.cgroups.controller.Limit;
import dev.belljar.cgroups.hierarchy.CgroupVersion;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.cgroups.tree.Names;
import dev.belljar.cgroups.tree.Undo;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Finding;
import dev.belljar.linux.LinuxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/**
 * A group of processes, in all hierarchies where it has limits, created, read, killed and removed
 * as one.
 *
 * {@snippet :
 * Resources limits = Resources.builder().memory(64 << 20).pids(20).build();
 * try (Cgroup group = Cgroup.create("job-1", limits)) {
 *   Process process = new ProcessBuilder("sh", "-c", "read line; exec work").start();
 *   group.attach(process.pid());
 *   process.getOutputStream().close();
 *   process.waitFor();
 *   long killed = group.oomKilled().orElse(0);
 * }
 * }
 *
 * <p>Closing it kills what is left in it. Safe for use by several threads.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/cgroups.7.html">cgroups(7)</a>
 */
public final class Cgroup implements AutoCloseable {
  private final String name;
  private final List<GroupDirectory> groups;
  private final List<Finding> findings;

  Cgroup(String name, List<GroupDirectory> groups, List<Finding> findings) {
    this.name = name;
    this.groups = List.copyOf(groups);
    this.findings = List.copyOf(findings);
  }

  /**
   * Makes a group in the usual place; see {@link CgroupRequest} for other places.
   *
   * @param name the group's name, which no other open group of this JVM has
   * @param resources its limits
   * @return the group
   * @throws UnsupportedOperationException when this machine or user cannot make the group or set
   *     all limits; the message lists everything that is missing
   * @throws IllegalArgumentException when the name is not a file name
   * @throws LinuxException when the kernel refuses; nothing is left behind
   */
  public static Cgroup create(String name, Resources resources) {
    CgroupPlacement placement = CgroupPlacement.find(CgroupRequest.of(resources).killable(true));
    return placement
        .create(name)
        .orElseThrow(() ->
            new UnsupportedOperationException(
                String.join("; ", placement.findings().stream().map(Finding::text).toList())));
  }

  /**
   * Returns the group's name.
   *
   * @return the last component of its paths
   */
  public String name() {
    return name;
  }

  /**
   * Returns the hierarchies in which it is a group.
   *
   * @return version 2 first
   */
  public List<Hierarchy> hierarchies() {
    return groups.stream().map(GroupDirectory::hierarchy).toList();
  }

  /**
   * Returns where the group is in a hierarchy.
   *
   * @param hierarchy one of {@link #hierarchies}
   * @return the absolute path of its directory
   * @throws IllegalArgumentException when it is not in the hierarchy
   */
  public BytePath path(Hierarchy hierarchy) {
    return in(hierarchy).path();
  }

  /**
   * Returns what was found out while it was made.
   *
   * @return limits that were left out, and what surprises
   */
  public List<Finding> findings() {
    return findings;
  }

  private GroupDirectory in(Hierarchy hierarchy) {
    return groups.stream()
        .filter(group -> group.hierarchy().equals(hierarchy))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("group " + name + " is not in " + hierarchy));
  }

  private Optional<GroupDirectory> with(Subsystem subsystem) {
    return groups.stream().filter(group -> group.hasFilesOf(subsystem)).findFirst();
  }

  /**
   * Changes limits, while processes run; those that are not said stay as they are.
   *
   * <p>The files are written in the order that the kernel wants. When it refuses one, the earlier
   * values are put back.
   *
   * @param resources the new limits
   * @param options what it may do that is refused otherwise
   * @return what the kernel made of each value
   * @throws UnsupportedOperationException when the group was made without a subsystem that a limit
   *     needs, or its version cannot express one; the message lists all, nothing is changed
   * @throws IllegalArgumentException when the limits contradict those the group has, such as memory
   *     and swap together below the memory limit
   * @throws IllegalStateException when a memory limit of version 2 would be below what is used, or
   *     an idle group would be given a share
   * @throws LinuxException when the kernel refuses
   */
  public List<Written<String>> update(Resources resources, UpdateOption... options) {
    return ResourceUpdate.plan(groups, resources, Set.of(options)).apply();
  }

  /**
   * Opens the group's directory in a hierarchy, as clone3(2) with {@code CLONE_INTO_CGROUP} takes
   * it on version 2.
   *
   * @param hierarchy one of {@link #hierarchies}
   * @return a descriptor for the caller to close
   * @throws IllegalArgumentException when it is not in the hierarchy
   * @throws LinuxException when the kernel refuses
   */
  public Descriptor openDirectory(Hierarchy hierarchy) {
    return in(hierarchy).openDirectory();
  }

  /**
   * Opens a control file for writing.
   *
   * @param hierarchy one of {@link #hierarchies}
   * @param file the file's name, such as {@code tasks}
   * @return a descriptor for the caller to close
   * @throws IllegalArgumentException when it is not in the hierarchy, or the name is not a file
   *     name
   * @throws LinuxException when the kernel refuses
   */
  public Descriptor openForWriting(Hierarchy hierarchy, String file) {
    Names.checkFile(file);
    return in(hierarchy).openForWriting(file);
  }

  /**
   * Reads a control file.
   *
   * <p>The name tells in which hierarchy: that of the subsystem before its first dot, or else the
   * first of {@link #hierarchies}.
   *
   * @param file the file's name, such as {@code cpu.shares} or {@code memory.max}
   * @return its contents, without the newline at the end
   * @throws IllegalArgumentException when the name is not a file name
   * @throws LinuxException ENOENT when there is no such file
   */
  public String read(String file) {
    Names.checkFile(file);
    String prefix = file.substring(0, Math.max(0, file.indexOf('.')));
    return groups.stream()
        .filter(group ->
            Subsystem.named(group.version(), prefix).filter(group.hierarchy()::has).isPresent())
        .findFirst()
        .orElse(groups.getFirst())
        .read(file);
  }

  /**
   * Returns its CPU shares; on version 2 the smallest that {@link CpuShares} turns into its weight.
   *
   * @return 2 to 262144; empty when it is in no hierarchy with the cpu controller
   * @throws LinuxException when the kernel refuses
   */
  public OptionalLong cpuShares() {
    return with(Subsystem.CPU)
        .map(group -> OptionalLong.of(CpuController.shares(group)))
        .orElse(OptionalLong.empty());
  }

  /**
   * Returns its CPU weight; on version 1 the one that {@link CpuShares} makes of its shares.
   *
   * @return 1 to 10000; empty when it is in no hierarchy with the cpu controller
   * @throws LinuxException when the kernel refuses
   */
  public OptionalLong cpuWeight() {
    return with(Subsystem.CPU)
        .map(group -> OptionalLong.of(CpuController.weight(group)))
        .orElse(OptionalLong.empty());
  }

  /**
   * Returns its CPU quota.
   *
   * @return the quota; empty when it has none, or is in no hierarchy with the cpu controller
   * @throws LinuxException when the kernel refuses
   */
  public Optional<CpuQuota> cpuQuota() {
    return with(Subsystem.CPU).flatMap(CpuController::quota);
  }

  /**
   * Returns its memory limit.
   *
   * @return bytes, a multiple of the page size; empty when it is in no hierarchy with the memory
   *     controller
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Limit> memoryLimit() {
    return with(Subsystem.MEMORY).map(MemoryController::limit);
  }

  /**
   * Returns how much memory its processes use, page cache included.
   *
   * @return bytes; empty when it is in no hierarchy with the memory controller
   * @throws LinuxException when the kernel refuses
   */
  public OptionalLong memoryUsage() {
    return with(Subsystem.MEMORY)
        .map(group -> OptionalLong.of(MemoryController.usage(group)))
        .orElse(OptionalLong.empty());
  }

  /**
   * Returns how many of its processes the kernel has killed for lack of memory.
   *
   * @return the number; empty when it is in no hierarchy with the memory controller
   * @throws LinuxException when the kernel refuses
   */
  public OptionalLong oomKilled() {
    return with(Subsystem.MEMORY).map(MemoryController::oomKills).orElse(OptionalLong.empty());
  }

  /**
   * Returns how many processes and threads it may have.
   *
   * @return the number; empty when it is in no hierarchy with the pids controller
   * @throws LinuxException when the kernel refuses
   */
  public Optional<Limit> pidsLimit() {
    return with(Subsystem.PIDS).map(PidsController::limit);
  }

  /**
   * Returns how many processes and threads it has.
   *
   * @return the number; empty when it is in no hierarchy with the pids controller
   * @throws LinuxException when the kernel refuses
   */
  public OptionalLong pidsCurrent() {
    return with(Subsystem.PIDS)
        .map(group -> OptionalLong.of(PidsController.current(group)))
        .orElse(OptionalLong.empty());
  }

  /**
   * Lists its processes, and those of the groups that they made below it.
   *
   * @return process ids; 0 stands for those outside the JVM's own PID namespace
   * @throws LinuxException when the kernel refuses
   */
  public Set<Long> processes() {
    return new TreeSet<>(groups.getFirst().processes());
  }

  /**
   * Moves a process with all its threads into the group; its children that exist stay where they
   * are.
   *
   * <p>Memory it has used is still counted where it was. On version 1 this waits for a lock of the
   * whole machine, up to some milliseconds.
   *
   * @param pid the process, in the JVM's PID namespace
   * @throws IllegalArgumentException when the pid is not positive
   * @throws LinuxException when the kernel refuses: ESRCH when there is no such process
   */
  public void attach(long pid) {
    if (pid <= 0) {
      throw new IllegalArgumentException("not a process id: " + pid);
    }
    groups.forEach(group -> group.write("cgroup.procs", Long.toString(pid)));
  }

  /**
   * Kills all its processes, those of the groups below it, and what they fork meanwhile.
   *
   * <p>When it returns they have been sent SIGKILL; they leave the group a little later.
   *
   * @throws LinuxException when the kernel refuses
   */
  public void kill() {
    groups.stream()
        .filter(group -> group.version() == CgroupVersion.V2)
        .findFirst()
        .or(() -> groups.stream().filter(g -> g.hierarchy().has(Subsystem.FREEZER)).findFirst())
        .orElse(groups.getFirst())
        .kill();
  }

  /**
   * Removes the group, which must hold no running process, and the groups below it.
   *
   * <p>Processes that were killed are waited for, for up to 10 seconds. Removing it again does
   * nothing.
   *
   * @throws LinuxException EBUSY when processes are still in it; it is then removed wherever it can
   *     be, and may be removed again later
   */
  public void remove() {
    remove(groups);
  }

  static void remove(List<GroupDirectory> groups) {
    List<Runnable> removals = new ArrayList<>();
    groups.forEach(group -> removals.add(group::remove));
    Undo.all(removals.toArray(Runnable[]::new));
  }

  /**
   * Kills its processes and removes it; closing it again does nothing.
   *
   * @throws LinuxException when it could not be removed
   */
  @Override
  public void close() {
    Undo.all(this::kill, this::remove);
  }

  /** Returns its name and paths. */
  @Override
  public String toString() {
    return name + groups.stream().map(GroupDirectory::path).toList();
  }
}
