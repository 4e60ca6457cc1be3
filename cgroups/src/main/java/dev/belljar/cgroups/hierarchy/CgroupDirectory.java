package dev.belljar.cgroups.hierarchy;

import dev.belljar.cgroups.tree.Backoff;
import dev.belljar.cgroups.tree.Cpusets;
import dev.belljar.cgroups.tree.GroupTree;
import dev.belljar.cgroups.tree.MadeMark;
import dev.belljar.cgroups.tree.Names;
import dev.belljar.cgroups.tree.Undo;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.FileStatus;
import dev.belljar.linux.syscall.Syscall;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A group in one hierarchy, of whoever's making: a directory of control files.
 *
 * <p>It holds the directory open, so that a rename or an unmount above does not lead elsewhere.
 * Closing it leaves the group as it is. Safe for use by several threads.
 *
 * {@snippet :
 * Hierarchy pids = CgroupLayout.current().with(Subsystem.PIDS).orElseThrow();
 * try (CgroupDirectory own = CgroupDirectory.open(pids, pids.own().orElseThrow());
 *     CgroupDirectory jobs = own.create("jobs")) {
 *   jobs.write("pids.max", "20");
 *   new GroupMembers(jobs).attach(process.pid());
 *   process.waitFor();
 *   jobs.remove();
 * }
 * }
 *
 * <p>Views of it have what belongs together: {@link GroupMembers}, {@link GroupFreezer}, {@link
 * CoreFilesV1}, {@link CoreFilesV2}, {@link Delegation}, and the controllers.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/cgroups.7.html">cgroups(7)</a>
 */
public final class CgroupDirectory implements AutoCloseable {
  private static final int MODE = 0755;

  private final Hierarchy hierarchy;
  private final BytePath path;
  private final Descriptor directory;
  private Optional<FileStatus> whenMade = Optional.empty();

  private CgroupDirectory(Hierarchy hierarchy, BytePath path, Descriptor directory) {
    this.hierarchy = hierarchy;
    this.path = path;
    this.directory = directory;
  }

  /** Tells whether this library made it, in any JVM. */
  boolean isMade() {
    return whenMade.isPresent() || GroupEnd.isMade(directory, path);
  }

  /** Returns which directory it is; the rest of its status may be old. */
  FileStatus identity() {
    return whenMade.orElseGet(() -> FileStatus.of(directory.number()));
  }

  /**
   * Opens a group.
   *
   * @param hierarchy the hierarchy it is in
   * @param path where it is: the hierarchy's mount point, or below
   * @return the group
   * @throws IllegalArgumentException when the path is not in the hierarchy
   * @throws LinuxException when the kernel refuses: ENOENT when there is no such group
   */
  public static CgroupDirectory open(Hierarchy hierarchy, BytePath path) {
    if (!path.startsWith(hierarchy.mountPoint()) || path.components().contains(BytePath.of(".."))) {
      throw new IllegalArgumentException(path + " is not in " + hierarchy);
    }
    return new CgroupDirectory(hierarchy, path, GroupTree.open(Syscall.AT_FDCWD, path.bytes()));
  }

  /**
   * Makes a group below this one.
   *
   * <p>On version 1 with the cpuset subsystem it is given all processors and memory nodes of this
   * one, since no process could join it otherwise.
   *
   * @param name its name
   * @return the new group
   * @throws IllegalArgumentException when the name is not a file name
   * @throws LinuxException when the kernel refuses: EEXIST when there is one, EAGAIN when {@code
   *     cgroup.max.depth} or {@code cgroup.max.descendants} of a group above is reached
   */
  public CgroupDirectory create(String name) {
    Names.checkGroup(name);
    try {
      DirectoryCalls.make(directory.number(), name, MODE);
    } catch (LinuxException e) {
      throw ControlFileErrors.explain(e, this, "mkdir", name)
          .doing("making the group " + path.resolve(name));
    }
    try {
      CgroupDirectory made = child(name);
      try {
        MadeMark.set(made.directory.number());
        made.whenMade = Optional.of(FileStatus.of(made.directory.number()));
        if (hierarchy.startsEmpty()) {
          Cpusets.fill(directory.number(), made.directory.number());
        }
        return made;
      } catch (RuntimeException | Error e) {
        Undo.after(e, made::close);
        throw e;
      }
    } catch (RuntimeException | Error e) {
      Undo.after(e, () -> DirectoryCalls.remove(directory.number(), name));
      throw e;
    }
  }

