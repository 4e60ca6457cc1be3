package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.MountInfo;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Syscall;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * All mounts that a process sees, as a tree with look-ups.
 *
 * <p>A table is what the kernel said at one moment; mounts made later are not in it. Paths are
 * compared name by name as they are given: symbolic links are not followed, {@code .} and {@code
 * ..} are names like others, repeated and trailing slashes do not count.
 *
 * {@snippet :
 * MountTable mounts = MountTable.current();
 * mounts.at(BytePath.of("/proc"));                   // the mount on top there
 * mounts.containing(BytePath.of("/var/lib/box"));    // the one that a file there is on
 * mounts.shared();                                   // those whose mounts reach others
 * }
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html">
 *     proc_pid_mountinfo(5)</a>
 */
public final class MountTable {
  private static final BytePath ROOT = BytePath.of("/");

  private final List<MountInfo> mounts;
  private final Map<Integer, MountInfo> byId = new HashMap<>();
  private final Map<Integer, List<MountInfo>> children = new HashMap<>();
  private final List<MountInfo> tops = new ArrayList<>();

  private MountTable(List<MountInfo> mounts) {
    this.mounts = List.copyOf(mounts);
    this.mounts.forEach(mount -> byId.put(mount.id(), mount));
    for (MountInfo mount : this.mounts) {
      if (isTop(mount)) {
        tops.add(mount);
      } else {
        children.computeIfAbsent(mount.parentId(), _ -> new ArrayList<>()).add(mount);
      }
    }
  }

  /**
   * Reads the mounts that this JVM sees.
   *
   * @return the table
   * @throws LinuxException when {@code /proc/self/mountinfo} cannot be read
   */
  public static MountTable current() {
    return parse(FileCalls.readFile(Syscall.AT_FDCWD, "/proc/self/mountinfo"));
  }

  /**
   * Reads the mounts that a process sees.
   *
   * @param pid its number in this JVM's PID namespace
   * @return the table
   * @throws LinuxException when its {@code mountinfo} cannot be read: ENOENT when there is no such
   *     process, EINVAL when it has ended, EACCES when this JVM may not look into it
   */
  public static MountTable of(long pid) {
    return parse(FileCalls.readFile(Syscall.AT_FDCWD, "/proc/" + pid + "/mountinfo"));
  }

  /**
   * Makes a table of mounts.
   *
   * @param mounts the mounts, as {@link MountInfo#parse} returns them
   * @return the table
   */
  public static MountTable of(List<MountInfo> mounts) {
    return new MountTable(mounts);
  }

  /**
   * Parses a whole mountinfo file.
   *
   * @param file the bytes of the file
   * @return the table
   * @throws IllegalArgumentException when a line is not of the kernel's form
   */
  public static MountTable parse(byte[] file) {
    return new MountTable(MountInfo.parse(file));
  }

  /**
   * Returns every mount, in the file's order.
   *
   * @return the mounts
   */
  public List<MountInfo> mounts() {
    return mounts;
  }

  /**
   * Returns the mounts whose parent is not in the table: the one that is the root directory, and
   * rarely one mounted on the same place outside the view of the process.
   *
   * @return the topmost mounts, in the file's order
   */
  public List<MountInfo> tops() {
    return List.copyOf(tops);
  }

  /**
   * Returns a mount by its number.
   *
   * @param id the number, {@link MountInfo#id}
   * @return the mount; empty when none has it
   */
  public Optional<MountInfo> mount(int id) {
    return Optional.ofNullable(byId.get(id));
  }

  /**
   * Returns what a mount sits on.
   *
   * @param mount a mount of this table
   * @return the mount; empty when it is not in the table
   */
  public Optional<MountInfo> parent(MountInfo mount) {
    return isTop(mount) ? Optional.empty() : mount(mount.parentId());
  }

  /**
   * Returns what sits on a mount directly.
   *
   * @param mount a mount of this table
   * @return the mounts, in the file's order
   */
  public List<MountInfo> children(MountInfo mount) {
    return List.copyOf(children.getOrDefault(mount.id(), List.of()));
  }

  /**
   * Returns a mount and everything that sits on it, each before what sits on it.
   *
   * @param mount a mount of this table
   * @return the mounts; what {@code rbind} copies, less the unbindable
   */
  public List<MountInfo> tree(MountInfo mount) {
    List<MountInfo> all = new ArrayList<>();
    addTree(mount, all);
    return all;
  }

  /**
   * Returns the mount that is visible at a path, where something is mounted on exactly this path.
   *
   * @param path an absolute path, as the process sees it
   * @return the mount; empty when the path is no mount point, or is below one that hides it
   */
  public Optional<MountInfo> at(BytePath path) {
    return containing(path).filter(mount -> isSame(mount.mountPoint(), path));
  }

