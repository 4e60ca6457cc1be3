package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.DeviceNumber;
import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.rootfs.MountAttribute;
import java.util.ArrayList;
import java.util.List;

/**
 * The container's /dev: a small file system in memory with the devices every program expects.
 *
 * <p>Where device files cannot be made, the host's are copied as mounts, one by one.
 */
final class DeviceFiles {
  private static final int S_IFCHR = 0x2000;
  private static final int S_IFREG = 0x8000;
  private static final int READ_WRITE = 0666;

  private record Device(String name, DeviceNumber number) {}

  private record Link(String name, String target) {}

  private static final List<Device> DEVICES =
      List.of(
          new Device("null", NullDevice.NUMBER),
          new Device("zero", new DeviceNumber(1, 5)),
          new Device("full", new DeviceNumber(1, 7)),
          new Device("random", new DeviceNumber(1, 8)),
          new Device("urandom", new DeviceNumber(1, 9)),
          new Device("tty", new DeviceNumber(5, 0)));

  private static final List<Link> LINKS =
      List.of(
          new Link("fd", "/proc/self/fd"),
          new Link("stdin", "/proc/self/fd/0"),
          new Link("stdout", "/proc/self/fd/1"),
          new Link("stderr", "/proc/self/fd/2"),
          new Link("ptmx", "pts/ptmx"));

  // Devices must work in it, so not NODEV. Programs in /dev have no honest use.
  private static final FileSystem DEV =
      FileSystem.of("tmpfs", MountAttribute.NOSUID, MountAttribute.NOEXEC)
          .option("mode", "755")
          .option("size", "64k");

  private static final FileSystem PTS =
      FileSystem.of("devpts", MountAttribute.NOSUID, MountAttribute.NOEXEC)
          .option("ptmxmode", "0666")
          .option("mode", "0620");

  // Group 5 is tty nearly everywhere.
  private static final FileSystem PTS_OF_GROUP_TTY = PTS.option("gid", "5");

  private static final FileSystem SHM =
      FileSystem.of("tmpfs", MountAttribute.NOSUID, MountAttribute.NODEV, MountAttribute.NOEXEC);

  private static final FileSystem MQUEUE =
      FileSystem.of("mqueue", MountAttribute.NOSUID, MountAttribute.NODEV, MountAttribute.NOEXEC);

  private final MountSteps mounts;
  private final RootfsSettings settings;
  private final Variable dev;
  private final NullDevice nullDevice;
  private final List<Variable> copies = new ArrayList<>();

  DeviceFiles(MountSteps mounts, RootfsSettings settings, NullDevice nullDevice) {
    this.mounts = mounts;
    this.settings = settings;
    this.nullDevice = nullDevice;
    this.dev = mounts.descriptor("dev");
  }

  /** Copies the host's devices, where they will not be made. */
  void take() {
    if (!settings.confined()) {
      return;
    }
    for (Device device : DEVICES) {
      Variable copy =
          device.number().equals(NullDevice.NUMBER)
              ? nullDevice.descriptor()
              : mounts.descriptor(device.name());
      copies.add(copy);
      mounts
          .copy(copy, MountSteps.WORKING_DIRECTORY, mounts.path("/dev/" + device.name()), false)
          .named("take the host's /dev/" + device.name());
    }
  }

  void mount(RootTree root) {
    mounts.make(dev, DEV, "make a new /dev");
    for (Device device : DEVICES) {
      makeFile(device);
    }
    for (Link link : LINKS) {
      mounts
          .call(
              SyscallNumber.SYMLINKAT,
              mounts.path(link.target()),
              dev.value(),
              mounts.path(link.name()))
          .named("make the link /dev/" + link.name());
    }
    makeDirectory("pts");
    makeDirectory("shm");
    if (settings.ownIpc()) {
      makeDirectory("mqueue");
    }
    root.mount(dev, "dev", "/dev");
    mountCopies();
    mountTerminals();
    mountNew(SHM, "shm");
    if (settings.ownIpc()) {
      mountNew(MQUEUE, "mqueue");
    }
    if (!settings.confined()) {
      nullDevice.openIn(dev);
    }
  }

  private void mountCopies() {
    for (int i = 0; i < copies.size(); i++) {
      String name = DEVICES.get(i).name();
      mounts.place(copies.get(i), dev.value(), name).named("mount /dev/" + name);
    }
    if (!copies.isEmpty()) {
      mounts
          .restrictTree(dev, DEV.attributes())
          .named("make the devices' mounts private"); // copies of slaves are slaves
    }
  }

  private void makeFile(Device device) {
    boolean copied = settings.confined(); // a mount point then
    mounts
        .call(
            SyscallNumber.MKNODAT,
            dev.value(),
            mounts.path(device.name()),
            literal(
                (copied ? S_IFREG : S_IFCHR) | READ_WRITE,
                copied ? "S_IFREG|0666" : "S_IFCHR|0666"),
            literal(
                copied ? 0 : device.number().encoded(),
                copied
                    ? "0"
                    : "makedev(%d, %d)"
                        .formatted(device.number().major(), device.number().minor())))
        .named("make /dev/" + device.name())
        .remedy(Errno.EPERM, "this takes CAP_MKNOD, which the JVM lacks");
  }

  private void makeDirectory(String name) {
    mounts
        .call(SyscallNumber.MKDIRAT, dev.value(), mounts.path(name), literal(0755, "0755"))
        .named("make the directory /dev/" + name);
  }

  private void mountTerminals() {
    if (!settings.confined()) {
      mountNew(PTS_OF_GROUP_TTY, "pts");
      return;
    }
    // A group that is not mapped in the user namespace is an invalid option.
    Variable mount = mounts.descriptor("dev/pts");
    mounts.makeEither(mount, PTS_OF_GROUP_TTY, PTS, "make a new /dev/pts");
    mounts.place(mount, dev.value(), "pts").named("mount /dev/pts");
  }

  private void mountNew(FileSystem fileSystem, String name) {
    Variable mount = mounts.descriptor("dev/" + name);
    mounts.make(mount, fileSystem, "make a new /dev/" + name);
    mounts.place(mount, dev.value(), name).named("mount /dev/" + name);
  }
}
