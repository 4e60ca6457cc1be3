package dev.belljar.cgroups;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.hierarchy.Hierarchy;
import dev.belljar.cgroups.hierarchy.Subsystem;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.cgroups.jfr.CgroupRecording;
import dev.belljar.cgroups.tree.Backoff;
import dev.belljar.cgroups.tree.Names;
import dev.belljar.cgroups.tree.Undo;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Finding;
import dev.belljar.linux.LinuxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
public final class Cgroup extends GroupReadings implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final String name;
  private final List<GroupDirectory> groups;
  private final GroupLife life;
  private final List<Finding> findings;
  private final CgroupRecording recording;

  Cgroup(String name, List<GroupDirectory> groups, List<Finding> findings) {
    super(groups);
    this.name = name;
    this.groups = List.copyOf(groups);
    this.life = new GroupLife(this.groups);
    this.findings = List.copyOf(findings);
    this.recording = CgroupRecording.watch(name, places());
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
    return find(hierarchy).path();
  }

  /**
   * Returns what was found out while it was made.
   *
   * @return limits that were left out, and what surprises
   */
  public List<Finding> findings() {
    return findings;
  }

  /**
   * Returns the group in one hierarchy, on which typed controllers stand.
   *
   * @param hierarchy one of {@link #hierarchies}
   * @return the group there; it is closed when this group is removed
   * @throws IllegalArgumentException when it is not in the hierarchy
   * @throws IllegalStateException when it has been removed
   * @throws LinuxException when the kernel refuses
   */
  public CgroupDirectory directory(Hierarchy hierarchy) {
    return find(hierarchy).handle();
  }

  /**
   * Returns the group in the hierarchy of a subsystem: {@code new Pids(group.in(Subsystem.PIDS))}.
   *
   * @param subsystem a subsystem whose files it has
   * @return the group there; it is closed when this group is removed
   * @throws IllegalArgumentException when it has no files of the subsystem
   * @throws IllegalStateException when it has been removed
   * @throws LinuxException when the kernel refuses
   */
  public CgroupDirectory in(Subsystem subsystem) {
    return with(subsystem)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "group " + name + " was made without " + subsystem.v1Name()))
        .handle();
  }

  private GroupDirectory find(Hierarchy hierarchy) {
    return groups.stream()
        .filter(group -> group.hierarchy().equals(hierarchy))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("group " + name + " is not in " + hierarchy));
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
   *     needs, or its version cannot express one; the message lists all, nothing is changed, also
   *     in a group whose request was {@linkplain CgroupRequest#lenient() lenient}
   * @throws IllegalArgumentException when the limits contradict those the group has, such as memory
   *     and swap together below the memory limit
   * @throws IllegalStateException when a memory limit of version 2 would be below what is used,
   *     memory would be lowered or devices denied of a group that this JVM is in, or an idle group
   *     would be given a share
   * @throws LinuxException when the kernel refuses, with the rule that was broken where it is known
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
    return find(hierarchy).openDirectory();
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
    return find(hierarchy).openForWriting(file);
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
   * Lists its threads, and those of the groups below it.
   *
   * @return thread ids; 0 stands for those outside the JVM's own PID namespace
   * @throws LinuxException when the kernel refuses
   */
  public Set<Long> threads() {
    return life.threads();
  }

  /**
   * Tells whether a process is in it or below it; a zombie does not count.
   *
   * @return true when there is one
   * @throws LinuxException when the kernel refuses
   */
  public boolean isPopulated() {
    return life.isPopulated();
  }

  /**
   * Moves a process with all its threads into the group; its children that exist stay where they
   * are. When a hierarchy refuses it, it goes back to where it was in the others.
   *
   * <p>Memory it has used is still counted where it was. On version 1 this waits for a lock of the
   * whole machine, up to some milliseconds.
   *
   * @param pid the process, in the JVM's PID namespace
   * @throws IllegalArgumentException when the pid is not positive
   * @throws LinuxException when the kernel refuses: ESRCH when there is no such process
   */
  public void attach(long pid) {
    life.attach(pid);
  }

  /**
   * Moves one thread into the group on version 1, as {@link #attach} does a process. Version 2 does
   * not part the threads of a process, outside threaded groups: beside version 1 it is left out.
   *
   * @param tid the thread, in the JVM's PID namespace
   * @throws IllegalArgumentException when the tid is not positive
   * @throws LinuxException when the kernel refuses: ESRCH when there is no such thread, EOPNOTSUPP
   *     when the group is on version 2 alone
   */
  public void attachThread(long tid) {
    life.attachThread(tid);
  }

  /**
   * Stops all its processes and those below it, and waits until they stand, for up to 10 seconds.
   *
   * @throws IllegalStateException when the calling JVM is in it or below it
   * @throws UnsupportedOperationException when it is in no hierarchy that can freeze it: a machine
   *     with version 1 alone, and a request that was not {@link CgroupRequest#killable()}
   * @throws LinuxException EBUSY when not all stopped in time; they go on then
   */
  public void freeze() {
    life.freezer().freeze();
  }

  /**
   * Lets its processes go on, and waits until they may.
   *
   * @return false when they stand still, because a group above is frozen
   * @throws UnsupportedOperationException as {@link #freeze} says
   * @throws LinuxException when the kernel refuses
   */
  public boolean thaw() {
    return life.freezer().thaw();
  }

  /**
   * Tells whether all its processes stand, because of this group or one above.
   *
   * @return true when they do
   * @throws UnsupportedOperationException as {@link #freeze} says
   * @throws LinuxException when the kernel refuses
   */
  public boolean isFrozen() {
    return life.freezer().isFrozen();
  }

  /**
   * Kills all its processes, those of the groups below it, and what they fork meanwhile.
   *
   * <p>When it returns they have been sent SIGKILL; they leave the group a little later.
   *
   * @throws IllegalStateException when the calling JVM is in it or below it
   * @throws LinuxException when the kernel refuses
   */
  public void kill() {
    life.killing().kill();
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
    recording.close(); // before, so that the last kills are known
    remove(groups);
  }

  static void remove(List<GroupDirectory> groups) {
    Backoff patience = new Backoff(PATIENCE); // for all of them together
    List<Runnable> removals = new ArrayList<>();
    groups.forEach(group -> removals.add(() -> group.remove(patience)));
    Undo.all(removals.toArray(Runnable[]::new));
  }

  /**
   * Kills its processes and removes it; closing it again does nothing.
   *
   * @throws IllegalStateException when the calling JVM is in it or below it
   * @throws LinuxException when it could not be removed
   */
  @Override
  public void close() {
    try {
      kill();
    } catch (IllegalStateException own) {
      throw own; // this JVM is in it, and would be waited for in vain
    } catch (RuntimeException e) {
      Undo.after(e, this::remove);
      throw e;
    }
    remove();
  }

  /** Returns its name and paths. */
  @Override
  public String toString() {
    return name + groups.stream().map(GroupDirectory::path).toList();
  }
}
