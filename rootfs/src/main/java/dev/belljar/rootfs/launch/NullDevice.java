package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.DeviceNumber;
import dev.belljar.linux.Errno;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.Operation;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.ProgramBuilder.Label;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.rootfs.Device;
import dev.belljar.rootfs.MountAttribute;
import java.util.EnumSet;

/**
 * The null device that files are masked with: never one that a container was able to touch.
 *
 * <p>It is opened in a /dev that has just been made, or copied from the host's as a detached mount.
 * Such a copy cannot be copied in turn before it has been placed somewhere.
 */
final class NullDevice {
  static final DeviceNumber NUMBER = new DeviceNumber(1, 3);

  private static final int S_IFCHR = 0x2000;

  private final MountSteps mounts;
  private final Variable device;
  private final Variable spare;
  private boolean unplaced;

  NullDevice(MountSteps mounts) {
    this.mounts = mounts;
    this.device = mounts.descriptor("null");
    this.spare = mounts.program().variable("unplaced null");
  }

  Variable descriptor() {
    return device;
  }

  /**
   * Makes one more mount of it, to be placed.
   *
   * @param into takes the mount
   */
  void copy(Variable into, String what) {
    ProgramBuilder program = mounts.program();
    if (!unplaced) {
      mounts.copy(into, device).named(what);
      return;
    }
    Label first = program.label();
    Label done = program.label();
    program.jumpUnlessEqual(spare.value(), literal(0), first);
    mounts.copy(into, device).named(what);
    program.jump(done);
    program.place(first);
    program.control(Operation.Control.ADD, spare.value(), literal(0)).into(into);
    program.control(Operation.Control.ADD, literal(0), literal(0)).into(spare);
    program.place(done);
  }

  /** Copies the host's, while that can still be seen. */
  void takeTheHosts() {
    mounts
        .copy(device, MountSteps.WORKING_DIRECTORY, mounts.path("/dev/null"), false)
        .named("take the host's /dev/null");
    mounts
        .restrictTree(device, EnumSet.of(MountAttribute.NOSUID, MountAttribute.NOEXEC))
        .named("make the null device's mount private");
    mounts.program().control(Operation.Control.ADD, device.value(), literal(0)).into(spare);
    unplaced = true;
  }

  /**
   * Makes one where the container's /proc will hide it: in a read-only file system of its own, for
   * all starts from a prepared mount namespace.
   */
  void keepBelowProc(RootTree root) {
    Variable cover = mounts.descriptor("place for null");
    mounts.make(
        cover,
        FileSystem.of("tmpfs", MountAttribute.NOSUID, MountAttribute.NOEXEC).option("mode", "755"),
        "make a place for the null device");
    mounts
        .call(
            SyscallNumber.MKNODAT,
            cover.value(),
            mounts.path("null"),
            literal(S_IFCHR | 0666, "S_IFCHR|0666"),
            literal(NUMBER.encoded(), "makedev(1, 3)"))
        .named("make a null device")
        .remedy(Errno.EPERM, "this takes CAP_MKNOD, which the JVM lacks");
    mounts
        .restrictTree(
            cover, EnumSet.of(MountAttribute.RDONLY, MountAttribute.NOSUID, MountAttribute.NOEXEC))
        .named("make the null device's place read-only");
    root.mount(cover, "proc", "the null device below /proc");
  }

  /** Opens the one that was kept, before the container's /proc hides it. */
  void openBelowProc(RootTree root) {
    open(root.descriptor(), "proc/null");
  }

  /** Opens the one in a new /dev. */
  void openIn(Variable dev) {
    open(dev.value(), "null");
  }

  private void open(Argument directory, String path) {
    int flags = OpenFlags.O_PATH | OpenFlags.O_NOFOLLOW | OpenFlags.O_CLOEXEC;
    mounts
        .call(
            SyscallNumber.OPENAT,
            directory,
            mounts.path(path),
            literal(flags, "O_PATH|O_NOFOLLOW|O_CLOEXEC"))
        .into(device)
        .named("open the null device");
  }

  /** Makes sure, on the descriptor itself, that it is one. */
  void verify() {
    new DeviceProof(mounts)
        .that(
            device,
            Device.Kind.CHARACTER,
            NUMBER,
            "verify that /dev/null is the null device",
            "make it one: mknod -m 666 /dev/null c 1 3");
  }
}
