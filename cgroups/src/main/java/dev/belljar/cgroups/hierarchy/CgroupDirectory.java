package dev.belljar.cgroups.hierarchy;

import dev.belljar.cgroups.tree.Backoff;
import dev.belljar.cgroups.tree.Cpusets;
import dev.belljar.cgroups.tree.GroupKill;
import dev.belljar.cgroups.tree.GroupTree;
import dev.belljar.cgroups.tree.Names;
import dev.belljar.cgroups.tree.Undo;
import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.DirectoryCalls;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;

/**
 * A group in one hierarchy, of whoever's making: a directory of control files.
 *
 * <p>It holds the directory open, so that a rename or an unmount above does not lead elsewhere.
 * Closing it leaves the group as it is. Safe for use by several threads.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/cgroups.7.html">cgroups(7)</a>
 */
public final class CgroupDirectory implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int MODE = 0755;

  private final Hierarchy hierarchy;
  private final BytePath path;
  private final Descriptor directory;

  private CgroupDirectory(Hierarchy hierarchy, BytePath path, Descriptor directory) {
    this.hierarchy = hierarchy;
    this.path = path;
    this.directory = directory;
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
    if (!path.startsWith(hierarchy.mountPoint())) {
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
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    return new CgroupDirectory(
        hierarchy, path.resolve(name), GroupTree.open(directory.number(), bytes));
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
   * Tells whether it has a control file, which depends on the kernel and on the controllers that
   * are enabled for it.
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
      throw e.doing("reading " + path.resolve(file));
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
   * Lists its processes and those of the groups below it.
   *
   * @return process ids; 0 for those outside the JVM's own PID namespace
   * @throws LinuxException when the kernel refuses
   */
  public Set<Long> processes() {
    return GroupTree.processes(directory.number(), GroupTree.here());
  }

  /**
   * Kills all processes in it and below it, and what they fork meanwhile.
   *
   * <p>On version 1 forks are held only in the hierarchy of the freezer.
   *
   * @throws IllegalStateException when the calling JVM is in it or below it
   * @throws LinuxException when the kernel refuses
   */
  public void kill() {
    OwnGroup.refuse(this, "killing");
    if (version() == CgroupVersion.V2) {
      GroupKill.v2(directory.number(), GroupTree.here());
    } else {
      boolean freezer = hierarchy.has(Subsystem.FREEZER);
      GroupKill.v1(directory.number(), GroupTree.here(), freezer, new Backoff(PATIENCE));
    }
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
