package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.rootfs.MountAttribute;
import java.util.List;
import java.util.Set;

/**
 * The container's view of its own control groups, in {@code /sys/fs/cgroup}: read-only, for
 * programs that look up their limits there.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/cgroup_namespaces.7.html">
 *     cgroup_namespaces(7)</a>
 */
public final class CgroupFiles {
  private static final Set<MountAttribute> ATTRIBUTES =
      Set.of(
          MountAttribute.RDONLY,
          MountAttribute.NOSUID,
          MountAttribute.NODEV,
          MountAttribute.NOEXEC);

  /**
   * A hierarchy to show.
   *
   * @param directory its folder in {@code /sys/fs/cgroup}; empty when it is there itself
   * @param type the file system: {@code cgroup2}, or {@code cgroup} for version 1
   * @param subsystems the version 1 subsystems it has
   */
  public record View(String directory, String type, List<String> subsystems) {
    /** Copies the list. */
    public View {
      subsystems = List.copyOf(subsystems);
    }
  }

  private CgroupFiles() {}

  /**
   * Adds the steps, in a CGROUP namespace whose root is the container's group.
   *
   * @param mounts what to add to
   * @param targets where things are placed
   * @param views the hierarchies; nothing is added when there are none
   */
  static void place(MountSteps mounts, MountTargets targets, List<View> views) {
    if (views.isEmpty()) {
      return;
    }
    if (views.getFirst().directory().isEmpty()) {
      targets.place(
          make(mounts, views.getFirst()), KernelPaths.CGROUP, MountTargets.Kind.DIRECTORY, false);
      return;
    }
    Variable folders = mounts.descriptor("cgroup folders");
    FileSystem tmpfs =
        FileSystem.of("tmpfs", MountAttribute.NOSUID, MountAttribute.NODEV, MountAttribute.NOEXEC)
            .option("mode", "755");
    mounts.make(folders, tmpfs, "make a folder for the control groups");
    for (View view : views) {
      mounts
          .call(
              SyscallNumber.MKDIRAT,
              folders.value(),
              mounts.path(view.directory()),
              literal(0755, "0755"))
          .named("make a folder for a hierarchy of control groups");
    }
    targets.place(folders, KernelPaths.CGROUP, MountTargets.Kind.DIRECTORY, false);
    for (View view : views) {
      mount(mounts, view, folders);
    }
  }

  // In a folder that nobody else has seen yet no name leads anywhere else.
  private static void mount(MountSteps mounts, View view, Variable folders) {
    mounts
        .place(make(mounts, view), folders.value(), view.directory())
        .named("mount the container's view of its control groups");
  }

  private static Variable make(MountSteps mounts, View view) {
    Variable mount = mounts.descriptor("view of the control groups");
    FileSystem fileSystem = new FileSystem(view.type(), List.of(), ATTRIBUTES);
    for (String subsystem : view.subsystems()) {
      fileSystem = fileSystem.option(subsystem, FileSystem.Option.FLAG);
    }
    mounts.make(mount, fileSystem, "show the container its control groups");
    return mount;
  }
}
