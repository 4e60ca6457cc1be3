package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.Operation;
import dev.belljar.linux.launch.ProgramBuilder.Label;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.rootfs.MountAttribute;
import java.util.List;

/**
 * Mounts over the parts of /proc and /sys that tell too much about the machine: the null device
 * over files, an empty read-only directory over directories.
 *
 * <p>The paths are libcontainer's and Docker's. They are found below the mounts that this program
 * has made itself, so no link can lead elsewhere, and only one that this kernel does not have is
 * skipped. Each list ends with a path that every kernel has, so that no copy is made in vain:
 * throwing a detached mount away costs more than all the masks.
 */
final class Masks {
  static final FileSystem EMPTY =
      FileSystem.of(
              "tmpfs",
              MountAttribute.RDONLY,
              MountAttribute.NOSUID,
              MountAttribute.NODEV,
              MountAttribute.NOEXEC)
          .option("mode", "755");

  private static final List<String> FILES_IN_PROC =
      List.of(
          "kcore",
          "keys",
          "latency_stats",
          "timer_list",
          "timer_stats",
          "sched_debug",
          "interrupts");

  private static final List<String> DIRECTORIES_IN_PROC = List.of("acpi", "asound", "scsi");

  private static final List<String> DIRECTORIES_IN_SYS =
      List.of("devices/virtual/powercap", "firmware");

  private final MountSteps mounts;

  Masks(MountSteps mounts) {
    this.mounts = mounts;
  }

  void mount(KernelFiles kernel, NullDevice nullDevice) {
    Variable nullCopy = mounts.descriptor("spare null");
    nullDevice.copy(nullCopy, "copy the null device");
    Cover files = new Cover(nullDevice.descriptor(), nullCopy);
    FILES_IN_PROC.forEach(name -> files.over(kernel.proc(), name, "/proc/" + name));
    files.finish();

    Variable empty = mounts.descriptor("empty");
    mounts.make(empty, EMPTY, "make an empty directory");
    Variable emptyCopy = mounts.descriptor("spare empty");
    mounts.program().control(Operation.Control.ADD, empty.value(), literal(0)).into(emptyCopy);
    Cover directories = new Cover(empty, emptyCopy);
    DIRECTORIES_IN_PROC.forEach(name -> directories.over(kernel.proc(), name, "/proc/" + name));
    if (kernel.hasSys()) {
      if (kernel.sysIsTheHosts()) {
        directories.over(kernel.sys(), "fs/cgroup", "/sys/fs/cgroup");
      }
      DIRECTORIES_IN_SYS.forEach(name -> directories.over(kernel.sys(), name, "/sys/" + name));
    }
    directories.finish();
  }

  /** Mounts copies of one mount, each made when the one before has found its place. */
  private final class Cover {
    private final Variable source;
    private final Variable copy;
    private Label withThisCopy = mounts.program().label();
    private boolean isCopyLeft = true;

    Cover(Variable source, Variable copy) {
      this.source = source;
      this.copy = copy;
    }

    void over(Variable directory, String name, String path) {
      String what = "mask " + path;
      if (!isCopyLeft) {
        mounts.copy(copy, source).named(what);
      }
      mounts.program().place(withThisCopy);
      withThisCopy = mounts.program().label();
      mounts.place(copy, directory.value(), name).named(what).on(Errno.ENOENT, withThisCopy);
      isCopyLeft = false;
    }

    void finish() {
      mounts.program().place(withThisCopy);
    }
  }
}
