package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.Operation;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.ProgramBuilder.Label;
import dev.belljar.linux.launch.ProgramBuilder.Memory;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.syscall.SyscallNumber;

/**
 * Makes sure that a descriptor is one of a certain type of file system, whatever path led to it.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/fstatfs.2.html">fstatfs(2)</a>
 */
final class FileSystemProof {
  private static final int STATFS_SIZE = 120;

  private final ProgramBuilder program;

  FileSystemProof(ProgramBuilder program) {
    this.program = program;
  }

  /**
   * Fails with EXDEV unless it is.
   *
   * @param file the descriptor
   * @param magic the type's number, in linux/magic.h
   * @param what what is being done, for messages
   * @param remedy what helps
   */
  void that(Variable file, Argument magic, String what, String remedy) {
    Memory statfs = program.memory(new byte[STATFS_SIZE]);
    program.call(SyscallNumber.FSTATFS, file.value(), statfs.address()).named(what);
    Variable type = program.variable("type of the file system");
    program.control(Operation.Control.LOAD64, statfs.address(), literal(0)).into(type);
    Label right = program.label();
    program.jumpIfEqual(type.value(), magic, right);
    program.fail(Errno.EXDEV, "fstatfs(...)").named(what).remedy(remedy);
    program.place(right);
  }
}
