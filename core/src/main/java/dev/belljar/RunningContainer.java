package dev.belljar;

import dev.belljar.cgroups.Cgroup;
import dev.belljar.cgroups.launch.CgroupEntry;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.Signal;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.PollCalls;
import dev.belljar.linux.call.WaitStatus;
import dev.belljar.linux.event.EventLoop;
import dev.belljar.linux.event.Timers;
import dev.belljar.linux.launch.Child;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.attach.Attachment;
import dev.belljar.stream.Streams;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntConsumer;

/** Everything that a started container holds, and how it is let go. */
final class RunningContainer {
  /** What of it differs from start to start. */
  record Parts(
      ContainerGroup groups,
      Blueprint blueprint,
      Plan plan,
      Child child,
      Streams streams,
      Optional<Descriptor> commandStatus,
      List<Namespace> handles,
      Optional<Attachment> attachment,
      List<AutoCloseable> kept,
      PublishedPorts ports) {}

  private static final long DEATH_NANOS = Duration.ofSeconds(10).toNanos();

  private final Parts parts;
  private final CompletableFuture<ExitStatus> ended = new CompletableFuture<>();
  private final ContainerProcess process;
  private final Set<Child> execs = ConcurrentHashMap.newKeySet();
  // An exec uses descriptors of the container, which must not be closed meanwhile: their numbers
  // could be those of other files by then.
  private final ReentrantReadWriteLock inUse = new ReentrantReadWriteLock();
  private volatile boolean ending;
  private volatile boolean timedOut;
  private volatile boolean paused;
  private Optional<Timers.Timer> timer = Optional.empty();

  private RunningContainer(Parts parts) {
    this.parts = parts;
    this.process = new ContainerProcess(parts.child(), parts.streams(), ended);
  }

  /**
   * Takes charge of a container that has just been started.
   *
   * @throws LinuxException when its timeout cannot be set; its processes have been killed then, and
   *     what it holds is still the caller's
   */
  static RunningContainer of(Parts parts, Optional<Duration> timeout) {
    RunningContainer running = new RunningContainer(parts);
    try {
      running.timer =
          timeout.map(limit -> EventLoop.shared().schedule(limit.toNanos(), running::timeOut));
    } catch (RuntimeException | Error failure) {
      // Nobody frees what it holds when it ends, so the caller does: with no process left in it.
      Closing.after(failure, running::kill, () -> parts.child().await(DEATH_NANOS));
      throw failure;
    }
    var _ =
        parts
            .child()
            .exit()
            .whenComplete((status, failure) -> CleanUp.run(() -> running.finish(status, failure)));
    return running;
  }

  String id() {
    return parts.groups().id();
  }

  Blueprint blueprint() {
    return parts.blueprint();
  }

  Plan plan() {
    return parts.plan();
  }

  Child child() {
    return parts.child();
  }

  Optional<Cgroup> group() {
    return parts.groups().group();
  }

  Optional<CgroupEntry> entry() {
    return parts.groups().entry();
  }

  List<Namespace> handles() {
    return parts.handles();
  }

  ContainerProcess process() {
    return process;
  }

  CompletableFuture<ExitStatus> ended() {
    return ended;
  }

  List<InetAddress> addresses() {
    return parts.attachment().map(Attachment::addresses).orElse(List.of());
  }

  PublishedPorts ports() {
    return parts.ports();
  }

  /** Begins to forward the ports that were taken, unless the container has ended already. */
  void forwardPorts() {
    try {
      parts.ports().forward(this::network);
    } catch (LinuxException e) {
      // A process that has ended and is not reaped yet has no namespaces any more.
      if (child().isAlive() && !e.is(Errno.ENOENT) && !e.is(Errno.ESRCH)) {
        throw e;
      }
    } catch (IllegalStateException e) {
      if (!ending) {
        throw e;
      }
    }
  }

  /** Opens its network anew, if it is not the host's. */
  Namespace ownNetwork() {
    if (!blueprint().isolation.owns(NamespaceType.NET)) {
      throw new UnsupportedOperationException(
          "the container has the host's network, so there is nothing to publish");
    }
    return network();
  }

  /** Opens its network anew: what an ordinary user may look into no more is held already. */
  Namespace network() {
    return held(blueprint().isolation.joined(), NamespaceType.NET)
        .orElseGet(() -> namespace(NamespaceType.NET));
  }

  // What an ordinary user has started cannot be looked into any more: but its namespaces are held.
  Namespace namespace(NamespaceType type) {
    if (parts.handles().isEmpty()) {
      return ofFirstProcess(type);
    }
    return held(parts.handles(), type).orElseGet(() -> Namespace.current(type));
  }

