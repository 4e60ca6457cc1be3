package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.launch.Operation;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.ProgramBuilder.Label;
import dev.belljar.linux.launch.ProgramBuilder.Memory;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;

/**
 * Adds the steps that look at a file by its descriptor, and those that read what was seen.
 *
 * <p>The offsets are those of {@code struct statx}, in bytes, the same on every architecture.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/statx.2.html">statx(2)</a>
 */
final class Statx {
  /** The owner, 32 bits. */
  static final int UID = 20;

  /** The group, 32 bits. */
  static final int GID = 24;

  /** Type and permissions: 16 bits, and 16 that are 0. */
  static final int MODE = 28;

  /** Of the device that a device node stands for: 32 bits, and as many for the minor after it. */
  static final int RDEV_MAJOR = 128;

  static final int RDEV_MINOR = 132;

  /** The number of the mount, 64 bits, as in the first field of mountinfo. */
  static final int MOUNT_ID = 144;

  private static final int SIZE = 256;
  private static final int STATX_MNT_ID = 0x1000; // linux/stat.h, since Linux 5.8
  private static final int S_IFMT_STEP = 0x1000; // types of files are this far apart

  /** What is asked for. */
  enum Wanted {
    TYPE(Uapi.STATX_TYPE(), "STATX_TYPE"),
    ALL(Uapi.STATX_BASIC_STATS(), "STATX_BASIC_STATS"),
    MOUNT(Uapi.STATX_TYPE() | STATX_MNT_ID, "STATX_TYPE|STATX_MNT_ID");

    private final int mask;
    private final String text;

    Wanted(int mask, String text) {
      this.mask = mask;
      this.text = text;
    }
  }

  private final MountSteps mounts;
  private final ProgramBuilder program;
  private final Memory memory;

  /** Begins with a place for what is seen, which each look overwrites. */
  Statx(MountSteps mounts) {
    this.mounts = mounts;
    this.program = mounts.program();
    this.memory = program.memory(new byte[SIZE]);
  }

  /** Looks at a file. */
  void look(Variable file, Wanted wanted, String name) {
    mounts
        .call(
            SyscallNumber.STATX,
            file.value(),
            mounts.path(""),
            literal(Uapi.AT_EMPTY_PATH(), "AT_EMPTY_PATH"),
            literal(wanted.mask, wanted.text),
            memory.address())
        .named(name);
  }

  /** Reads a field of 32 bits of what was seen. */
  Variable load(int offset, String name) {
    return load(Operation.Control.LOAD32, offset, name);
  }

  /** Reads a field of 64 bits of what was seen. */
  Variable loadLong(int offset, String name) {
    return load(Operation.Control.LOAD64, offset, name);
  }

  private Variable load(Operation.Control width, int offset, String name) {
    Variable field = program.variable(name);
    program.control(width, memory.address(), literal(offset)).into(field);
    return field;
  }

  /** Jumps unless a field has a value. */
  void jumpUnless(int offset, long value, Label other) {
    program.jumpUnlessEqual(load(offset, "field").value(), literal(value), other);
  }

  /** Jumps unless what was seen is a file of a type. */
  void jumpUnlessOfType(int type, String text, Label other) {
    Variable mode = load(MODE, "mode");
    Label right = program.label();
    program.jumpIfLess(mode.value(), literal(type, text), other);
    program.jumpIfLess(mode.value(), literal(type + S_IFMT_STEP, text + "+010000"), right);
    program.jump(other);
    program.place(right);
  }
}
