package dev.belljar;

import dev.belljar.cgroups.launch.CgroupEntry;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.WaitStatus;
import dev.belljar.linux.launch.Child;
import dev.belljar.linux.launch.Launch;
import dev.belljar.linux.launch.Launcher;
import dev.belljar.program.CommandVector;
import dev.belljar.program.ContainerProgram;
import dev.belljar.program.ImageCache;
import dev.belljar.program.Input;
import dev.belljar.program.KeptDescriptors;
import dev.belljar.stream.Streams;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One exec into a running container. */
final class ExecStarter {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final long END_NANOS = Duration.ofSeconds(1).toNanos();

  private final ExecBuilder exec;
  private final RunningContainer container;
  private final CommandVector vector;
  private final ExecPrograms.Prepared prepared;

  private ExecStarter(ExecBuilder exec, RunningContainer container, Optional<NamedUser> user) {
    this.exec = exec;
    this.container = container;
    this.vector = CommandVector.of(exec.command, exec.environment(user));
    this.prepared =
        container
            .blueprint()
            .execs
            .prepare(
                vector,
                exec.workingDirectory,
                user.map(NamedUser::credentials).orElse(exec.credentials),
                exec.terminal,
                !container.handles().isEmpty());
  }

  static ContainerProcess start(ExecBuilder exec, RunningContainer container) {
    if (container.isPaused()) {
      throw new IllegalStateException("the container is paused; resume it first");
    }
    ContainerProcess[] process = new ContainerProcess[1];
    try {
      if (!container.whileHeld(pidfd -> process[0] = start(exec, container, pidfd))) {
        throw hasEnded(null);
      }
      return process[0];
    } catch (LinuxException e) {
      if (endsMeanwhile(container, e)) {
        throw hasEnded(e);
      }
      throw new ContainerException("executing a command in the container", e);
    }
  }

  private static ContainerProcess start(ExecBuilder exec, RunningContainer container, int pidfd) {
    Optional<NamedUser> user = exec.userName.map(name -> find(name, container, pidfd));
    return new ExecStarter(exec, container, user).run(pidfd);
  }

  private static NamedUser find(String name, RunningContainer container, int pidfd) {
    try {
      return ContainerRoot.read(container, pidfd, root -> NamedUser.find(name, root));
    } catch (IllegalArgumentException e) {
      if (container.isEnding() || container.child().await(0)) { // its mounts come apart then
        throw hasEnded(null);
      }
      throw e;
    }
  }

  // Entering a container that is ending fails in many ways: setns with ESRCH, a clone with ENOMEM,
  // or the process is killed with all others.
  private static boolean endsMeanwhile(RunningContainer container, LinuxException failure) {
    boolean typical =
        failure.is(Errno.ESRCH) || failure.is(Errno.ENOMEM) || failure.error().isEmpty();
    return container.isEnding() || (typical && container.child().await(END_NANOS));
  }

  private static IllegalStateException hasEnded(LinuxException failure) {
    return new IllegalStateException("the container has ended", failure);
  }

  private ContainerProcess run(int pidfd) {
    Launcher.expectStart();
    long oomKills = container.oomKills();
    StdioPlan stdio =
        exec.terminal.isPresent()
            ? StdioPlan.terminal()
            : StdioPlan.open(exec.stdin, exec.stdout, exec.stderr);
    try {
      Child child = launch(stdio, pidfd);
      stdio.receiveTerminal(child);
      container.add(child);
      Streams streams = stdio.streams();
      CompletableFuture<ExitStatus> ended = new CompletableFuture<>();
      var _ =
          child
              .exit()
              .whenComplete((status, failure) ->
                  CleanUp.run(() -> end(ended, streams, status, failure, oomKills)));
      stdio.close();
      return new ContainerProcess(child, streams, ended);
    } catch (RuntimeException | Error failure) {
      stdio.abandon(failure);
      throw failure;
    }
  }

  private void end(
      CompletableFuture<ExitStatus> ended,
      Streams streams,
      Optional<WaitStatus> status,
      Throwable failure,
      long oomKills) {
    try {
      streams.processEnded();
    } catch (LinuxException e) {
      ended.completeExceptionally(e);
      return;
    }
    if (failure == null) {
      boolean failed = status.map(known -> known.code() != 0).orElse(true);
      ended.complete(Ending.status(status, failed && isOomKilledSince(oomKills), false));
    } else {
      ended.completeExceptionally(failure);
    }
  }

  private boolean isOomKilledSince(long oomKills) {
    try {
      return container.oomKills() > oomKills;
    } catch (LinuxException gone) { // the group, with the container
      return false;
    }
  }

  private Child launch(StdioPlan stdio, int pidfd) {
    ContainerProgram program = prepared.program();
    try (ImageCache.Lease lease = ImageCache.lease(prepared.image())) {
      return Launcher.start(
          new Launch(
              lease.image(),
              vector.toNative(),
              0,
              container.blueprint().isolation.own(),
              Optional.empty(),
              program.inputs().stream().map(input -> descriptor(input, stdio, pidfd)).toList(),
              prepared.settings().forks(),
              Optional.empty(),
              DEADLINE.toNanos()));
    }
  }

  private int descriptor(Input input, StdioPlan stdio, int pidfd) {
    return switch (input) {
      case Input.Tasks(int index) ->
          container.entry().orElseThrow().v1Tasks().get(index).file().number();
      case Input.Entered(int index) -> container.handles().get(index).descriptor().number();
      case Input.Tree tree ->
          throw new IllegalStateException(tree.label() + " has no place in an exec");
      case Input.Single single ->
          switch (single) {
            case STDIN -> stdio.number(0);
            case STDOUT -> stdio.number(1);
            case STDERR -> stdio.number(2);
            case JVM -> KeptDescriptors.jvm().number();
            case CGROUP -> cgroup().number();
            case CONTAINER -> pidfd;
            case TERMINAL -> stdio.terminalSocket();
            case GO, INIT, STATUS, PREPARED, ROOT ->
                throw new IllegalStateException(single + " has no place in an exec");
          };
    };
  }

  private Descriptor cgroup() {
    return container.entry().flatMap(CgroupEntry::v2Directory).orElseThrow();
  }
}
