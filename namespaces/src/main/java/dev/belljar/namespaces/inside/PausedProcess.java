package dev.belljar.namespaces.inside;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static dev.belljar.linux.launch.ProgramBuilder.nothing;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.Child;
import dev.belljar.linux.launch.CloneFailure;
import dev.belljar.linux.launch.ExecVector;
import dev.belljar.linux.launch.Launch;
import dev.belljar.linux.launch.LaunchImage;
import dev.belljar.linux.launch.LaunchProgram;
import dev.belljar.linux.launch.Launcher;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.Report;
import dev.belljar.linux.launch.StepDraft;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A process in new namespaces that does nothing: it waits until it is closed, or this JVM has
 * ended.
 */
public final class PausedProcess implements AutoCloseable {
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Child child;
  private final Descriptor held;

  private PausedProcess(Child child, Descriptor held) {
    this.child = child;
    this.held = held;
  }

  /**
   * Starts one.
   *
   * @param cloned the kinds that its clone makes, as {@code CLONE_NEW*} flags
   * @param unshared the kinds that it makes itself
   * @return the process, which waits by now
   * @throws LinuxException when the kernel refuses; nothing is left
   */
  public static PausedProcess start(long cloned, long unshared) {
    Pipe pipe = FileCalls.pipe(0);
    try (LaunchImage image = LaunchImage.of(program(cloned, unshared))) {
      Child child =
          Launcher.start(
              new Launch(
                  image,
                  ExecVector.of(List.of(), List.of()),
                  cloned,
                  cloned,
                  Optional.empty(),
                  List.of(pipe.read().number()),
                  false,
                  Optional.empty(),
                  DEADLINE_NANOS));
      PausedProcess process = new PausedProcess(child, pipe.write());
      try {
        pipe.read().close();
        return process;
      } catch (LinuxException e) {
        Closing.after(e, process);
        throw e;
      }
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, pipe);
      throw failure;
    }
  }

  private static LaunchProgram program(long cloned, long kinds) {
    ProgramBuilder program = new ProgramBuilder();
    Argument held = program.input("held");
    program
        .call(SyscallNumber.CLOSE_RANGE, literal(0), literal(2), literal(0))
        .named("let go of the streams of the JVM");
    program.call(SyscallNumber.SETSID).named("become the leader of an own session");
    if (kinds != 0) {
      StepDraft unshare =
          program
              .call(SyscallNumber.UNSHARE, literal(kinds, CloneFailure.flags(kinds)))
              .named("make new namespaces");
      for (Errno error : List.of(Errno.EPERM, Errno.ENOSPC)) {
        unshare.remedy(error, CloneFailure.remedy(error.number(), kinds, false));
      }
    }
    if (((cloned | kinds) & Uapi.CLONE_NEWNS()) != 0) {
      leaveThePeerGroups(program);
    }
    Report.addReady(program);
    program.call(SyscallNumber.CLOSE, program.report()).named("let the start go on");
    program
        .call(SyscallNumber.READ, held, program.memory(new byte[8]).address(), literal(1))
        .named("wait until it is no longer needed")
        .ignoreAll();
    program.exit(0);
    return program.build();
  }

  // The kernel makes the copies of shared mounts members of the same groups, unless the namespace
  // belongs to a new USER.
  private static void leaveThePeerGroups(ProgramBuilder program) {
    program
        .call(
            SyscallNumber.MOUNT,
            nothing(),
            program.string("/"),
            nothing(),
            literal(Uapi.MS_REC() | Uapi.MS_SLAVE(), "MS_REC|MS_SLAVE"),
            nothing())
        .named("make / a slave of the mounts outside")
        .remedy(Errno.EINVAL, "the root directory of this JVM is not a mount point");
  }

  /** Returns its number as this JVM sees it. */
  public int pid() {
    return child.pid();
  }

  /** Returns whether it lives. */
  public boolean isAlive() {
    return child.isAlive();
  }

  /** Ends it and waits for that. */
  @Override
  public void close() {
    try {
      held.close();
    } finally {
      child.signal(Uapi.SIGKILL());
      child.await(DEADLINE_NANOS);
    }
  }
}
