package dev.belljar;

import dev.belljar.cgroups.Cgroup;
import dev.belljar.cgroups.Resources;
import dev.belljar.cgroups.UpdateOption;
import dev.belljar.cgroups.event.CgroupEvents;
import dev.belljar.cgroups.hierarchy.Written;
import dev.belljar.cgroups.stats.CgroupStats;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.Signal;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.forward.Publication;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A running Linux container: a process, and what it starts, in namespaces, a control group and a
 * root file system of its own.
 *
 * <p>It ends with its first process, with {@link #close()}, or with this JVM; then the kernel's
 * objects it held go at once.
 *
 * {@snippet :
 * try (Container c = Container.builder().cpuShares(512).namespaces(PID, NET).start()) {
 *   c.exec("sh", "-c", "echo hello from $$").waitFor();
 * }
 * }
 *
 * <p>All methods may be called from any thread, and blocking ones suit virtual threads.
 */
public final class Container implements AutoCloseable {
  private static final Duration CLOSE_DEADLINE = Duration.ofSeconds(10);

  private final ContainerSpec spec;
  private final RunningContainer running;

  Container(ContainerSpec spec, RunningContainer running) {
    this.spec = spec;
    this.running = running;
  }

  /**
   * Begins the description of a container.
   *
   * @return a new builder
   * @throws IllegalCallerException when this JVM denies native access; the message names the flag
   * @throws UnsupportedOperationException when this is not Linux on x86-64 or aarch64
   */
  public static ContainerBuilder builder() {
    Syscall.requireAvailable();
    return new ContainerBuilder();
  }

  /**
   * Returns the container's name, which is also that of its control group.
   *
   * @return 12 hexadecimal digits, different for each start
   */
  public String id() {
    return running.id();
  }

  /**
   * Tells whether the container runs.
   *
   * @return its state
   */
  public ContainerState state() {
    if (running.ended().isDone()) {
      return ContainerState.ENDED;
    }
    return running.isPaused() ? ContainerState.PAUSED : ContainerState.RUNNING;
  }

  /**
   * Returns the number of the container's first process as this JVM sees it.
   *
   * @return the PID outside
   */
  public long pid() {
    return running.child().pid();
  }

  /**
   * Returns the command's process; the built-in init's when there is no command.
   *
   * <p>Behind {@code init(true)} its PID and signals are those of init, which passes signals on;
   * its streams and its status are the command's.
   *
   * @return the process
   */
  public ContainerProcess process() {
    return running.process();
  }

  /**
   * Puts a command into the container and waits until it is being executed. It has the container's
   * namespaces, limits, environment and privileges; its streams are pipes.
   *
   * @param command the command and its arguments
   * @return its process
   * @throws IllegalStateException when the container has ended
   * @throws ContainerException when a call fails
   */
  public ContainerProcess exec(String... command) {
    return exec().command(command).start();
  }

  /**
   * Begins the description of a command to be put into the container.
   *
   * @return a new builder
   */
  public ExecBuilder exec() {
    return new ExecBuilder(spec, running);
  }

  /**
   * Sends a signal to the first process. As process 1 of a PID namespace it ignores all signals it
   * has no handler for, except SIGKILL and SIGSTOP.
   *
   * @param signal the signal
   * @return false when it has ended
   */
  public boolean signal(Signal signal) {
    return running.child().signal(signal.number());
  }

  /**
   * Asks the container to end with SIGTERM, and kills it when it has not after a time. A paused
   * container is resumed for it.
   *
   * @param grace how long it may take
   * @return how it ended
   * @throws InterruptedException when the calling thread is interrupted; the container still runs
   *     then
   */
  public ExitStatus stop(Duration grace) throws InterruptedException {
    signal(Signal.SIGTERM);
    running.resume();
    if (!process().waitFor(grace.toNanos(), TimeUnit.NANOSECONDS)) {
      running.kill();
    }
    return process().awaitStatus();
  }

  /**
   * Waits until the container has ended.
   *
   * @return the command's exit code; 128 plus the signal's number when a signal ended it
   * @throws InterruptedException when the calling thread is interrupted
   * @throws ContainerException when freeing what the container held failed
   */
  public int waitFor() throws InterruptedException {
    return process().waitFor();
  }

  /**
   * Waits until the container has ended, for a time.
   *
   * @param limit how long
   * @return false when it still runs
   * @throws InterruptedException when the calling thread is interrupted
   */
  public boolean waitFor(Duration limit) throws InterruptedException {
    return process().waitFor(limit.toNanos(), TimeUnit.NANOSECONDS);
  }

  /**
   * Tells how the container ended.
   *
   * @return the status of its command
   * @throws IllegalThreadStateException while it runs
   */
  public ExitStatus exitStatus() {
    return process().exitStatus();
  }

  /**
   * Returns what is completed when the container has ended.
   *
   * @return a new future
   */
  public CompletableFuture<ExitStatus> onExit() {
    // On a thread of its own: what depends on it must hold up neither the thread that sees all
    // exits nor, where it blocks, the few threads of the common pool.
    return running.ended().thenApplyAsync(status -> status, Thread::startVirtualThread);
  }

  /**
   * Returns the container's control group: its limits and readings.
   *
   * @return the group; empty when neither a limit nor this host's layout gave it one
   */
  public Optional<Cgroup> cgroup() {
    return running.group();
  }

  /**
   * Changes limits while the container runs; those that are not said stay as they are.
   *
   * @param limits the new limits
   * @param options what it may do that is refused otherwise
   * @return what the kernel made of each value, which it may round
   * @throws UnsupportedOperationException listing what the container's groups cannot do: it was
   *     started without a limit of that kind and without {@link ContainerBuilder#accounting()}
   * @throws IllegalArgumentException when they contradict the limits it has
   * @throws IllegalStateException when the container has ended, or the update would kill it
   * @throws ContainerException when the kernel refuses; the earlier limits are back then
   */
  public List<Written<String>> update(Resources limits, UpdateOption... options) {
    Cgroup group = liveGroup("its limits cannot be changed");
    try {
      return group.update(limits, options);
    } catch (LinuxException e) {
      throw new ContainerException("changing the container's limits", e);
    }
  }

  /**
   * Reads everything that the kernel counts for the container: where it has groups, which {@link
   * ContainerBuilder#accounting()} makes everywhere. What is not counted is absent, never zero.
   *
   * @return the reading
   * @throws UnsupportedOperationException when the container has no control group
   * @throws IllegalStateException when the container has ended
   * @throws ContainerException when the kernel refuses
   */
  public CgroupStats stats() {
    Cgroup group = liveGroup("nothing is counted");
    try {
      return group.stats();
    } catch (LinuxException e) {
      throw new ContainerException("reading the container's statistics", e);
    }
  }

  /**
   * Returns what the kernel can tell of the container as it happens, such as an OOM kill, to choose
   * from.
   *
   * @return nothing chosen yet
   * @throws UnsupportedOperationException when the container has no control group
   * @throws IllegalStateException when the container has ended
   */
  public CgroupEvents events() {
    return liveGroup("nothing of it can be watched").events();
  }

  /**
   * Stops all processes of the container, and waits until they stand. They can be killed, by {@link
   * #close()} or a timeout, but notice nothing else; {@link #exec()} is refused meanwhile. Pausing
   * a paused container does nothing.
   *
   * @throws UnsupportedOperationException when the container has no control group that can be
   *     frozen: on a machine with cgroup v1 alone it has one when it was started with {@link
   *     ContainerBuilder#accounting()} or without an own PID namespace
   * @throws IllegalStateException when the container has ended
   * @throws ContainerException when the kernel refuses, or not all stopped within 10 seconds; they
   *     go on then
   */
  public void pause() {
    Cgroup group = liveGroup("it cannot be paused");
    try {
      running.pause(group);
    } catch (LinuxException e) {
      throw new ContainerException("pausing the container", e);
    }
  }

  /**
   * Lets the processes of a paused container go on; does nothing when it is not paused.
   *
   * @throws IllegalStateException when the container has ended
   * @throws ContainerException when the kernel refuses
   */
  public void resume() {
    if (state() == ContainerState.ENDED) {
      throw new IllegalStateException("the container has ended");
    }
    try {
      running.resume();
    } catch (LinuxException e) {
      throw new ContainerException("resuming the container", e);
    }
  }

  private Cgroup liveGroup(String consequence) {
    if (state() == ContainerState.ENDED) {
      throw new IllegalStateException("the container has ended");
    }
    return running
        .group()
        .orElseThrow(() ->
            new UnsupportedOperationException(
                "the container has no control group, so " + consequence));
  }

  /**
   * Returns the addresses that the container was given by its network; none without a bridge, a
   * macvlan or a moved link.
   *
   * @return the addresses, IPv4 first; they stay readable when it has ended
   */
  public List<InetAddress> addresses() {
    return running.addresses();
  }

  /**
   * Publishes a TCP port of the running container on 127.0.0.1; see {@link ContainerPorts#publish}.
   *
   * @param hostPort the host's port, 1 to 65535, or 0 for one that is free
   * @param containerPort the port inside, 1 to 65535
   * @return the host's port
   * @throws IllegalStateException when the container has ended
   * @throws ContainerException when the port is taken, or not for this user
   */
  public int publish(int hostPort, int containerPort) {
    return ports().publish(Publication.tcp(hostPort, containerPort)).hostPort();
  }

  /**
   * Returns the container's published ports.
   *
   * @return the ports
   */
  public ContainerPorts ports() {
    return new ContainerPorts(running);
  }

  /**
   * Opens a namespace of the container, to be joined by another.
   *
   * @param type the kind
   * @return the namespace, to be closed
   * @throws IllegalStateException when the container has ended
   */
  public Namespace namespace(NamespaceType type) {
    if (state() == ContainerState.ENDED) {
      throw new IllegalStateException("the container has ended");
    }
    try {
      return running.namespace(type);
    } catch (LinuxException e) {
      throw new ContainerException("opening the container's " + type + " namespace", e);
    }
  }

  /**
   * Tells what ran between the clone and the command.
   *
   * @return the plan
   */
  public Plan plan() {
    return running.plan();
  }

  /**
   * Kills everything in the container and waits until all it held is freed. Calling it again does
   * nothing.
   *
   * @throws ContainerException when something could not be freed, or not within 10 seconds
   */
  @Override
  public void close() {
    try {
      running.close(CLOSE_DEADLINE);
    } catch (LinuxException e) {
      throw new ContainerException("closing the container", e);
    }
  }

  static LinuxException tooLate(Duration deadline) {
    return new LinuxException(
        Errno.ETIMEDOUT.number(),
        "waitid(P_PIDFD, ...)",
        "waiting for the processes of the container to end",
        "they did not within "
            + deadline.toSeconds()
            + " s after SIGKILL: one may be blocked in"
            + " the kernel");
  }

  /** Prints the id and the state. */
  @Override
  public String toString() {
    return "container " + id() + " (" + state() + ")";
  }
}
