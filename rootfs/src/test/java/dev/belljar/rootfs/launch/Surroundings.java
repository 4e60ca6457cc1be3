package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static dev.belljar.linux.launch.ProgramBuilder.nothing;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.MountInfo;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.launch.Child;
import dev.belljar.linux.launch.ExecVector;
import dev.belljar.linux.launch.Launch;
import dev.belljar.linux.launch.LaunchImage;
import dev.belljar.linux.launch.Launcher;
import dev.belljar.linux.launch.Operand;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.Report;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.util.List;
import java.util.Optional;

/**
 * A mount namespace of a test's own, to start containers from: what a container does to it is seen
 * in it, and never reaches the machine. A shell keeps it, and makes mounts in it.
 */
final class Surroundings implements AutoCloseable {
  /** How the mounts of the namespace propagate. */
  enum Propagation {
    /** As systemd leaves them: a container that mounts carelessly is seen by everybody. */
    SHARED(Uapi.MS_SHARED()),
    /** As a kernel without systemd leaves them: carelessness is not noticed. */
    PRIVATE(Uapi.MS_PRIVATE());

    private final long flag;

    Propagation(long flag) {
      this.flag = flag;
    }
  }

  private final Child keeper;
  private final Descriptor input;
  private final Descriptor output;
  private final Descriptor namespace;

  private Surroundings(Child keeper, Descriptor input, Descriptor output) {
    this.keeper = keeper;
    this.input = input;
    this.output = output;
    this.namespace = FileCalls.open("/proc/" + keeper.pid() + "/ns/mnt", OpenFlags.O_RDONLY);
  }

  static Surroundings with(Propagation propagation) {
    ProgramBuilder program = new ProgramBuilder();
    var input = program.input("commands");
    var output = program.input("answers");
    program.call(SyscallNumber.SETSID);
    program.call(
        SyscallNumber.CLOSE_RANGE,
        literal(3),
        literal(0xffffffffL),
        literal(TestContainer.CLOSE_RANGE_CLOEXEC));
    for (int fd = 0; fd <= 2; fd++) {
      program.call(SyscallNumber.DUP3, fd == 0 ? input : output, literal(fd), literal(0));
    }
    for (long flag : new long[] {Uapi.MS_PRIVATE(), propagation.flag}) {
      program
          .call(
              SyscallNumber.MOUNT,
              nothing(),
              program.string("/"),
              nothing(),
              literal(Uapi.MS_REC() | flag),
              nothing())
          .changes(Uapi.CLONE_NEWNS());
    }
    Report.addReady(program);
    program.call(
        SyscallNumber.EXECVE,
        program.string("/bin/sh"),
        new Operand.Arguments(),
        new Operand.Environment());
    Pipe commands = FileCalls.pipe(0);
    Pipe answers = FileCalls.pipe(0);
    try (LaunchImage image = LaunchImage.of(program.build());
        Descriptor hisInput = commands.read();
        Descriptor hisOutput = answers.write()) {
      Child keeper =
          Launcher.start(
              new Launch(
                  image,
                  ExecVector.of(List.of("sh"), List.of("PATH=/usr/sbin:/usr/bin:/sbin:/bin")),
                  Uapi.CLONE_NEWNS(),
                  Uapi.CLONE_NEWNS(),
                  Optional.empty(),
                  List.of(hisInput.number(), hisOutput.number()),
                  false,
                  Optional.empty(),
                  TestContainer.DEADLINE_NANOS));
      return new Surroundings(keeper, commands.write(), answers.read());
    }
  }

  int descriptor() {
    return namespace.number();
  }

  /** Runs a command in the namespace. */
  String run(String command) {
    String end = "--end--";
    FileCalls.write(
        input.number(), (command + "; echo " + end + "\n").getBytes(TestContainer.CHARSET));
    StringBuilder answer = new StringBuilder();
    while (answer.indexOf(end + "\n") < 0) {
      answer.append(TestContainer.readSome(output.number()));
    }
    return answer.substring(0, answer.indexOf(end));
  }

  List<MountInfo> mounts() {
    return MountInfo.parse(
        FileCalls.readFile(Syscall.AT_FDCWD, "/proc/" + keeper.pid() + "/mountinfo"));
  }

  @Override
  public void close() {
    namespace.close();
    input.close(); // which ends the shell
    keeper.await(TestContainer.DEADLINE_NANOS);
    output.close();
  }
}
