package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.ByteString;
import java.util.List;

/**
 * Something to be mounted in a container: an immutable value that touches nothing.
 *
 * <p>What every mount gets unless its options say otherwise: {@code nosuid} and {@code nodev}, and
 * no propagation in either direction. Its target is a path inside the container, whose symbolic
 * links are followed below the container's root only; what is missing of it is made where the root
 * file system is writable.
 *
 * {@snippet :
 * Container.builder()
 *     .mount(Mount.tmpfs("/scratch").option("size=64m"))
 *     .mount(Mount.bind("/srv/data", "/data").readOnly())
 *     .mount(Mount.parse("none /cache tmpfs mode=0700,noexec 0 0"));
 * }
 *
 * @see <a href="https://man7.org/linux/man-pages/man8/mount.8.html">mount(8)</a>
 */
public sealed interface Mount permits BindMount, NewMount, OverlayMount {
  /**
   * A directory or file of the host, without what is mounted below it.
   *
   * <p>An ordinary user can bind a directory that has mounts below it only with {@link #rbind}: the
   * kernel does not let him see what they hide.
   *
   * @param source the absolute path on the host, encoded as UTF-8; symbolic links are followed, in
   *     a tree of somebody else's only {@linkplain BindMount#within(String) within} a directory
   * @param target the absolute path in the container, encoded as UTF-8
   * @return the mount
   * @throws IllegalArgumentException when a path is relative, empty or too long
   */
  static BindMount bind(String source, String target) {
    return bind(BytePath.of(source), BytePath.of(target));
  }

  /**
   * A directory or file of the host; see {@link #bind(String, String)}.
   *
   * @param source the absolute path on the host; symbolic links are followed
   * @param target the absolute path in the container
   * @return the mount
   * @throws IllegalArgumentException when a path is relative
   */
  static BindMount bind(BytePath source, BytePath target) {
    return BindMount.of(source, target, false);
  }

  /**
   * A directory of the host with everything that is mounted below it; options hold for all of it.
   *
   * @param source the absolute path on the host, encoded as UTF-8; symbolic links are followed
   * @param target the absolute path in the container, encoded as UTF-8
   * @return the mount
   * @throws IllegalArgumentException when a path is relative, empty or too long
   */
  static BindMount rbind(String source, String target) {
    return rbind(BytePath.of(source), BytePath.of(target));
  }

  /**
   * A directory of the host with everything that is mounted below it; see {@link #rbind(String,
   * String)}.
   *
   * @param source the absolute path on the host; symbolic links are followed
   * @param target the absolute path in the container
   * @return the mount
   * @throws IllegalArgumentException when a path is relative
   */
  static BindMount rbind(BytePath source, BytePath target) {
    return BindMount.of(source, target, true);
  }

  /**
   * A new file system of any type the kernel has.
   *
   * @param type the type, as in {@code /proc/filesystems}
   * @param source what to mount, such as a block device, or any word
   * @param target the absolute path in the container, encoded as UTF-8
   * @return the mount
   * @throws IllegalArgumentException when the type is empty or the target is relative
   */
  static NewMount of(String type, String source, String target) {
    return NewMount.of(type, ByteString.of(source), BytePath.of(target));
  }

  /**
   * A new file system of any type the kernel has; see {@link #of(String, String, String)}.
   *
   * @param type the type, as in {@code /proc/filesystems}
   * @param source what to mount, such as a block device, or any word
   * @param target the absolute path in the container
   * @return the mount
   * @throws IllegalArgumentException when the type is empty or the target is relative
   */
  static NewMount of(String type, ByteString source, BytePath target) {
    return NewMount.of(type, source, target);
  }

  /**
   * A new, empty file system in memory. Beside the kernel's options it takes {@link
   * NewMount#copyUp}.
   *
   * @param target the absolute path in the container, encoded as UTF-8
   * @return the mount
   * @throws IllegalArgumentException when the target is relative
   * @see <a href="https://man7.org/linux/man-pages/man5/tmpfs.5.html">tmpfs(5)</a>
   */
  static NewMount tmpfs(String target) {
    return of("tmpfs", "tmpfs", target);
  }

  /**
   * The processes of the container's PID namespace; options are {@code hidepid=} and {@code
   * subset=pid}. An ordinary user needs an own PID namespace.
   *
   * @param target the absolute path in the container, encoded as UTF-8
   * @return the mount, {@code noexec} too
   * @throws IllegalArgumentException when the target is relative
   * @see <a href="https://man7.org/linux/man-pages/man5/proc.5.html">proc(5)</a>
   */
  static NewMount proc(String target) {
    return of("proc", "proc", target).option("noexec");
  }

  /**
   * The kernel's devices and modules, with the network devices of the container's NET namespace. An
   * ordinary user needs an own one.
   *
   * @param target the absolute path in the container, encoded as UTF-8
   * @return the mount, {@code noexec} and read-only
   * @throws IllegalArgumentException when the target is relative
   * @see <a href="https://man7.org/linux/man-pages/man5/sysfs.5.html">sysfs(5)</a>
   */
  static NewMount sysfs(String target) {
    return of("sysfs", "sysfs", target).option("noexec").readOnly();
  }

