package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.DeviceNumber;
import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.Operation;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.ProgramBuilder.Label;
import dev.belljar.linux.launch.ProgramBuilder.Memory;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.rootfs.Device;

/** Makes sure that a descriptor stands for a certain device, by what the kernel says of it. */
final class DeviceProof {
  private static final int S_IFCHR = 0x2000;
  private static final int S_IFBLK = 0x6000;
  private static final int S_IFMT_STEP = 0x1000; // types of files are this far apart

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
    Memory statx = program.memory(new byte[StatxFields.SIZE]);
    mounts
        .call(
            SyscallNumber.STATX,
            file.value(),
            mounts.path(""),
            literal(Uapi.AT_EMPTY_PATH(), "AT_EMPTY_PATH"),
            literal(Uapi.STATX_TYPE(), "STATX_TYPE"),
            statx.address())
        .named(what);
    Variable field = program.variable("field");
    Label wrong = program.label();
    Label right = program.label();
    load(statx, StatxFields.RDEV_MAJOR, field);
    program.jumpUnlessEqual(field.value(), literal(number.major()), wrong);
    load(statx, StatxFields.RDEV_MINOR, field);
    program.jumpUnlessEqual(field.value(), literal(number.minor()), wrong);
    load(statx, StatxFields.MODE, field); // 16 bits, and 16 that are 0
    boolean isBlock = kind == Device.Kind.BLOCK;
    int type = isBlock ? S_IFBLK : S_IFCHR;
    String text = isBlock ? "S_IFBLK" : "S_IFCHR";
    program.jumpIfLess(field.value(), literal(type, text), wrong);
    program.jumpIfLess(field.value(), literal(type + S_IFMT_STEP, text + "+010000"), right);
    program.place(wrong);
    program
        .control(Operation.Control.FAIL, literal(Errno.ENODEV.number(), "ENODEV"))
        .named(what)
        .remedy(remedy);
    program.place(right);
  }

  private void load(Memory statx, int offset, Variable into) {
    program.control(Operation.Control.LOAD32, statx.address(), literal(offset)).into(into);
  }
}
