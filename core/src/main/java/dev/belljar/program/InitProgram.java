package dev.belljar.program;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static dev.belljar.linux.launch.ProgramBuilder.nothing;

import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.LaunchProgram;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The built-in init: the process 1 that reaps orphans and passes signals on.
 *
 * <p>It blocks all signals and waits for them, since a PID namespace's init gets only signals it
 * waits for. Its image holds these steps and nothing of the container.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/pid_namespaces.7.html">pid_namespaces(7)</a>
 */
public final class InitProgram {
  /** The number of the command in a PID namespace whose init is process 1. */
  static final int COMMAND_PID = 2;

  /** The descriptor through which init passes the command's raw wait status. */
  static final int STATUS_DESCRIPTOR = 1;

  /** The descriptor that init lets go of when all is as it should be: the start waits for that. */
  static final int START_DESCRIPTOR = 2;

  private static final int ALL_PROCESSES = -1;
  private static final int STATUS_SIZE = 4;
  private static final int SIGNAL_SET_SIZE = 8;
  private static final int STOPPED_BY_SIGTERM = 128 + 15;
  private static final long CHECK_INTERVAL_NANOS = 10_000_000;

  private final ProgramBuilder program = ProgramBuilder.withoutReports();
  private final Argument allSignals = program.constant(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1});
  private final ProgramBuilder.Variable signal = program.variable("signal");
  private final ProgramBuilder.Variable child = program.variable("child");
  private final ProgramBuilder.Memory status = program.memory(new byte[8]);

  private InitProgram() {
    program
        .call(SyscallNumber.PRCTL, literal(Uapi.PR_SET_DUMPABLE(), "PR_SET_DUMPABLE"), literal(0))
        .named("be closed to tracing");
    program
        .call(
            SyscallNumber.PRCTL, literal(Uapi.PR_SET_NAME(), "PR_SET_NAME"), program.string("init"))
        .named("be called init");
    program
        .call(SyscallNumber.DUP3, literal(0), literal(START_DESCRIPTOR), literal(0))
        .named("let the start go on");
  }

  /**
   * The init of a container without a command: it stays until it is told to end.
   *
   * @param ownPid whether it is process 1 of an own PID namespace, all of which it may then tell to
   *     end; without one "all processes" would be those of the host
   */
  public static LaunchProgram resident(boolean ownPid) {
    return new InitProgram().waitToBeStopped(ownPid);
  }

  /**
   * The init of a command: it passes signals on to it, and ends with it.
   *
   * @param innerUser whether the command's USER is an inner one, for which a process of the outer
   *     one has been in the PID namespace before it
   */
  public static LaunchProgram ofCommand(boolean innerUser) {
    return new InitProgram().waitForCommand(literal(innerUser ? COMMAND_PID + 1 : COMMAND_PID));
  }

  private LaunchProgram waitForCommand(Argument command) {
    ProgramBuilder.Label next = program.label();
    ProgramBuilder.Label reap = program.label();
    program.place(next);
    takeSignal(nothing(), next, next);
    program.jumpIfEqual(signal.value(), literal(Uapi.SIGCHLD(), "SIGCHLD"), reap);
    program
        .call(SyscallNumber.KILL, command, signal.value())
        .named("pass the signal on")
        .ignoreAll();
    program.jump(next);
    program.place(reap);
    reapOne(next);
    program.jumpUnlessEqual(child.value(), command, reap);
    program
        .call(
            SyscallNumber.WRITE, literal(STATUS_DESCRIPTOR), status.address(), literal(STATUS_SIZE))
        .named("pass the command's status")
        .ignoreAll();
    program.exit(0);
    return program.build();
  }

  private LaunchProgram waitToBeStopped(boolean ownPid) {
    ProgramBuilder.Label next = program.label();
    ProgramBuilder.Label reap = program.label();
    ProgramBuilder.Label stop = program.label();
    program.place(next);
    takeSignal(nothing(), next, next);
    program.jumpIfEqual(signal.value(), literal(Uapi.SIGTERM(), "SIGTERM"), stop);
    program.jumpIfEqual(signal.value(), literal(Uapi.SIGINT(), "SIGINT"), stop);
    program.jumpIfEqual(signal.value(), literal(Uapi.SIGHUP(), "SIGHUP"), stop);
    program.jumpIfEqual(signal.value(), literal(Uapi.SIGQUIT(), "SIGQUIT"), stop);
    program.jumpUnlessEqual(signal.value(), literal(Uapi.SIGCHLD(), "SIGCHLD"), next);
    program.place(reap);
    reapOne(next);
    program.jump(reap);
    program.place(stop);
    if (ownPid) {
      stopAll();
    }
    program.exit(STOPPED_BY_SIGTERM);
    return program.build();
  }

  // Everything else is told to end; the processes that the JVM put in are not init's children, so
  // it
  // can only look whether any are left.
  private void stopAll() {
    Argument interval =
        program.constant(
            ByteBuffer.allocate(16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(8, CHECK_INTERVAL_NANOS)
                .array());
    ProgramBuilder.Label wait = program.label();
    ProgramBuilder.Label reap = program.label();
    ProgramBuilder.Label look = program.label();
    ProgramBuilder.Label done = program.label();
    program
        .call(SyscallNumber.KILL, literal(ALL_PROCESSES), signal.value())
        .named("tell all processes to end")
        .onAnyOther(done);
    program.place(wait);
    takeSignal(interval, reap, reap);
    program.place(reap);
    reapOne(look);
    program.jump(reap);
    program.place(look);
    program
        .call(SyscallNumber.KILL, literal(ALL_PROCESSES), literal(0))
        .named("look whether any process is left")
        .onAnyOther(done);
    program.jump(wait);
    program.place(done);
  }

  private void takeSignal(
      Argument timeout, ProgramBuilder.Label interrupted, ProgramBuilder.Label timedOut) {
    program
        .call(
            SyscallNumber.RT_SIGTIMEDWAIT, allSignals, nothing(), timeout, literal(SIGNAL_SET_SIZE))
        .named("wait for a signal")
        .into(signal)
        .on(Errno.EINTR, interrupted)
        .on(Errno.EAGAIN, timedOut);
  }

  /** Reaps one child into {@link #child}, or goes elsewhere when none has ended. */
  private void reapOne(ProgramBuilder.Label none) {
    program
        .call(
            SyscallNumber.WAIT4,
            literal(ALL_PROCESSES),
            status.address(),
            literal(Uapi.WNOHANG(), "WNOHANG"),
            nothing())
        .named("reap a child")
        .into(child)
        .onAnyOther(none);
    program.jumpIfEqual(child.value(), literal(0), none);
  }
}