  /**
   * Opens a group below this one.
   *
   * @param name its name
   * @return the group
   * @throws IllegalArgumentException when the name is not a file name
   * @throws LinuxException when the kernel refuses: ENOENT when there is no such group
   */
  public CgroupDirectory child(String name) {
    Names.checkGroup(name);
    return descendant(BytePath.of(name));
  }

  /**
   * Opens a group below this one, at any depth.
   *
   * @param relative its path from this one, as {@link #walk} gives it
   * @return the group
   * @throws IllegalArgumentException when the path is absolute or holds {@code ..}
   * @throws LinuxException when the kernel refuses: ENOENT when there is no such group
   */
  public CgroupDirectory descendant(BytePath relative) {
    if (relative.isAbsolute() || relative.components().contains(BytePath.of(".."))) {
      throw new IllegalArgumentException("not a group below " + path + ": " + relative);
    }
    return new CgroupDirectory(
        hierarchy, path.resolve(relative), GroupTree.open(directory.number(), relative.bytes()));
  }

  /**
   * Lists the groups right below this one.
   *
   * @return their names, which need not be text, in the kernel's order
   * @throws LinuxException when the kernel refuses
   */
  public List<BytePath> children() {
    return GroupTree.children(directory.number()).stream().map(BytePath::ofBytes).toList();
  }

  /**
   * Walks through all groups below this one, each before those below it.
   *
   * <p>Groups that come or go meanwhile may be missed.
   *
   * @return their paths from this group, found as the stream goes on
   * @throws LinuxException when the kernel refuses
   */
  public Stream<BytePath> walk() {
    return children().stream().flatMap(this::walk);
  }

  private Stream<BytePath> walk(BytePath relative) {
    List<byte[]> below;
    try (Descriptor group = GroupTree.open(directory.number(), relative.bytes())) {
      below = GroupTree.children(group.number());
    } catch (LinuxException e) {
      if (GroupTree.isGone(e)) {
        return Stream.empty();
      }
      throw e;
    }
    return Stream.concat(
        Stream.of(relative),
        below.stream().flatMap(name -> walk(relative.resolve(BytePath.ofBytes(name)))));
  }

  /**
   * Returns the hierarchy it is in.
   *
   * @return the hierarchy
   */
  public Hierarchy hierarchy() {
    return hierarchy;
  }

  /**
   * Returns the version of its hierarchy.
   *
   * @return the version
   */
  public CgroupVersion version() {
    return hierarchy.version();
  }

  /**
   * Returns where it is.
   *
   * @return an absolute path
   */
  public BytePath path() {
    return path;
  }

  /**
   * Returns its open directory, for system calls that take one.
   *
   * @return a descriptor that stays this object's
   */
  public Descriptor directory() {
    return directory;
  }

  /**
   * Lists its control files, which depend on the kernel, its configuration, the controllers that
   * are enabled for it and whether it is the root.
   *
   * @return the files by name
   * @throws LinuxException when the kernel refuses, such as ENODEV when the group is gone
   */
  public List<ControlFile> files() {
    // Opened anew: listing moves a descriptor's position.
    try (Descriptor fresh = GroupTree.open(directory.number(), GroupTree.here())) {
      return DirectoryCalls.list(fresh.number()).stream()
          .filter(entry -> !entry.isDirectory())
          .map(entry -> new String(entry.name(), StandardCharsets.UTF_8))
          .map(name -> ControlFile.of(version(), name, FileStatus.at(fresh.number(), name).mode()))
          .sorted(Comparator.comparing(ControlFile::name))
          .toList();
    }
  }

  /**
   * Tells whether it has a control file.
   *
   * @param file the file's name, such as {@code cpu.max.burst}
   * @return true when it has
   * @throws IllegalArgumentException when the name is not a file name
   * @throws LinuxException when the kernel refuses, such as ENODEV when the group is gone
   */
  public boolean has(String file) {
    Names.checkFile(file);
    return FileCalls.exists(directory.number(), file);
  }

