package dev.belljar.program;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static dev.belljar.linux.launch.ProgramBuilder.nothing;

import dev.belljar.linux.IdMap;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.CloneFailure;
import dev.belljar.linux.launch.DescriptorSteps;
import dev.belljar.linux.launch.Operation;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.ProgramBuilder.Label;
import dev.belljar.linux.launch.ProgramBuilder.Memory;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.launch.Report;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.launch.NamespaceSteps;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Mounts that the container's root cannot take apart although he has CAP_SYS_ADMIN: they are made
 * in an outer USER and MOUNT, of which the container gets a copy in inner ones.
 *
 * <p>In a mount namespace that is copied into a less privileged one every mount is locked: none can
 * be unmounted alone, nor its restrictions taken off. All other namespaces belong to the inner
 * USER, so that he has his capabilities there. But a new /proc is that of the PID namespace of who
 * mounts it, a new /sys that of his NET. So there are three processes: the outer one enters the
 * namespaces of the container's process, and forks the one that mounts and is a member of all.
 *
 * @see <a
 *     href="https://man7.org/linux/man-pages/man7/mount_namespaces.7.html">mount_namespaces(7)</a>
 */
public final class LockedMounts {
  private static final int PATH_SIZE = 32;

  private static final int O_CLOEXEC = 0x80000;
  private static final int O_WRONLY_CLOEXEC = 1 | O_CLOEXEC;
  private static final int WALL = 0x40000000; // __WALL, linux/wait.h

  private final ContainerProgram.Draft draft;
  private final ProgramBuilder program;
  private final StartSettings settings;
  private final Argument go;
  private final Memory buffer;
  private final Argument madeRead;
  private final Argument madeWrite;
  private final Argument copiedRead;
  private final Argument copiedWrite;
  private final Optional<Memory> terminals;

  private LockedMounts(ContainerProgram.Draft draft, StartSettings settings) {
    this.draft = draft;
    this.program = draft.steps;
    this.settings = settings;
    go = draft.input(Input.Single.GO);
    buffer = program.memory(new byte[8]);
    Memory made = pipe("make the channel that says that the mounts are made");
    madeRead = end(made, 0);
    madeWrite = end(made, Integer.BYTES);
    Memory copied = pipe("make the channel that says that the mounts are copied");
    copiedRead = end(copied, 0);
    copiedWrite = end(copied, Integer.BYTES);
    terminals =
        settings
            .terminal()
            .map(_ -> DescriptorSteps.socketPair(program, "make the channel for the terminal"));
  }

  /**
   * What the JVM says when it is told of the container's process: where that is in /proc.
   *
   * @param pid the process, as the JVM sees it
   * @return the message
   */
  public static byte[] pathOf(int pid) {
    return Arrays.copyOf(("/proc/" + pid).getBytes(StandardCharsets.US_ASCII), PATH_SIZE);
  }

  /**
   * Forks the container's process and makes its mounts; only that process goes on.
   *
   * @param namespaces the kinds it gets of its own, as {@code CLONE_NEW*} flags: USER and others,
   *     but not MOUNT
   * @param cgroup the v2 group it begins in
   * @return its end of the terminal, if it has one
   */
  static Optional<Argument> fork(
      ContainerProgram.Draft draft,
      StartSettings settings,
      long namespaces,
      Optional<Argument> cgroup) {
    return new LockedMounts(draft, settings).fork(namespaces, cgroup);
  }

  private Optional<Argument> fork(long namespaces, Optional<Argument> cgroup) {
    // Else the files of the new process in /proc belong to nobody that is mapped.
    program
        .call(SyscallNumber.PRCTL, literal(Uapi.PR_SET_DUMPABLE(), "PR_SET_DUMPABLE"), literal(1))
        .named("let the outer USER write the id maps of the inner one");
    Label inner = program.label();
    Argument pid = ForkSteps.sibling(program, namespaces, cgroup, inner);
    Report.addProcess(program, pid);
    close(copiedWrite);
    writeMaps(settings.innerIds().orElseThrow());
    enter(pid, namespaces & ~NamespaceType.USER.flag());
    Label mounter = program.label();
    Label failed = program.label();
    Argument child = ForkSteps.child(program, mounter, "fork the process that makes the mounts");
    await(child, failed);
    say(madeWrite, "say that the mounts are made");
    listen(copiedRead, "wait until they are copied", failed);
    Report.addProcess(program, pid); // once more: its MOUNT is another now
    program.exit(0);
    program.place(failed); // what failed has been reported
    program.exit(1);

    program.place(mounter);
    if (settings.networked()) {
      NamespaceSteps.awaitLauncher(program, go);
    }
    Optional<Argument> slave = settings.addMounts(draft);
    slave.ifPresent(each ->
        DescriptorSteps.send(
            program,
            end(terminals.orElseThrow(), 0),
            each,
            "hand the terminal to the container's process"));
    program.exit(0);

    program.place(inner);
    close(madeWrite);
    Label alone = program.label();
    Label goOn = program.label();
    listen(madeRead, "wait until the mounts are made", alone);
    program.jump(goOn);
    program.place(alone);
    program.exit(1);
    program.place(goOn);
    // The root has been exchanged for this process too, or else is covered: .. leads up to it.
    program
        .call(SyscallNumber.CHDIR, program.string("/.."))
        .named("go to the top of what is mounted at the root");
    program.call(SyscallNumber.CHROOT, program.string(".")).named("make it the root");
    NamespaceSteps.unshare(program, NamespaceType.MOUNT);
    say(copiedWrite, "say that the mounts are copied");
    NamespaceSteps.awaitLauncher(program, go);
    ProcessSteps.becomeUndumpable(program);
    return terminals.map(this::receiveTerminal);
  }

