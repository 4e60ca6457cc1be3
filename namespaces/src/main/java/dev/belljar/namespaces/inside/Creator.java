package dev.belljar.namespaces.inside;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.Errno;
import dev.belljar.linux.IdMap;
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
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/** Makes namespaces by a process that leaves its own, is looked into, and ends. */
public final class Creator {
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(10);

  /**
   * What to make.
   *
   * @param kinds {@code CLONE_NEW*} flags, without PID
   * @param idMap the ids of USER; empty for the usual ones
   * @param monotonic the offset of CLOCK_MONOTONIC in TIME
   * @param boot the offset of CLOCK_BOOTTIME in TIME
   */
  public record Request(long kinds, Optional<IdMap> idMap, Duration monotonic, Duration boot) {}

  private Creator() {}

  /**
   * Makes them.
   *
   * @param request what to make
   * @param open opens them by the number of the process that is in them
   * @param opened what it has opened, to be closed when something fails afterwards
   * @throws LinuxException when the kernel refuses; nothing is left
   */
  public static void create(
      Request request, IntConsumer open, Collection<? extends AutoCloseable> opened) {
    try (Pipe go = FileCalls.pipe(0);
        LaunchImage image = LaunchImage.of(program(request.kinds()))) {
      Child child =
          Launcher.start(
              new Launch(
                  image,
                  ExecVector.of(List.of(), List.of()),
                  0,
                  0,
                  Optional.empty(),
                  List.of(go.read().number()),
                  false,
                  _ -> {},
                  DEADLINE_NANOS));
      try {
        setUp(child.pid(), request);
        open.accept(child.pid());
      } catch (RuntimeException | Error failure) {
        Closing.after(failure, () -> end(child));
        throw failure;
      }
      end(child);
    } catch (RuntimeException | Error failure) {
      opened.forEach(namespace -> Closing.after(failure, namespace));
      throw failure;
    }
  }

  private static void end(Child child) {
    child.signal(Uapi.SIGKILL());
    child.await(DEADLINE_NANOS);
  }

  private static void setUp(int pid, Request request) {
    if ((request.kinds() & Uapi.CLONE_NEWUSER()) != 0) {
      IdMapFiles.write(pid, request.idMap().orElseGet(IdMapFiles::usual));
    }
    if (!request.monotonic().isZero() || !request.boot().isZero()) {
      ClockOffsets.write(pid, request.monotonic(), request.boot());
    }
  }

  private static LaunchProgram program(long kinds) {
    ProgramBuilder program = new ProgramBuilder();
    Argument go = program.input("go");
    program
        .call(SyscallNumber.CLOSE_RANGE, literal(0), literal(2), literal(0))
        .named("let go of the streams of the JVM");
    StepDraft unshare =
        program
            .call(SyscallNumber.UNSHARE, literal(kinds, CloneFailure.flags(kinds)))
            .named("make new namespaces");
    for (Errno error : List.of(Errno.EPERM, Errno.ENOSPC)) {
      unshare.remedy(error, CloneFailure.remedy(error.number(), kinds, false));
    }
    Report.addReady(program);
    program.call(SyscallNumber.CLOSE, program.report()).named("let the start go on");
    program
        .call(SyscallNumber.READ, go, program.memory(new byte[8]).address(), literal(1))
        .named("wait until the namespaces are held")
        .ignoreAll();
    program.exit(0);
    return program.build();
  }
}
