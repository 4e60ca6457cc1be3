package dev.belljar.linux.launch;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.call.PollCalls;
import dev.belljar.linux.call.ProcessCalls;
import dev.belljar.linux.call.WaitStatus;
import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Starts processes from images and sees them to their exec.
 *
 * <p>A start is: a report channel; the stub's clone on one of the {@link LaunchThreads}; then
 * reading reports until READY and the end of the channel, which the exec closes. A failed start
 * leaves no process behind.
 */
public final class Launcher {
  private static final long DEATH_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Launch launch;
  private Future<Child> clone;
  private Child forked;

  private Launcher(Launch launch) {
    this.launch = launch;
  }

  /**
   * Starts a process and waits until its command is being executed.
   *
   * @param launch what to start
   * @return the process that goes on: the clone itself, or what it forked
   * @throws LinuxException when a call fails, here or in the child, or the child ends without
   *     having said READY (errno 0 where there is none), or the deadline passes (ETIMEDOUT)
   */
  public static Child start(Launch launch) {
    if (Thread.currentThread().isVirtual()) {
      // Waiting for reports blocks in the kernel, which must not happen to a carrier thread.
      return LaunchThreads.await(LaunchThreads.submit(() -> new Launcher(launch).run()));
    }
    return new Launcher(launch).run();
  }

  /** Ends the library's threads; what still runs with PDEATHSIG ends with them. */
  public static void shutdown() {
    LaunchThreads.shutdown();
    EventLoop.shutdown();
  }

  private Child run() {
    ChildSignal.makeSureItIsNotIgnored();
    Pipe report = FileCalls.pipe(0);
    try (Descriptor reports = report.read()) {
      beginClone(report.write());
      awaitExec(reports.number());
      return launch.forks() ? forked : LaunchThreads.await(clone);
    } catch (RuntimeException | Error failure) {
      endAll(failure);
      Closing.after(failure, report.write());
      throw failure;
    }
  }

  // The write end is closed right after the clone, so that the channel ends when the child's does.
  private void beginClone(Descriptor report) {
    clone =
        LaunchThreads.run(() -> {
          try (report) {
            return StubCall.make(launch, report);
          }
        });
  }

  private void awaitExec(int reports) {
    long deadline = System.nanoTime() + launch.deadlineNanos();
    boolean ready = false;
    try (Scratch scratch = Scratch.open()) {
      MemorySegment memory = scratch.allocate(Report.SIZE);
      while (true) {
        if (!PollCalls.awaitReadable(reports, Math.max(0, deadline - System.nanoTime()))) {
          throw new LinuxException(
              Errno.ETIMEDOUT.number(),
              "ppoll([{fd=" + reports + ", events=POLLIN}], 1, ...)",
              "waiting for the process to execute its command",
              "the start took longer than its deadline");
        }
        if (FileCalls.read(reports, memory) < Report.SIZE) {
          if (!ready) {
            throw endedEarly();
          }
          return;
        }
        Report report = Report.read(memory);
        switch (report.step()) {
          case Report.READY -> ready = true;
          case Report.PROCESS -> takeFork((int) report.result());
          default -> throw StepFailure.of(launch.image().program(), report);
        }
      }
    }
  }

  private void takeFork(int pid) {
    Descriptor pidfd = ProcessCalls.open(pid);
    try {
      forked = new Child(pid, pidfd);
    } catch (RuntimeException | Error failure) {
      Orphan.end(failure, pidfd);
      throw failure;
    }
    launch.forked().accept(pid);
  }

  private LinuxException endedEarly() {
    Child first = LaunchThreads.await(clone); // throws when the clone itself failed
    Child last = forked == null ? first : forked;
    last.await(DEATH_NANOS);
    String how =
        last.isAlive()
            ? "it closed the report channel"
            : last.exit().getNow(Optional.empty()).map(WaitStatus::toString).orElse("unknown");
    return new LinuxException(
        0, "execve(...)", "the process ended before it could execute its command: " + how, "");
  }

  private void endAll(Throwable failure) {
    Closing.after(failure, () -> end(forked), () -> end(cloned()));
  }

  private Child cloned() {
    try {
      return clone == null ? null : LaunchThreads.await(clone);
    } catch (LinuxException cloneFailed) {
      return null; // it is what is being thrown
    }
  }

  private static void end(Child child) {
    if (child != null) {
      child.signal(Uapi.SIGKILL());
      child.await(DEATH_NANOS);
    }
  }
}
