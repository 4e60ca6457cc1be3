package dev.belljar.program;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.Operation;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.Report;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.inside.NameSteps;
import dev.belljar.namespaces.launch.NamespaceSteps;
import java.util.Optional;

/**
 * Orders everything that happens between the clone and the command's first instruction.
 *
 * <p>The order is forced by the kernel at many places; each is said where it is added.
 */
public final class StartProgram {
  private static final int O_CLOEXEC = 0x80000;
  private static final int O_RDWR_CLOEXEC = 2 | O_CLOEXEC;

  private final StartSettings settings;
  private final ContainerProgram.Draft draft = new ContainerProgram.Draft();
  private final ProgramBuilder program = draft.steps;
  private Optional<Argument> terminal = Optional.empty();

  private StartProgram(StartSettings settings) {
    this.settings = settings;
  }

  /** Returns the program of a container's start. */
  public static ContainerProgram of(StartSettings settings) {
    return new StartProgram(settings).build();
  }

  private ContainerProgram build() {
    ProcessSteps.closeDescriptorsOnExec(program);
    if (settings.privileged()) {
      ProcessSteps.becomeUndumpable(program);
    }
    // Before the mounts, since the container's own /dev may have none.
    Optional<Argument> noStream = Optional.empty();
    boolean locks = settings.innerIds().isPresent();
    if (locks && settings.init()) {
      noStream = Optional.of(openNull());
    }
    if (settings.forks()) {
      fork();
    }
    ProcessSteps.cleanStart(program);
    if (!settings.forks()) {
      CgroupSteps.attachV1(draft, settings.v1Groups());
      enterJoined();
    }
    if (settings.unsharesCgroup()) {
      NamespaceSteps.unshare(program, NamespaceType.CGROUP);
    }
    if (settings.loopback()) {
      NamespaceSteps.loopbackUp(program);
    }
    settings.hostname().ifPresent(name -> NameSteps.hostname(program, name));
    settings.domainname().ifPresent(name -> NameSteps.domainname(program, name));
    if (!locks && settings.init()) {
      noStream = Optional.of(openNull());
    }
    if (!locks) {
      terminal = settings.addMounts(draft);
    }
    noStream.ifPresent(this::leaveInitBehind);
    if (terminal.isPresent()) {
      TerminalSteps.use(program, terminal.get());
    } else {
      ProcessSteps.standardStreams(draft);
    }
    if (settings.process().command().isPresent()) {
      ProcessEnd.add(draft, settings.process());
    } else {
      residentInit();
    }
    return draft.finish();
  }

  private void fork() {
    CgroupSteps.attachV1(draft, settings.v1Groups());
    enterJoined();
    if (settings.forksForUserFirst()) {
      // A root that is mapped to somebody else could no longer enter the group.
      boolean entersNow = settings.v2Group() && settings.entersCgroupFirst();
      ForkSteps.sibling(
          program,
          settings.clonedFirst(),
          entersNow ? Optional.of(draft.input(Input.Single.CGROUP)) : Optional.empty());
      becomeMappedRoot();
    }
    if (settings.created().contains(NamespaceType.TIME)) {
      NamespaceSteps.unshare(program, NamespaceType.TIME);
      settings.clocks().ifPresent(offsets -> NamespaceSteps.clocks(program, offsets));
    }
    Optional<Argument> cgroup =
        settings.v2Group() && !settings.entersCgroupFirst()
            ? Optional.of(draft.input(Input.Single.CGROUP))
            : Optional.empty();
    if (settings.innerIds().isPresent()) {
      terminal = LockedMounts.fork(draft, settings, settings.clonedByRunner(), cgroup);
      return;
    }
    ForkSteps.sibling(program, settings.clonedByRunner(), cgroup);
    if (settings.forksForUserFirst()) {
      NamespaceSteps.awaitLauncher(program, draft.input(Input.Single.GO));
    } else if (settings.created().contains(NamespaceType.USER)) {
      becomeMappedRoot();
    } else if (settings.networked()) {
      NamespaceSteps.awaitLauncher(program, draft.input(Input.Single.GO));
    }
    if (settings.created().contains(NamespaceType.USER) && !settings.privileged()) {
      ProcessSteps.becomeUndumpable(program);
    }
  }

