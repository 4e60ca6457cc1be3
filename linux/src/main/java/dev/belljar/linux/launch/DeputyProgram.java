package dev.belljar.linux.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.Errno;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What the process of a {@link Deputy} does: make one call after the other, as it is told. */
final class DeputyProgram {
  /** Where the number of the call is, by its ordinal. */
  static final int CODE = 0;

  /** Where its six operands are. */
  static final int OPERANDS = 8;

  /** Where its result goes. */
  static final int RESULT = 56;

  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED_FIXED = 0x10_0001;

  /** The calls that work on files. */
  private static final List<SyscallNumber> CALLS =
      List.of(
          SyscallNumber.STATX,
          SyscallNumber.OPENAT,
          SyscallNumber.CLOSE,
          SyscallNumber.GETDENTS64,
          SyscallNumber.UNLINKAT,
          SyscallNumber.READ,
          SyscallNumber.WRITE,
          SyscallNumber.LSEEK,
          SyscallNumber.FTRUNCATE,
          SyscallNumber.COPY_FILE_RANGE,
          SyscallNumber.FCNTL,
          SyscallNumber.FCHMODAT,
          SyscallNumber.FCHOWNAT,
          SyscallNumber.MKDIRAT,
          SyscallNumber.MKNODAT,
          SyscallNumber.LINKAT,
          SyscallNumber.SYMLINKAT,
          SyscallNumber.READLINKAT,
          SyscallNumber.UTIMENSAT,
          SyscallNumber.FGETXATTR,
          SyscallNumber.LGETXATTR,
          SyscallNumber.LLISTXATTR,
          SyscallNumber.LSETXATTR,
          SyscallNumber.LREMOVEXATTR,
          SyscallNumber.GETEUID,
          SyscallNumber.GETEGID);

  /** How calls on files fail; any other way is told as EIO. */
  private static final List<Errno> ERRORS =
      List.of(
          Errno.EPERM,
          Errno.ENOENT,
          Errno.EINTR,
          Errno.ENXIO,
          Errno.E2BIG,
          Errno.EBADF,
          Errno.EAGAIN,
          Errno.ENOMEM,
          Errno.EACCES,
          Errno.EFAULT,
          Errno.EBUSY,
          Errno.EEXIST,
          Errno.EXDEV,
          Errno.ENODEV,
          Errno.ENOTDIR,
          Errno.EISDIR,
          Errno.EINVAL,
          Errno.ENFILE,
          Errno.EMFILE,
          Errno.ETXTBSY,
          Errno.EFBIG,
          Errno.ENOSPC,
          Errno.ESPIPE,
          Errno.EROFS,
          Errno.EMLINK,
          Errno.ERANGE,
          Errno.ENAMETOOLONG,
          Errno.ENOTEMPTY,
          Errno.ELOOP,
          Errno.ENODATA,
          Errno.EOVERFLOW,
          Errno.EOPNOTSUPP,
          Errno.ESTALE,
          Errno.EUCLEAN,
          Errno.EDQUOT,
          Errno.EIO);

  private final ProgramBuilder program = new ProgramBuilder();
  private final Argument socket = program.input("socket");
  private final Argument file = program.input("memory");
  private final ProgramBuilder.Memory word = program.memory(new byte[8]);
  private final ProgramBuilder.Label end = program.label();
  private final Argument memory;
  private final long size;

  private DeputyProgram(long address, long size) {
    this.memory = literal(address, "memory");
    this.size = size;
  }

  /**
   * Returns the program.
   *
   * @param address where the JVM has the memory
   * @param size its bytes
   */
  static LaunchProgram of(long address, long size) {
    return new DeputyProgram(address, size).build();
  }

  private LaunchProgram build() {
    program.call(SyscallNumber.CLOSE_RANGE, literal(0), literal(2), literal(0));
    program.call(SyscallNumber.SETSID);
    StepDraft unshare =
        program
            .call(SyscallNumber.UNSHARE, literal(Uapi.CLONE_NEWUSER(), "CLONE_NEWUSER"))
            .changes(Uapi.CLONE_NEWUSER())
            .named("make a user namespace for work on files");
    for (Errno error : new Errno[] {Errno.EPERM, Errno.ENOSPC}) {
      unshare.remedy(error, CloneFailure.remedy(error.number(), Uapi.CLONE_NEWUSER(), false));
    }
    program
        .call(
            SyscallNumber.MMAP,
            memory,
            literal(size),
            literal(PROT_READ_WRITE, "PROT_READ|PROT_WRITE"),
            literal(MAP_SHARED_FIXED, "MAP_SHARED|MAP_FIXED_NOREPLACE"),
            file,
            literal(0))
        .named("have the memory of the calls");
    Report.addReady(program);
    program.call(SyscallNumber.CLOSE, file);
    program.call(SyscallNumber.CLOSE, program.report());
    serve();
    program.place(end);
    program.exit(0);
    return program.build();
  }

  private void serve() {
    ProgramBuilder.Label next = program.label();
    ProgramBuilder.Label answer = program.label();
    ProgramBuilder.Label done = program.label();
    ProgramBuilder.Variable length = program.variable("length");
    ProgramBuilder.Variable code = program.variable("code");
    ProgramBuilder.Variable result = program.variable("result");
    Map<Errno, ProgramBuilder.Label> failures = new EnumMap<>(Errno.class);
    ERRORS.forEach(error -> failures.put(error, program.label()));
    program.place(next);
    program
        .call(SyscallNumber.READ, socket, word.address(), literal(8))
        .into(length)
        .onAnyOther(end);
    program.jumpIfEqual(length.value(), literal(0), end);
    load(CODE).into(code);
    Argument[] operands = new Argument[Step.MOST_OPERANDS];
    for (int i = 0; i < operands.length; i++) {
      ProgramBuilder.Variable operand = program.variable("operand " + i);
      load(OPERANDS + Long.BYTES * i).into(operand);
      operands[i] = operand.value();
    }
    for (SyscallNumber number : CALLS) {
      ProgramBuilder.Label other = program.label();
      program.jumpUnlessEqual(code.value(), literal(number.ordinal(), number.toString()), other);
      StepDraft call = program.call(number, operands).into(result);
      failures.forEach(call::on);
      call.onAnyOther(failures.get(Errno.EIO));
      program.jump(done);
      program.place(other);
    }
    store(literal(-Errno.ENOSYS.number(), "-ENOSYS"));
    program.jump(answer);
    failures.forEach((error, label) -> {
      program.place(label);
      store(literal(-error.number(), "-" + error.name()));
      program.jump(answer);
    });
    program.place(done);
    store(result.value());
    program.place(answer);
    program.call(SyscallNumber.WRITE, socket, word.address(), literal(8)).onAnyOther(end);
    program.jump(next);
  }

  private StepDraft load(int offset) {
    return program.control(Operation.Control.LOAD64, memory, literal(offset));
  }

  private void store(Argument value) {
    program.control(Operation.Control.STORE64, memory, literal(RESULT), value);
  }
}