  /**
   * Pseudo-terminals of its own, with its own {@code ptmx}.
   *
   * @param target the absolute path in the container, encoded as UTF-8
   * @return the mount, {@code noexec}; devices work in it
   * @throws IllegalArgumentException when the target is relative
   * @see <a href="https://docs.kernel.org/filesystems/devpts.html">devpts</a>
   */
  static NewMount devpts(String target) {
    return of("devpts", "devpts", target).option("noexec").option("dev").option("ptmxmode=0666");
  }

  /**
   * The POSIX message queues of the container's IPC namespace. An ordinary user needs an own one.
   *
   * @param target the absolute path in the container, encoded as UTF-8
   * @return the mount, {@code noexec}
   * @throws IllegalArgumentException when the target is relative
   * @see <a href="https://man7.org/linux/man-pages/man7/mq_overview.7.html">mq_overview(7)</a>
   */
  static NewMount mqueue(String target) {
    return of("mqueue", "mqueue", target).option("noexec");
  }

  /**
   * The control groups of version 2, from the container's own down where it has a CGROUP namespace.
   * An ordinary user needs one.
   *
   * @param target the absolute path in the container, encoded as UTF-8
   * @return the mount, {@code noexec} and read-only
   * @throws IllegalArgumentException when the target is relative
   * @see <a href="https://man7.org/linux/man-pages/man7/cgroups.7.html">cgroups(7)</a>
   */
  static NewMount cgroup2(String target) {
    return of("cgroup2", "cgroup2", target).option("noexec").readOnly();
  }

  /**
   * A hierarchy of control groups of version 1, from the container's own group down where it has a
   * CGROUP namespace. An ordinary user needs one.
   *
   * @param subsystems what identifies it, such as {@code memory}, {@code cpu,cpuacct} or {@code
   *     none,name=systemd}; {@link #cgroups} mounts all there are
   * @param target the absolute path in the container, encoded as UTF-8
   * @return the mount, {@code noexec} and read-only
   * @throws IllegalArgumentException when the target is relative
   * @see <a href="https://man7.org/linux/man-pages/man7/cgroups.7.html">cgroups(7)</a>
   */
  static NewMount cgroup(String subsystems, String target) {
    return of("cgroup", "cgroup", target).option("noexec").options(subsystems).readOnly();
  }

  /**
   * All hierarchies of control groups that this machine has mounted, as {@code /sys/fs/cgroup} has
   * them: version 2 alone is mounted on the target; version 1 as a set, with a directory for each.
   *
   * @param host the mounts of this machine
   * @param target the absolute path in the container, encoded as UTF-8
   * @return the mounts, in the order in which they are made; none on a machine without any
   * @throws IllegalArgumentException when the target is relative
   */
  static List<Mount> cgroups(MountTable host, String target) {
    return CgroupSet.of(host, BytePath.of(target));
  }

  /**
   * Layers of directories, seen as one.
   *
   * @param overlay the layers
   * @param target the absolute path in the container, encoded as UTF-8
   * @return the mount
   * @throws IllegalArgumentException when the target is relative
   */
  static OverlayMount overlay(Overlay overlay, String target) {
    return overlay(overlay, BytePath.of(target));
  }

  /**
   * Layers of directories, seen as one.
   *
   * @param overlay the layers
   * @param target the absolute path in the container
   * @return the mount
   * @throws IllegalArgumentException when the target is relative
   */
  static OverlayMount overlay(Overlay overlay, BytePath target) {
    return new OverlayMount(overlay, target, MountOptions.none());
  }

  /**
   * Parses a line as fstab has it: {@code source target type options}, and two numbers that may be
   * missing and are not looked at. The type of a bind does not matter, its option is {@code bind}
   * or {@code rbind}.
   *
   * @param line the line, without a comment
   * @return the mount
   * @throws IllegalArgumentException when there are not four to six words, or one is invalid
   * @see <a href="https://man7.org/linux/man-pages/man5/fstab.5.html">fstab(5)</a>
   */
  static Mount parse(ByteString line) {
    return Fstab.parse(line);
  }

  /**
   * Parses a line as fstab has it; see {@link #parse(ByteString)}.
   *
   * @param line the line, encoded as UTF-8
   * @return the mount
   * @throws IllegalArgumentException when there are not four to six words, or one is invalid
   */
  static Mount parse(String line) {
    return parse(ByteString.of(line));
  }

  /**
   * Where it is mounted.
   *
   * @return an absolute path, as the container sees it
   */
  BytePath target();

  /**
   * How it is mounted.
   *
   * @return the options
   */
  MountOptions options();

  /**
   * The same mount with other options in place of all it has.
   *
   * @param options the options
   * @return the new value
   */
  Mount withOptions(MountOptions options);

  /**
   * The same mount with one more option.
   *
   * @param option a word, such as {@code noexec} or {@code mode=0700}
   * @return the new value
   * @throws IllegalArgumentException when it is none, or does not suit the kind
   */
  Mount option(String option);

  /**
   * The same mount, in which nothing can be written.
   *
   * @return the new value
   */
  Mount readOnly();

  /**
   * Returns the mount as a line of fstab, with spaces in names escaped.
   *
   * @return what {@link #parse(ByteString)} takes
   * @throws IllegalStateException for a bind whose source is looked up {@linkplain
   *     BindMount#within(BytePath) within} a directory, for which without it the line would lead
   *     elsewhere, and for owners that are shown through a map
   */
  default ByteString toFstab() {
    return Fstab.print(this);
  }
}
