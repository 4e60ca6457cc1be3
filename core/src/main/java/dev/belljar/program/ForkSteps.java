package dev.belljar.program;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.CloneFailure;
import dev.belljar.linux.launch.Operation;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.Report;
import dev.belljar.linux.launch.StepDraft;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/**
 * Forks made by the runner itself.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/clone.2.html">clone3(2)</a>
 */
final class ForkSteps {
  private static final int SIZE = 88; // struct clone_args, version 2
  private static final int EXIT_SIGNAL = 32;
  private static final int CGROUP = 80;

  private static final List<Errno> EXPLAINED =
      List.of(Errno.EACCES, Errno.EAGAIN, Errno.EBUSY, Errno.ENOSPC, Errno.ENOSYS, Errno.EPERM);

  private ForkSteps() {}

  /**
   * Forks a sibling: a child of the JVM, which is told its number. Only the new process goes on.
   *
   * @param namespaces the kinds it gets of its own, as {@code CLONE_NEW*} flags
   * @param cgroup the v2 group it begins in
   */
  static void sibling(ProgramBuilder program, long namespaces, Optional<Argument> cgroup) {
    ProgramBuilder.Label child = program.label();
    Argument pid = sibling(program, namespaces, cgroup, child);
    Report.addProcess(program, pid);
    program.exit(0);
    program.place(child);
  }

  /**
   * Forks a sibling, and goes on.
   *
   * @param namespaces the kinds it gets of its own, as {@code CLONE_NEW*} flags
   * @param cgroup the v2 group it begins in
   * @param child where the new process goes on; the process itself goes on with the next step
   * @return the number of the new process
   */
  static Argument sibling(
      ProgramBuilder program,
      long namespaces,
      Optional<Argument> cgroup,
      ProgramBuilder.Label child) {
    long flags = namespaces | Uapi.CLONE_PARENT();
    String text = "CLONE_PARENT";
    if (namespaces != 0) {
      text += "|" + CloneFailure.flags(namespaces);
    }
    ProgramBuilder.Memory arguments =
        program.memory(arguments(cgroup.isPresent() ? flags | Uapi.CLONE_INTO_CGROUP() : flags, 0));
    cgroup.ifPresent(group ->
        program.control(Operation.Control.STORE64, arguments.address(), literal(CGROUP), group));
    ProgramBuilder.Variable pid = program.variable("pid");
    StepDraft fork =
        fork(program, arguments, pid).named("fork the container's process with " + text);
    for (Errno error : EXPLAINED) {
      String remedy = CloneFailure.remedy(error.number(), namespaces, cgroup.isPresent());
      if (!remedy.isEmpty()) {
        fork.remedy(error, remedy);
      }
    }
    program.jumpIfEqual(pid.value(), literal(0), child);
    return pid.value();
  }

  /**
   * Forks a child of the process itself.
   *
   * @param child where the child goes on; the process itself goes on with the next step
   * @param name what the child is for
   * @return the number of the child
   */
  static Argument child(ProgramBuilder program, ProgramBuilder.Label child, String name) {
    ProgramBuilder.Memory arguments = program.memory(arguments(0, Uapi.SIGCHLD()));
    ProgramBuilder.Variable pid = program.variable("pid");
    fork(program, arguments, pid).named(name);
    program.jumpIfEqual(pid.value(), literal(0), child);
    return pid.value();
  }

  private static StepDraft fork(
      ProgramBuilder program, ProgramBuilder.Memory arguments, ProgramBuilder.Variable pid) {
    return program.call(SyscallNumber.CLONE3, arguments.address(), literal(SIZE)).into(pid);
  }

  private static byte[] arguments(long flags, long exitSignal) {
    return ByteBuffer.allocate(SIZE)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(0, flags)
        .putLong(EXIT_SIGNAL, exitSignal)
        .array();
  }
}
