package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.launch.ProgramBuilder;
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
  private static final String PLACE = "sys/fs/cgroup";
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
   * Adds the steps. They come after {@link RootfsProgram#contribute}, in a CGROUP namespace whose
   * root is the container's group.
   *
   * @param program what to add to
   * @param views the hierarchies; nothing is added when there are none
   */
  public static void contribute(ProgramBuilder program, List<View> views) {
    if (views.isEmpty()) {
      return;
    }
    MountSteps mounts = new MountSteps(program);
    Variable place = mounts.descriptor("cgroup");
    find(mounts, place, PLACE);
    if (views.getFirst().directory().isEmpty()) {
      mount(mounts, place, views.getFirst());
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
    mounts.place(folders, place).named("mount a folder for the control groups");
    for (View view : views) {
      Variable folder = mounts.descriptor(view.directory());
      find(mounts, folder, PLACE + "/" + view.directory());
      mount(mounts, folder, view);
    }
  }

  private static void find(MountSteps mounts, Variable into, String path) {
    new Resolution(mounts.program())
        .directory(into, MountSteps.WORKING_DIRECTORY, mounts.path(path), "look for /" + path);
  }

  private static void mount(MountSteps mounts, Variable target, View view) {
    Variable mount = mounts.descriptor("view of the control groups");
    FileSystem fileSystem = new FileSystem(view.type(), List.of(), ATTRIBUTES);
    for (String subsystem : view.subsystems()) {
      fileSystem = fileSystem.option(subsystem, FileSystem.Option.FLAG);
    }
    mounts.make(mount, fileSystem, "show the container its control groups");
    mounts.place(mount, target).named("mount the container's view of its control groups");
  }
}
