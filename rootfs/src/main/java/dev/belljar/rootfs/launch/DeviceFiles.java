package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.DeviceNumber;
import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.rootfs.Device;
import dev.belljar.rootfs.MountAttribute;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The container's /dev: a small file system in memory with the devices every program expects.
 *
 * <p>Where device files cannot be made, the host's are copied as mounts, one by one.
 */
final class DeviceFiles {
  private static final int S_IFCHR = 0x2000;
  private static final int S_IFBLK = 0x6000;
  private static final int S_IFREG = 0x8000;

  private record Link(String name, String target) {}

  private static final List<Device> DEVICES =
      List.of(
          Device.character("/dev/null", 1, 3),
          Device.character("/dev/zero", 1, 5),
          Device.character("/dev/full", 1, 7),
          Device.character("/dev/random", 1, 8),
          Device.character("/dev/urandom", 1, 9),
          Device.character("/dev/tty", 5, 0));

  private static final List<Link> LINKS =
      List.of(
          new Link("fd", "/proc/self/fd"),
          new Link("stdin", "/proc/self/fd/0"),
          new Link("stdout", "/proc/self/fd/1"),
          new Link("stderr", "/proc/self/fd/2"),
          new Link("ptmx", "pts/ptmx"));

  private static final List<String> DIRECTORIES = List.of("pts", "shm", "mqueue");

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
  private final List<Device> devices;
  private final Optional<Terminal> terminal;
  private final List<Variable> copies = new ArrayList<>();

  DeviceFiles(
      MountSteps mounts,
      RootfsSettings settings,
      NullDevice nullDevice,
      List<Device> extra,
      Optional<Terminal> terminal) {
    this.mounts = mounts;
    this.settings = settings;
    this.nullDevice = nullDevice;
    this.terminal = terminal;
    this.devices = Stream.concat(DEVICES.stream(), extra.stream()).toList();
    this.dev = mounts.descriptor("dev");
  }

  /** Tells why a device cannot be beside what /dev always has. */
  static Optional<String> mistake(Device device) {
    List<BytePath> names = device.path().components();
    boolean isTaken =
        Stream.of(
                DEVICES.stream().map(each -> belowDev(each.path())),
                LINKS.stream().map(link -> BytePath.of(link.name())),
                DIRECTORIES.stream().map(BytePath::of))
            .flatMap(all -> all)
            .anyMatch(names.get(1)::equals);
    return isTaken
        ? Optional.of("device " + device + ": /dev/" + names.get(1) + " is every container's own")
        : Optional.empty();
  }

  /** Copies the host's devices, where they will not be made. */
  void take() {
    if (!settings.confined()) {
      return;
    }
    for (Device device : devices) {
      boolean isNull = device.path().equals(DEVICES.getFirst().path());
      Variable copy =
          isNull ? nullDevice.descriptor() : mounts.descriptor(device.path().toString());
      copies.add(copy);
      String what = "take the host's " + device.source();
      mounts
          .copy(
              copy,
              MountSteps.WORKING_DIRECTORY,
              mounts.program().string(device.source().bytes()),
              false)
          .named(what)
          .remedy(
              Errno.ENOENT,
              "in a user namespace no device can be made, and the host has not got it");
      if (!DEVICES.contains(device)) {
        new DeviceProof(mounts)
            .that(
                copy,
                device.kind(),
                device.number(),
                what,
                "the host has another device there than " + device);
      }
    }
  }

  /** The file system, whatever is mounted at its place later. */
  Variable dev() {
    return dev;
  }

  void mount(RootTree root) {
    mounts.make(dev, DEV, "make a new /dev");
    makeFiles();
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
    Variable terminals = mountTerminals();
    terminal.ifPresent(each -> each.make(mounts, dev, terminals));
    var _ = mountNew(SHM, "shm");
    if (settings.ownIpc()) {
      var _ = mountNew(MQUEUE, "mqueue");
    }
    if (!settings.confined()) {
      nullDevice.openIn(dev);
    }
  }

  private void mountCopies() {
    for (int i = 0; i < copies.size(); i++) {
      BytePath path = devices.get(i).path();
      mounts
          .place(copies.get(i), dev.value(), mounts.program().string(belowDev(path).bytes()))
          .named("mount " + path);
    }
    if (!copies.isEmpty()) {
      mounts
          .restrictTree(dev, DEV.attributes())
          .named("make the devices' mounts private"); // copies of slaves are slaves
    }
  }

  private void makeFiles() {
    Set<BytePath> made = new HashSet<>();
    for (Device device : devices) {
      List<BytePath> names = device.path().components();
      for (int i = 2; i < names.size(); i++) {
        BytePath way = join(names.subList(1, i));
        if (made.add(way)) {
          makeDirectory(way);
        }
      }
      makeFile(device, belowDev(device.path()));
    }
  }

  private static BytePath belowDev(BytePath path) {
    List<BytePath> names = path.components();
    return join(names.subList(1, names.size()));
  }

  private static BytePath join(List<BytePath> names) {
    return names.stream().reduce(BytePath::resolve).orElseThrow();
  }

  private void makeFile(Device device, BytePath name) {
    boolean copied = settings.confined(); // a mount point then
    boolean isBlock = device.kind() == Device.Kind.BLOCK;
    int type = copied ? S_IFREG : isBlock ? S_IFBLK : S_IFCHR;
    String text = copied ? "S_IFREG" : isBlock ? "S_IFBLK" : "S_IFCHR";
    DeviceNumber number = device.number();
    mounts
        .call(
            SyscallNumber.MKNODAT,
            dev.value(),
            mounts.program().string(name.bytes()),
            literal(type | device.mode(), "%s|0%o".formatted(text, device.mode())),
            literal(
                copied ? 0 : number.encoded(),
                copied ? "0" : "makedev(%d, %d)".formatted(number.major(), number.minor())))
        .named("make " + device.path())
        .remedy(
            Errno.EPERM,
            "this takes CAP_MKNOD, which the JVM lacks, or the device rules of its control group"
                + " deny it");
    if (!copied && (device.uid() != 0 || device.gid() != 0)) {
      mounts
          .call(
              SyscallNumber.FCHOWNAT,
              dev.value(),
              mounts.program().string(name.bytes()),
              literal(device.uid()),
              literal(device.gid()),
              literal(Uapi.AT_SYMLINK_NOFOLLOW(), "AT_SYMLINK_NOFOLLOW"))
          .named("give " + device.path() + " to its owner");
    }
  }

  private void makeDirectory(String name) {
    makeDirectory(BytePath.of(name));
  }

  private void makeDirectory(BytePath name) {
    mounts
        .call(
            SyscallNumber.MKDIRAT,
            dev.value(),
            mounts.program().string(name.bytes()),
            literal(0755, "0755"))
        .named("make the directory /dev/" + name);
  }

  private Variable mountTerminals() {
    if (!settings.confined()) {
      return mountNew(PTS_OF_GROUP_TTY, "pts");
    }
    // A group that is not mapped in the user namespace is an invalid option.
    Variable mount = mounts.descriptor("dev/pts");
    mounts.makeEither(mount, PTS_OF_GROUP_TTY, PTS, "make a new /dev/pts");
    mounts.place(mount, dev.value(), "pts").named("mount /dev/pts");
    return mount;
  }

  private Variable mountNew(FileSystem fileSystem, String name) {
    Variable mount = mounts.descriptor("dev/" + name);
    mounts.make(mount, fileSystem, "make a new /dev/" + name);
    mounts.place(mount, dev.value(), name).named("mount /dev/" + name);
    return mount;
  }
}
