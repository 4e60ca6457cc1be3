package dev.belljar.namespaces.inside;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.Errno;
import dev.belljar.linux.call.DescriptorPassing;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.CloneFailure;
import dev.belljar.linux.launch.DescriptorSteps;
import dev.belljar.linux.launch.LaunchProgram;
import dev.belljar.linux.launch.Operation;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.Report;
import dev.belljar.linux.launch.StepDraft;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the process inside does: it enters, then makes what it is asked for until nobody asks. */
final class ResidentProgram {
  /** The request for a socket: domain, type, protocol. */
  static final int SOCKET = 0;

  /** The request for a file: directory, flags, mode, and a path. */
  static final int OPEN = 1;

  /** Where a request's path begins, behind four words. */
  static final int PATH = 16;

  static final int LONGEST_PATH = 4095;

  private static final int MSG_NOSIGNAL = 0x4000;

  /** What it tells apart; any other error is EIO. */
  private static final List<Errno> ERRORS =
      List.of(
          Errno.EPERM,
          Errno.ENOENT,
          Errno.EIO,
          Errno.ENOMEM,
          Errno.EACCES,
          Errno.ENODEV,
          Errno.ENXIO,
          Errno.ENOTDIR,
          Errno.EINVAL,
          Errno.ENFILE,
          Errno.EMFILE,
          Errno.ELOOP,
          Errno.EROFS,
          Errno.ENOBUFS,
          Errno.EPROTONOSUPPORT,
          Errno.ESOCKTNOSUPPORT,
          Errno.EAFNOSUPPORT);

  private final ProgramBuilder program = new ProgramBuilder();
  private final Argument socket;
  private final ProgramBuilder.Memory request = program.memory(new byte[PATH + LONGEST_PATH + 1]);
  private final ProgramBuilder.Memory answer = program.memory(new byte[8]);
  private final ProgramBuilder.Variable result = program.variable("result");
  private final ProgramBuilder.Label refused = program.label();
  private final Map<Errno, ProgramBuilder.Label> refusals = new EnumMap<>(Errno.class);

  private ResidentProgram(long kind) {
    Argument owner = program.input("owner");
    Argument namespace = program.input("namespace");
    socket = program.input("socket");
    program
        .call(SyscallNumber.CLOSE_RANGE, literal(0), literal(2), literal(0))
        .named("let go of the streams of the JVM");
    program.call(SyscallNumber.SETSID).named("become the leader of an own session");
    enter(owner, Uapi.CLONE_NEWUSER());
    enter(namespace, kind);
    program
        .call(SyscallNumber.PRCTL, literal(Uapi.PR_SET_DUMPABLE(), "PR_SET_DUMPABLE"), literal(0))
        .named("be closed to tracing");
    Report.addReady(program);
    program.call(SyscallNumber.CLOSE, program.report()).named("let the start go on");
  }

  static LaunchProgram of(long kind) {
    return new ResidentProgram(kind).serve();
  }

  private void enter(Argument descriptor, long kind) {
    program
        .call(SyscallNumber.SETNS, descriptor, literal(kind, CloneFailure.flags(kind)))
        .named("enter the " + CloneFailure.flags(kind) + " namespace");
  }

  private LaunchProgram serve() {
    ProgramBuilder.Label next = program.label();
    ProgramBuilder.Label open = program.label();
    ProgramBuilder.Label made = program.label();
    ProgramBuilder.Label end = program.label();
    ERRORS.forEach(error -> refusals.put(error, program.label()));
    Reply withDescriptor = new Reply(true);
    Reply without = new Reply(false);

    program.place(next);
    program
        .call(SyscallNumber.READ, socket, request.address(), literal(PATH + LONGEST_PATH + 1))
        .named("read a request")
        .into(result)
        .on(Errno.EINTR, next)
        .onAnyOther(end);
    program.jumpIfEqual(result.value(), literal(0), end);
    Argument which = word(0);
    Argument a = word(4);
    Argument b = word(8);
    Argument c = word(12);
    program.jumpIfEqual(which, literal(OPEN), open);
    refuse(program.call(SyscallNumber.SOCKET, a, b, c).named("make a socket").into(result));
    program.jump(made);
    program.place(open);
    refuse(
        program
            .call(SyscallNumber.OPENAT, a, request.at(PATH), b, c)
            .named("open a file")
            .into(result));
    program.place(made);
    withDescriptor.send(end);
    program.call(SyscallNumber.CLOSE, result.value()).named("leave it to the JVM").ignoreAll();
    program.jump(next);

    refusals.forEach((error, label) -> {
      program.place(label);
      program.control(Operation.Control.ADD, literal(-error.number()), literal(0)).into(result);
      program.jump(refused);
    });
    program.place(refused);
    without.send(end);
    program.jump(next);
    program.place(end);
    program.exit(0);
    return program.build();
  }

  private Argument word(int offset) {
    ProgramBuilder.Variable word = program.variable("word");
    program.control(Operation.Control.LOAD32, request.address(), literal(offset)).into(word);
    return word.value();
  }

  private void refuse(StepDraft call) {
    refusals.forEach(call::on);
    call.onAnyOther(refusals.get(Errno.EIO));
  }

  /** A reply of eight bytes, {@link #result}, with or without it as a descriptor. */
  private final class Reply {
    private final Argument header;
    private final ProgramBuilder.Memory control = program.memory(DescriptorPassing.control());

    private Reply(boolean carries) {
      header =
          DescriptorSteps.header(
              program, answer, carries ? Optional.of(control) : Optional.empty());
    }

    private void send(ProgramBuilder.Label nobody) {
      program.control(Operation.Control.STORE64, answer.address(), literal(0), result.value());
      program.control(
          Operation.Control.STORE32,
          control.address(),
          literal(DescriptorPassing.CONTROL_NUMBER),
          result.value());
      program
          .call(SyscallNumber.SENDMSG, socket, header, literal(MSG_NOSIGNAL, "MSG_NOSIGNAL"))
          .named("pass what was made")
          .onAnyOther(nobody);
    }
  }
}
