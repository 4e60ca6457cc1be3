package dev.belljar.program;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static dev.belljar.linux.launch.ProgramBuilder.nothing;

import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.Operation;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What every process of a container does first: a clean start that nothing was inherited into. */
final class ProcessSteps {
  private static final int FIRST_OTHER_DESCRIPTOR = 3;
  private static final long ALL_DESCRIPTORS = 0xffffffffL;
  private static final int LAST_SIGNAL = 64;
  private static final int SIGNAL_SET_SIZE = 8;
  private static final int SIGACTION_SIZE = 32;
  private static final int SIG_SETMASK = 2;
  private static final int UMASK = 022;
  // The JVM raises its own soft limit to the hard one, which breaks programs that close every
  // possible descriptor or use select(2).
  private static final int SOFT_DESCRIPTOR_LIMIT = 1024;
  private static final int SIGKILL = 9;

  private ProcessSteps() {}

  /** Makes every descriptor but the standard ones vanish with the next exec. */
  static void closeDescriptorsOnExec(ProgramBuilder program) {
    program
        .call(
            SyscallNumber.CLOSE_RANGE,
            literal(FIRST_OTHER_DESCRIPTOR),
            literal(ALL_DESCRIPTORS, "~0U"),
            literal(Uapi.CLOSE_RANGE_CLOEXEC(), "CLOSE_RANGE_CLOEXEC"))
        .named("close all descriptors at the next exec");
  }

  /** Keeps processes of joined PID namespaces from looking into or tracing this one. */
  static void becomeUndumpable(ProgramBuilder program) {
    program
        .call(SyscallNumber.PRCTL, literal(Uapi.PR_SET_DUMPABLE(), "PR_SET_DUMPABLE"), literal(0))
        .named("be closed to tracing");
  }

  /** Puts a descriptor at the number of a standard one, unless it is there already. */
  static void standardStream(ProgramBuilder program, Argument source, int number) {
    ProgramBuilder.Label there = program.label();
    program.jumpIfEqual(source, literal(number), there);
    program
        .call(SyscallNumber.DUP3, source, literal(number), literal(0))
        .named("take descriptor " + number);
    program.place(there);
  }

  /** Puts the command's streams at their places. */
  static void standardStreams(ContainerProgram.Draft draft) {
    standardStream(draft.steps, draft.input(Input.Single.STDIN), 0);
    standardStream(draft.steps, draft.input(Input.Single.STDOUT), 1);
    standardStream(draft.steps, draft.input(Input.Single.STDERR), 2);
  }

  /** An own session, default signal dispositions, an empty mask, limits, umask, keyring. */
  static void cleanStart(ProgramBuilder program) {
    program.call(SyscallNumber.SETSID).named("become the leader of an own session");
    defaultSignals(program);
    unblockSignals(program);
    descriptorLimit(program);
    program.call(SyscallNumber.UMASK, literal(UMASK, "022")).named("set the umask");
    program
        .call(
            SyscallNumber.KEYCTL,
            literal(Uapi.KEYCTL_JOIN_SESSION_KEYRING(), "KEYCTL_JOIN_SESSION_KEYRING"),
            nothing())
        .named("join an own session keyring")
        // absent from kernels without keys, refused by seccomp filters such as Docker's
        .ignore(Errno.ENOSYS, Errno.EPERM);
  }

  // CLONE_CLEAR_SIGHAND resets handlers only: what the JVM's parent ignored is still ignored.
  private static void defaultSignals(ProgramBuilder program) {
    ProgramBuilder.Variable signal = program.variable("signal", 1);
    Argument byDefault = program.constant(new byte[SIGACTION_SIZE]);
    ProgramBuilder.Label again = program.label();
    program.place(again);
    program
        .call(
            SyscallNumber.RT_SIGACTION,
            signal.value(),
            byDefault,
            nothing(),
            literal(SIGNAL_SET_SIZE))
        .named("reset the disposition of every signal")
        .ignore(Errno.EINVAL); // SIGKILL and SIGSTOP
    program.control(Operation.Control.ADD, signal.value(), literal(1)).into(signal);
    program.jumpIfLess(signal.value(), literal(LAST_SIGNAL + 1), again);
  }

  /** Blocks no signal, as every command is started. */
  static void unblockSignals(ProgramBuilder program) {
    setMask(program, 0, "block no signal");
  }

  /** Blocks every signal, to be waited for. */
  static void blockSignals(ProgramBuilder program) {
    setMask(program, -1L, "block all signals");
  }

  private static void setMask(ProgramBuilder program, long mask, String name) {
    byte[] set =
        ByteBuffer.allocate(SIGNAL_SET_SIZE).order(ByteOrder.LITTLE_ENDIAN).putLong(mask).array();
    program
        .call(
            SyscallNumber.RT_SIGPROCMASK,
            literal(SIG_SETMASK, "SIG_SETMASK"),
            program.constant(set),
            nothing(),
            literal(SIGNAL_SET_SIZE))
        .named(name);
  }

  private static void descriptorLimit(ProgramBuilder program) {
    ProgramBuilder.Memory limit = program.memory(new byte[16]); // soft, hard
    Argument resource = literal(Uapi.RLIMIT_NOFILE(), "RLIMIT_NOFILE");
    program
        .call(SyscallNumber.PRLIMIT64, literal(0), resource, nothing(), limit.address())
        .named("read the limit on descriptors");
    program.control(
        Operation.Control.STORE64, limit.address(), literal(0), literal(SOFT_DESCRIPTOR_LIMIT));
    program
        .call(SyscallNumber.PRLIMIT64, literal(0), resource, limit.address(), nothing())
        .named("set the soft limit on descriptors to 1024")
        .ignore(Errno.EINVAL); // the hard limit is lower still
  }

  /**
   * Ties the process to the JVM: it is killed when the thread that cloned it ends.
   *
   * @param jvm the JVM's pidfd, to see that it has not ended before
   */
  static void endWithJvm(ProgramBuilder program, Argument jvm) {
    program
        .call(
            SyscallNumber.PRCTL,
            literal(Uapi.PR_SET_PDEATHSIG(), "PR_SET_PDEATHSIG"),
            literal(SIGKILL, "SIGKILL"))
        .named("end with the JVM");
    byte[] poll =
        ByteBuffer.allocate(8)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort(4, (short) Uapi.POLLIN())
            .array();
    ProgramBuilder.Memory pollfd = program.memory(poll);
    program.control(Operation.Control.STORE32, pollfd.address(), literal(0), jvm);
    program
        .call(
            SyscallNumber.PPOLL,
            pollfd.address(),
            literal(1),
            program.constant(new byte[16]),
            nothing(),
            literal(SIGNAL_SET_SIZE))
        .named("see that the JVM still runs")
        .demand(0);
  }
}
