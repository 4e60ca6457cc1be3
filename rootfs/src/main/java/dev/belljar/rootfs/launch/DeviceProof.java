package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.DeviceNumber;
import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.Operation;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.ProgramBuilder.Label;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.rootfs.Device;

/** Makes sure that a descriptor stands for a certain device, by what the kernel says of it. */
final class DeviceProof {
  private static final int S_IFCHR = 0x2000;
  private static final int S_IFBLK = 0x6000;

  private final MountSteps mounts;
  private final ProgramBuilder program;

  DeviceProof(MountSteps mounts) {
    this.mounts = mounts;
    this.program = mounts.program();
  }

  /**
   * Fails with ENODEV unless it does.
   *
   * @param file the descriptor
   * @param what what is being done, for messages
   * @param remedy what helps
   */
  void that(Variable file, Device.Kind kind, DeviceNumber number, String what, String remedy) {
    Statx statx = new Statx(mounts);
    statx.look(file, Statx.Wanted.TYPE, what);
    Label wrong = program.label();
    Label right = program.label();
    statx.jumpUnless(Statx.RDEV_MAJOR, number.major(), wrong);
    statx.jumpUnless(Statx.RDEV_MINOR, number.minor(), wrong);
    boolean isBlock = kind == Device.Kind.BLOCK;
    statx.jumpUnlessOfType(isBlock ? S_IFBLK : S_IFCHR, isBlock ? "S_IFBLK" : "S_IFCHR", wrong);
    program.jump(right);
    program.place(wrong);
    program
        .control(Operation.Control.FAIL, literal(Errno.ENODEV.number(), "ENODEV"))
        .named(what)
        .remedy(remedy);
    program.place(right);
  }
}