  private Namespace ofFirstProcess(NamespaceType type) {
    Namespace namespace = Namespace.of(parts.child().pid(), type);
    try {
      if (!parts.child().signal(0)) { // it is reaped, and its number may have been another's
        throw new LinuxException(Errno.ESRCH.number(), "pidfd_send_signal(..., 0, NULL, 0)");
      }
      return namespace;
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, namespace);
      throw failure;
    }
  }

  // Of two USERs the inner one is entered last.
  private static Optional<Namespace> held(List<Namespace> among, NamespaceType type) {
    return among.stream()
        .filter(each -> each.type() == type)
        .reduce((_, later) -> later)
        .map(Namespace::reopen);
  }

  /**
   * Runs something that uses what the container holds.
   *
   * @param use gets the number of the first process's pidfd
   * @return false when the container has ended, and nothing was run
   */
  boolean whileHeld(IntConsumer use) {
    inUse.readLock().lock();
    try {
      return !ending && parts.child().withPidfd(use);
    } finally {
      inUse.readLock().unlock();
    }
  }

  /** Tells whether the container has ended, or is about to since it was killed. */
  boolean isEnding() {
    return ending;
  }

  boolean isPaused() {
    return paused;
  }

  synchronized void pause(Cgroup group) {
    paused = true; // from now on nothing is put in
    try {
      group.freeze();
    } catch (RuntimeException | Error e) {
      paused = false;
      throw e;
    }
    if (ending) {
      resume(); // it was killed meanwhile, and must be able to end
    }
  }

  synchronized void resume() {
    if (paused) {
      var _ = parts.groups().group().orElseThrow().thaw();
      paused = false;
    }
  }

  /**
   * How many of its processes the kernel has killed for lack of memory, as far as it counts them.
   */
  long oomKills() {
    return parts.groups().group().map(group -> group.oomKilled().orElse(0)).orElse(0L);
  }

  /** Takes charge of a process that was put in. */
  void add(Child exec) {
    execs.add(exec);
    var _ = exec.exit().whenComplete((_, _) -> execs.remove(exec));
  }

  private void timeOut() {
    timedOut = true;
    CleanUp.run(this::kill);
  }

  /** Kills every process in it. */
  void kill() {
    ending = true;
    parts.child().signal(Signal.SIGKILL.number());
    if (!ownsPid()) {
      parts.groups().group().ifPresent(Cgroup::kill);
      execs.forEach(exec -> exec.signal(Signal.SIGKILL.number()));
    }
    if (paused) {
      resumeToEnd();
    }
  }

  // A process that stands still in a version 1 group does not even end. In one of version 2 it
  // does, and then the group may be removed at any time, with nothing left to thaw.
  private void resumeToEnd() {
    try {
      resume();
    } catch (LinuxException e) {
      if (!e.is(Errno.ENODEV) && !e.is(Errno.ENOENT)) {
        throw e;
      }
    } catch (IllegalStateException e) {
      if (!child().await(0)) { // once it has ended, the group is closed
        throw e;
      }
    }
  }

  private boolean ownsPid() {
    return parts.blueprint().isolation.created().contains(NamespaceType.PID);
  }

  void close(Duration deadline) {
    if (!ended.isDone()) {
      kill();
    }
    long nanos = deadline.toNanos();
    if (!Thread.currentThread().isVirtual()) {
      parts.child().await(nanos);
    }
    boolean interrupted = false;
    try {
      while (true) {
        try {
          ended.get(nanos, TimeUnit.NANOSECONDS);
          return;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (TimeoutException e) {
          throw Container.tooLate(deadline);
        } catch (ExecutionException e) {
          throw Ending.failure(e);
        }
      }
    } finally {
      parts.streams().close();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  // Each of these is done whether the others fail or not.
  private void finish(Optional<WaitStatus> waited, Throwable failure) {
    ending = true;
    inUse.writeLock().lock(); // after which nothing is put in any more
    try {
      letGo(waited, failure);
    } finally {
      inUse.writeLock().unlock();
    }
  }

  private void letGo(Optional<WaitStatus> waited, Throwable failure) {
    timer.ifPresent(Timers.Timer::cancel);
    List<AutoCloseable> work = new ArrayList<>();
    boolean[] oomKilled = new boolean[1];
    List<Optional<WaitStatus>> status = new ArrayList<>();
    work.add(() -> status.add(commandStatus().or(() -> known(waited))));
    if (!ownsPid()) {
      work.add(this::kill);
    }
    parts.groups().entry().ifPresent(work::add);
    parts
        .groups()
        .group()
        .ifPresent(group -> {
          work.add(() -> oomKilled[0] = oomKills() > 0);
          work.add(group::remove);
        });
    work.add(parts.ports());
    parts.attachment().ifPresent(work::add);
    parts.commandStatus().ifPresent(work::add);
    work.addAll(parts.handles());
    work.addAll(parts.kept());
    work.add(parts.streams()::processEnded);
    if (failure instanceof RuntimeException reaping) {
      work.add(() -> {
        throw reaping;
      });
    }
    try {
      Closing.all(work);
    } catch (RuntimeException e) {
      ended.completeExceptionally(e);
      return;
    }
    ended.complete(Ending.status(status.getFirst(), oomKilled[0], timedOut));
  }

  @SuppressWarnings("NullAway") // null only together with a failure
  private static Optional<WaitStatus> known(Optional<WaitStatus> waited) {
    return waited == null ? Optional.empty() : waited;
  }

  // Behind an init the command's raw status comes through a pipe; none when init was killed.
  private Optional<WaitStatus> commandStatus() {
    if (parts.commandStatus().isEmpty()) {
      return Optional.empty();
    }
    int fd = parts.commandStatus().get().number();
    try (Scratch scratch = Scratch.open()) {
      MemorySegment word = scratch.allocate(4);
      if (!PollCalls.awaitReadable(fd, 0) || FileCalls.read(fd, word) < 4) {
        return Optional.empty();
      }
      return Optional.of(WaitStatus.ofRaw(word.get(ValueLayout.JAVA_INT, 0)));
    } catch (LinuxException e) {
      throw e.doing("reading the command's status from init");
    }
  }
}