  /**
   * Returns all mounts on exactly this path, visible or not.
   *
   * @param path an absolute path, as the process sees it
   * @return the mounts, in the file's order
   */
  public List<MountInfo> allAt(BytePath path) {
    return mounts.stream().filter(mount -> isSame(mount.mountPoint(), path)).toList();
  }

  /**
   * Returns the mount that a file is on, if the path leads through no symbolic link.
   *
   * @param path an absolute path, as the process sees it
   * @return the mount; empty only when the table has no root directory
   */
  public Optional<MountInfo> containing(BytePath path) {
    Optional<MountInfo> found = crossing(tops, path);
    for (Optional<MountInfo> next = found; next.isPresent(); ) {
      found = next;
      next = crossing(children.getOrDefault(found.get().id(), List.of()), path);
    }
    return found;
  }

  /**
   * Returns the mounts below a path, visible or not, without those on the path itself.
   *
   * @param path an absolute path, as the process sees it
   * @return the mounts, in the file's order
   */
  public List<MountInfo> under(BytePath path) {
    return mounts.stream()
        .filter(mount -> mount.mountPoint().startsWith(path) && !isSame(mount.mountPoint(), path))
        .toList();
  }

  /**
   * Tells whether a mount can be reached by its path, or is covered by a later one.
   *
   * @param mount a mount of this table
   * @return true when it is the one at its path
   */
  public boolean isVisible(MountInfo mount) {
    return at(mount.mountPoint()).equals(Optional.of(mount));
  }

  /**
   * Returns the mounts that share what is mounted on them with others.
   *
   * @return those with a peer group, in the file's order
   */
  public List<MountInfo> shared() {
    return mounts.stream().filter(mount -> mount.peerGroup().isPresent()).toList();
  }

  /**
   * Returns the mounts in the same peer group, in this table.
   *
   * @param mount a mount
   * @return the others, in the file's order; none when it is not shared
   */
  public List<MountInfo> peers(MountInfo mount) {
    OptionalInt group = mount.peerGroup();
    return mounts.stream()
        .filter(other -> group.isPresent() && other.peerGroup().equals(group))
        .filter(other -> other.id() != mount.id())
        .toList();
  }

  /**
   * Returns the mounts of this table that receive what is mounted on a mount: the slaves of its
   * peer group.
   *
   * @param mount a mount
   * @return the slaves, in the file's order; none when it is not shared
   */
  public List<MountInfo> slaves(MountInfo mount) {
    OptionalInt group = mount.peerGroup();
    return mounts.stream()
        .filter(other -> group.isPresent() && other.master().equals(group))
        .toList();
  }

  private boolean isTop(MountInfo mount) {
    return mount.parentId() == mount.id() || !byId.containsKey(mount.parentId());
  }

  private void addTree(MountInfo mount, List<MountInfo> all) {
    all.add(mount);
    children.getOrDefault(mount.id(), List.of()).forEach(child -> addTree(child, all));
  }

  // Of several on the way the walk meets the one with the shortest path; what is deeper on the same
  // parent is covered by it. Two at the same place: the later one is on top.
  private static Optional<MountInfo> crossing(List<MountInfo> candidates, BytePath path) {
    Optional<MountInfo> best = Optional.empty();
    for (MountInfo each : candidates) {
      if (path.startsWith(each.mountPoint())
          && (best.isEmpty() || depth(each) <= depth(best.get()))) {
        best = Optional.of(each);
      }
    }
    return best;
  }

  private static int depth(MountInfo mount) {
    return mount.mountPoint().components().size();
  }

  private static boolean isSame(BytePath one, BytePath other) {
    return one.isAbsolute() == other.isAbsolute() && one.components().equals(other.components());
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof MountTable table && table.mounts.equals(mounts);
  }

  @Override
  public int hashCode() {
    return mounts.hashCode();
  }

  /** Returns the tree, a line for each mount: its path, type, source and options. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    tops.stream()
        .sorted(Comparator.comparing((MountInfo top) -> !isSame(top.mountPoint(), ROOT)))
        .forEach(top -> print(top, "", text));
    return text.toString();
  }

  private void print(MountInfo mount, String indent, StringBuilder text) {
    text.append(indent)
        .append(mount.mountPoint())
        .append(' ')
        .append(mount.type())
        .append(' ')
        .append(mount.source())
        .append(' ')
        .append(String.join(",", mount.options()));
    mount.optionalFields().forEach(field -> text.append(' ').append(field));
    text.append('\n');
    children(mount).forEach(child -> print(child, indent + "  ", text));
  }
}
