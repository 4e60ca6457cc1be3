package dev.belljar.linux.launch;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.call.ProcessCalls;
import dev.belljar.linux.call.WaitStatus;
import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
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
  private final Runnable meanwhile;
  private Future<Child> clone;
  private final List<Child> forked = new ArrayList<>();
  private Optional<LinuxException> notClosed = Optional.empty();
  private boolean mayHaveForked;

  private Launcher(Launch launch, Runnable meanwhile) {
    this.launch = launch;
    this.meanwhile = meanwhile;
    this.mayHaveForked = launch.forks();
  }

  /**
   * Starts a process and waits until its command is being executed.
   *
   * @param launch what to start
   * @return the process that goes on: the clone itself, or the last one forked
   * @throws LinuxException when a call fails, here or in the child, or the child ends without
   *     having said READY (errno 0 where there is none), or the deadline passes (ETIMEDOUT)
   */
  public static Child start(Launch launch) {
    return start(launch, () -> {});
  }

  /**
   * Starts a process, does something else meanwhile, and waits until its command is being executed.
   *
   * @param launch what to start
   * @param meanwhile run by the calling thread as soon as the process is on its way; when it
   *     throws, the start has failed
   * @return the process that goes on: the clone itself, or the last one forked
   * @throws LinuxException as {@link #start(Launch)} does
   */
  public static Child start(Launch launch, Runnable meanwhile) {
    return new Launcher(launch, meanwhile).run();
  }

  /**
   * Tells that {@link #start} will be called within a fraction of a millisecond, so that a thread
   * wakes up for it meanwhile. It need not be called after all.
   */
  public static void expectStart() {
    LaunchThreads.expect();
  }

  /**
   * Ends the library's threads; what still runs with PDEATHSIG ends with them.
   *
   * @throws LinuxException when the kernel refuses; it can be called again then
   */
  public static void shutdown() {
    Strays.endLeft();
    LaunchThreads.shutdown();
    EventLoop.shutdown();
  }

  private Child run() {
    ChildSignal.makeSureItIsNotIgnored();
    EventLoop.shared(); // what can fail without a process fails before there is one
    Strays.startBegins();
    Child started;
    try {
      started = runReported();
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, () -> Strays.startFails(mayHaveForked));
      throw failure;
    }
    Strays.startEnds();
    return started;
  }

  private Child runReported() {
    Pipe report = FileCalls.pipe(0);
    try {
      clone = LaunchThreads.submit(() -> cloneWith(report.write()));
      meanwhile.run();
      awaitExec(report.read().number());
      Child started = started();
      report.read().close();
      return started;
    } catch (RuntimeException | Error failure) {
      forked.forEach(child -> end(failure, child));
      endClone(failure);
      Closing.after(failure, report);
      throw failure;
    }
  }

  // The write end is closed right after the clone, so that the channel ends when the child's does.
  private Child cloneWith(Descriptor report) {
    Child child;
    try {
      child = StubCall.make(launch, report);
    } catch (RuntimeException | Error failure) {
      // What a child has forked before it was killed may hold the channel open.
      Closing.after(failure, () -> Report.writeCloneFailed(report), report);
      throw failure;
    }
    try {
      report.close();
    } catch (LinuxException e) {
      // To end the child only now would leave the other thread waiting for what it has forked.
      notClosed = Optional.of(e);
    }
    return child;
  }

  private Child started() {
    Child child = LaunchThreads.await(clone);
    if (notClosed.isPresent()) {
      throw notClosed.get();
    }
    if (!launch.forks()) {
      return child;
    }
    if (forked.isEmpty()) {
      throw new LinuxException(
          0, "write(...)", "the program has not reported the process that goes on", "");
    }
    return forked.getLast();
  }

  private void awaitExec(int reports) {
    long deadline = System.nanoTime() + launch.deadlineNanos();
    // One wake-up instead of one for each report, where no process waits for an answer: all of them
    // say what they have to, and then execute something or end.
    boolean complete = launch.forked().isEmpty();
    if (complete && !EventLoop.awaitHangUp(reports, launch.deadlineNanos())) {
      throw tooLate(reports, "0");
    }
    boolean ready = false;
    try (Scratch scratch = Scratch.open()) {
      MemorySegment memory = scratch.allocate(Report.SIZE);
      while (true) {
        long left = Math.max(0, deadline - System.nanoTime());
        if (!complete && !EventLoop.awaitReadable(reports, left)) {
          throw tooLate(reports, "POLLIN");
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
          case Report.PROCESS -> {
            try {
              takeFork((int) report.result());
            } catch (LinuxException e) {
              throw cause(e, reports, memory);
            }
          }
          case Report.CLONE_FAILED -> throw endedEarly();
          default -> throw StepFailure.of(launch.image().program(), report);
        }
      }
    }
  }

  /** What is done to a forked process fails too when that has failed: what it says is the cause. */
  private LinuxException cause(LinuxException failure, int reports, MemorySegment memory) {
    while (EventLoop.awaitReadable(reports, 0) && FileCalls.read(reports, memory) == Report.SIZE) {
      Report report = Report.read(memory);
      if (report.step() >= 0) {
        LinuxException cause = StepFailure.of(launch.image().program(), report);
        cause.addSuppressed(failure);
        return cause;
      }
    }
    return failure;
  }

  private static LinuxException tooLate(int reports, String events) {
    return new LinuxException(
        Errno.ETIMEDOUT.number(),
        "ppoll([{fd=" + reports + ", events=" + events + "}], 1, ...)",
        "waiting for the process to execute its command",
        "the start took longer than its deadline");
  }

  private void takeFork(int pid) {
    mayHaveForked = true;
    if (!launch.forks()) {
      throw new LinuxException(0, "clone3(...)", "the program has forked unexpectedly", "");
    }
    if (forked.isEmpty() || forked.getLast().pid() != pid) { // else it is told of once more
      forked.add(Child.adopt(pid, ProcessCalls.open(pid))); // one before has ended, or is about to
    }
    launch.forked().ifPresent(forked -> forked.accept(pid)); // then it goes on, and may fork again
  }

  private LinuxException endedEarly() {
    Child first = LaunchThreads.await(clone); // throws when the clone itself failed
    Child last = forked.isEmpty() ? first : forked.getLast();
    String how = "it closed the report channel";
    if (last.await(DEATH_NANOS)) {
      how = last.status().map(WaitStatus::toString).orElse("its status is unknown");
    }
    return new LinuxException(
        0, "execve(...)", "the process ended before it could execute its command: " + how, "");
  }

  private void endClone(Throwable failure) {
    if (clone != null) {
      try {
        end(failure, LaunchThreads.await(clone));
        notClosed.ifPresent(second -> Closing.first(failure, second));
      } catch (RuntimeException | Error cloneFailed) { // and has left nothing behind
        Closing.first(failure, cloneFailed);
      }
    }
  }

  private static void end(Throwable failure, Child child) {
    if (child != null) {
      Closing.after(
          failure,
          () -> child.signal(Uapi.SIGKILL()),
          () -> child.await(DEATH_NANOS),
          child::status);
    }
  }
}
