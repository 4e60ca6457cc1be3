package dev.belljar.namespaces.inside;

import static dev.belljar.linux.call.Strace.check;
import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.FileStatus;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.Child;
import dev.belljar.linux.launch.CloneFailure;
import dev.belljar.linux.launch.ExecVector;
import dev.belljar.linux.launch.Launch;
import dev.belljar.linux.launch.LaunchImage;
import dev.belljar.linux.launch.Launcher;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.Report;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * A process that enters a namespace, makes some calls there and ends: for what cannot be passed out
 * as a descriptor. It works for an ordinary user too.
 */
public final class OneShot {
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private OneShot() {}

  /**
   * Runs it.
   *
   * @param namespace the namespace
   * @param kind its {@code CLONE_NEW*} flag
   * @param steps adds the calls to a program, whose failures are told
   * @param writing adds what writes to the descriptor given, and must not fail
   * @return what was written
   * @throws LinuxException when this user may not enter, or a call fails
   */
  public static byte[] run(
      Descriptor namespace,
      long kind,
      Consumer<ProgramBuilder> steps,
      BiConsumer<ProgramBuilder, Argument> writing) {
    ProgramBuilder program = new ProgramBuilder();
    Argument output = program.input("output");
    List<Integer> descriptors = new ArrayList<>();
    try (Pipe pipe = FileCalls.pipe(0);
        Descriptor owner = owner(namespace);
        Descriptor own = FileCalls.open("/proc/self/ns/user", 0)) {
      descriptors.add(pipe.write().number());
      if (!isSame(owner, own)) { // else it would be EINVAL
        enter(program, program.input("owner"), Uapi.CLONE_NEWUSER());
        descriptors.add(owner.number());
      }
      enter(program, program.input("namespace"), kind);
      descriptors.add(namespace.number());
      steps.accept(program);
      Report.addReady(program);
      program.call(SyscallNumber.CLOSE, program.report()).named("let the start go on");
      writing.accept(program, output); // of any length, since it is being read by now
      program.exit(0);
      Child child = start(program, descriptors);
      pipe.write().close();
      byte[] written = FileCalls.readAll(pipe.read().number());
      child.await(-1);
      return written;
    } catch (LinuxException e) {
      throw e.is(Errno.EPERM) && e.remedy().isEmpty()
          ? e.withRemedy("this takes root of the user namespace that owns it")
          : e;
    }
  }

  private static Child start(ProgramBuilder program, List<Integer> descriptors) {
    try (LaunchImage image = LaunchImage.of(program.build())) {
      return Launcher.start(
          new Launch(
              image,
              ExecVector.of(List.of(), List.of()),
              0,
              ~0L, // it is inside by then
              Optional.empty(),
              descriptors,
              false,
              Optional.empty(),
              DEADLINE_NANOS));
    }
  }

  private static void enter(ProgramBuilder program, Argument descriptor, long kind) {
    program
        .call(SyscallNumber.SETNS, descriptor, literal(kind, CloneFailure.flags(kind)))
        .named("enter the " + CloneFailure.flags(kind) + " namespace");
  }

  private static Descriptor owner(Descriptor namespace) {
    int fd = namespace.number();
    long owner = Syscall.call(SyscallNumber.IOCTL, fd, Uapi.NS_GET_USERNS());
    check(owner, () -> "ioctl(" + fd + ", NS_GET_USERNS)");
    return FileCalls.own(owner);
  }

  private static boolean isSame(Descriptor one, Descriptor other) {
    FileStatus first = FileStatus.of(one.number());
    FileStatus second = FileStatus.of(other.number());
    return first.device() == second.device() && first.inode() == second.inode();
  }
}