  private Argument receiveTerminal(Memory channel) {
    Variable slave = program.variable("terminal", -1);
    DescriptorSteps.receive(program, end(channel, Integer.BYTES), slave, "take the terminal");
    return slave.value();
  }

  private void writeMaps(IdMap ids) {
    Memory path = program.memory(new byte[PATH_SIZE]);
    program
        .call(SyscallNumber.READ, go, path.address(), literal(PATH_SIZE))
        .named("wait until the launching process says where the new process is in /proc")
        .demand(PATH_SIZE);
    Variable directory = program.variable("process", -1);
    program
        .call(
            SyscallNumber.OPENAT,
            literal(-100, "AT_FDCWD"),
            path.address(),
            literal(O_CLOEXEC, "O_RDONLY|O_CLOEXEC"))
        .named("open the directory of the new process")
        .into(directory);
    write(directory, "uid_map", ids.uidText());
    write(directory, "gid_map", ids.gidText());
  }

  private void write(Variable directory, String name, String map) {
    byte[] text = map.getBytes(StandardCharsets.US_ASCII);
    String what = "write the " + name + " of the inner USER";
    Variable file = program.variable(name, -1);
    program
        .call(
            SyscallNumber.OPENAT,
            directory.value(),
            program.string(name),
            literal(O_WRONLY_CLOEXEC, "O_WRONLY|O_CLOEXEC"))
        .named(what)
        .into(file);
    program
        .call(SyscallNumber.WRITE, file.value(), program.constant(text), literal(text.length))
        .named(what)
        .demand(text.length);
  }

  private void enter(Argument pid, long kinds) {
    if (kinds == 0) {
      return;
    }
    Variable process = program.variable("pidfd", -1);
    program
        .call(SyscallNumber.PIDFD_OPEN, pid, literal(0))
        .named("hold the new process")
        .into(process);
    program
        .call(SyscallNumber.SETNS, process.value(), literal(kinds, CloneFailure.flags(kinds)))
        .named("enter its namespaces from the outer USER");
  }

  private void await(Argument child, Label failed) {
    program.control(Operation.Control.STORE32, buffer.address(), literal(0), literal(1));
    program
        .call(SyscallNumber.WAIT4, child, buffer.address(), literal(WALL, "__WALL"), nothing())
        .named("wait for the process that makes the mounts");
    Variable status = program.variable("status");
    program.control(Operation.Control.LOAD32, buffer.address(), literal(0)).into(status);
    program.jumpUnlessEqual(status.value(), literal(0), failed);
  }

  private void say(Argument channel, String what) {
    program.call(SyscallNumber.WRITE, channel, buffer.address(), literal(1)).named(what).demand(1);
  }

  private void listen(Argument channel, String what, Label hungUp) {
    Variable count = program.variable("count");
    program.call(SyscallNumber.READ, channel, buffer.address(), literal(1)).named(what).into(count);
    program.jumpIfEqual(count.value(), literal(0), hungUp);
  }

  private void close(Argument descriptor) {
    program.call(SyscallNumber.CLOSE, descriptor).named("leave the other end of a channel");
  }

  private Memory pipe(String what) {
    Memory ends = program.memory(new byte[8]);
    program.call(SyscallNumber.PIPE2, ends.address(), literal(O_CLOEXEC, "O_CLOEXEC")).named(what);
    return ends;
  }

  private Argument end(Memory pipe, int offset) {
    Variable descriptor = program.variable("descriptor");
    program.control(Operation.Control.LOAD32, pipe.address(), literal(offset)).into(descriptor);
    return descriptor.value();
  }
}