  /**
   * Tells whether it is the root of a version 1 hierarchy, which alone has a {@code release_agent}:
   * the root of a cgroup namespace is a group like others.
   *
   * @return true when it is
   * @throws LinuxException when the kernel refuses, such as ENODEV when the group is gone
   */
  public boolean isV1Root() {
    return has("release_agent");
  }

  /**
   * Reads a control file.
   *
   * @param file the file's name
   * @return its contents, without the newline at the end
   * @throws IllegalArgumentException when the name is not a file name
   * @throws LinuxException when the kernel refuses: ENOENT when there is no such file, ENODEV when
   *     the group is gone
   */
  public String read(String file) {
    Names.checkFile(file);
    try {
      byte[] text = FileCalls.readFile(directory.number(), file);
      int length = text.length > 0 && text[text.length - 1] == '\n' ? text.length - 1 : text.length;
      return new String(text, 0, length, StandardCharsets.UTF_8);
    } catch (LinuxException e) {
      throw ControlFileErrors.explain(e, this, file, "").doing("reading " + path.resolve(file));
    }
  }

  /**
   * Writes a control file, in one write.
   *
   * @param file the file's name
   * @param value what is written; not empty, since the kernel takes no notice of an empty write (a
   *     newline clears a file such as {@code cpuset.cpus})
   * @throws IllegalArgumentException when the name is not a file name, or the value is empty
   * @throws LinuxException when the kernel refuses; it says which rule was broken where {@link
   *     ControlFileErrors} knows
   */
  public void write(String file, String value) {
    Names.checkFile(file);
    if (value.isEmpty()) {
      throw new IllegalArgumentException("an empty write to " + file + " would do nothing");
    }
    try {
      FileCalls.writeFile(directory.number(), file, value);
    } catch (LinuxException e) {
      throw ControlFileErrors.explain(e, this, file, value)
          .doing("writing " + value.strip() + " to " + path.resolve(file));
    }
  }

  /**
   * Lists its processes and those of the groups below it; see {@link GroupMembers} for more.
   *
   * @return process ids; 0 for those outside the JVM's own PID namespace
   * @throws LinuxException when the kernel refuses
   */
  public Set<Long> processes() {
    return new GroupMembers(this).processesBelow();
  }

  /**
   * Moves a process into it; see {@link GroupMembers#attach}.
   *
   * @param pid the process, in the JVM's PID namespace
   * @throws IllegalArgumentException when the pid is not positive
   * @throws LinuxException when the kernel refuses
   */
  public void attach(long pid) {
    new GroupMembers(this).attach(pid);
  }

  /**
   * Kills all processes in it and below it, and what they fork meanwhile, for up to 10 seconds.
   *
   * <p>When it returns they have been sent SIGKILL; they leave the group a little later. On version
   * 1 forks are held only in the hierarchy of the freezer, and what was frozen goes on to end. On
   * version 2 a threaded group holds parts of processes only: there all processes of its domain are
   * killed, from the domain's root down.
   *
   * @throws IllegalStateException when the calling JVM is in what would be killed
   * @throws LinuxException when the kernel refuses: EBUSY when on version 1 not all could be killed
   *     in time; ENOENT for the root, and for a threaded group whose domain's root is the root
   */
  public void kill() {
    GroupEnd.kill(this);
  }

  /**
   * Removes it, with the groups below it, if this library made them all; removing it again does
   * nothing. Killed processes that have not left yet are waited for, for up to 10 seconds.
   *
   * @throws IllegalStateException when there is a group of others' making among them; then nothing
   *     is removed
   * @throws IllegalArgumentException when it is the root of its hierarchy
   * @throws LinuxException EBUSY when processes are still in it
   */
  public void remove() {
    GroupEnd.remove(this, false, new Backoff(GroupEnd.PATIENCE));
  }

  /**
   * Removes it with the groups below it, whoever made them; removing it again does nothing.
   *
   * @param patience how long to wait for killed processes to leave
   * @throws IllegalArgumentException when it is the root of its hierarchy
   * @throws LinuxException EBUSY when processes are still in it
   */
  public void removeIncludingForeign(Duration patience) {
    GroupEnd.remove(this, true, new Backoff(patience));
  }

  /** Closes the directory; the group stays. */
  @Override
  public void close() {
    directory.close();
  }

  /** Returns its path. */
  @Override
  public String toString() {
    return path.toString();
  }
}