  private void enterJoined() {
    for (int i = 0; i < settings.joined().size(); i++) {
      NamespaceSteps.enter(program, settings.joined().get(i), draft.input(new Input.Entered(i)));
    }
  }

  private void becomeMappedRoot() {
    NamespaceSteps.awaitLauncher(program, draft.input(Input.Single.GO));
    NamespaceSteps.becomeMappedRoot(program, settings.process().setgroups());
  }

  private Argument openNull() {
    ProgramBuilder.Variable device = program.variable("null device");
    program
        .call(
            SyscallNumber.OPENAT,
            literal(-100, "AT_FDCWD"),
            program.string("/dev/null"),
            literal(O_RDWR_CLOEXEC, "O_RDWR|O_CLOEXEC"))
        .named("open the null device")
        .into(device);
    return device.value();
  }

  // Process 1 becomes the built-in init; the command's process is its first child and goes on. It
  // may end before its parent is the init, whose SIGCHLD, and every other signal, waits from here
  // on. The command in turn waits until there is an init: its process could be looked into before.
  private void leaveInitBehind(Argument noStream) {
    ProgramBuilder.Label command = program.label();
    Argument status = draft.input(Input.Single.STATUS);
    ProgramBuilder.Memory pipe = program.memory(new byte[8]);
    program
        .call(SyscallNumber.PIPE2, pipe.address(), literal(O_CLOEXEC, "O_CLOEXEC"))
        .named("make the channel that the init hangs up");
    Argument waiting = descriptorIn(pipe, 0);
    Argument held = descriptorIn(pipe, Integer.BYTES);
    ProcessSteps.blockSignals(program);
    ForkSteps.child(program, command, "fork the command's process");
    ProcessSteps.standardStream(program, noStream, 0);
    ProcessSteps.standardStream(program, status, InitProgram.STATUS_DESCRIPTOR);
    ProcessSteps.standardStream(program, held, InitProgram.START_DESCRIPTOR);
    becomeInit();
    program.place(command);
    program.call(SyscallNumber.CLOSE, held).named("leave the channel to the init");
    program
        .call(SyscallNumber.READ, waiting, pipe.address(), literal(1))
        .named("wait until there is an init")
        .demand(0);
    ProcessSteps.unblockSignals(program);
    program.call(SyscallNumber.SETSID).named("become the leader of an own session");
  }

  private Argument descriptorIn(ProgramBuilder.Memory pair, int offset) {
    ProgramBuilder.Variable descriptor = program.variable("descriptor");
    program.control(Operation.Control.LOAD32, pair.address(), literal(offset)).into(descriptor);
    return descriptor.value();
  }

  // The start ends when the init hangs up its report channel, too.
  private void residentInit() {
    ProcessSteps.blockSignals(program);
    Report.addReady(program);
    ProcessSteps.standardStream(program, program.report(), InitProgram.START_DESCRIPTOR);
    becomeInit();
  }

  // An image of its own, so that nothing of the container's can be read from it later.
  private void becomeInit() {
    // Less where the JVM has none and there is no USER namespace.
    IdentitySteps.setCapabilities(
        program, Capabilities.FOR_INIT & settings.process().capabilities());
    ProcessSteps.endWithJvm(program, draft.input(Input.Single.JVM));
    IdentitySteps.noNewPrivileges(program);
    Argument name = program.string("init");
    ProgramBuilder.Memory arguments = program.memory(new byte[16]);
    program.control(Operation.Control.STORE64, arguments.address(), literal(0), name);
    program
        .call(
            SyscallNumber.EXECVEAT,
            draft.input(Input.Single.INIT),
            program.string(""),
            arguments.address(),
            arguments.at(8),
            literal(0x1000, "AT_EMPTY_PATH"))
        .named("become the built-in init");
  }
}
