package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static dev.belljar.linux.launch.ProgramBuilder.nothing;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.call.WaitStatus;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.Child;
import dev.belljar.linux.launch.ExecVector;
import dev.belljar.linux.launch.Launch;
import dev.belljar.linux.launch.LaunchImage;
import dev.belljar.linux.launch.LaunchProgram;
import dev.belljar.linux.launch.Launcher;
import dev.belljar.linux.launch.Operand;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.Report;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.rootfs.Mount;
import dev.belljar.rootfs.MountAttribute;
import dev.belljar.rootfs.ProcFallback;
import dev.belljar.rootfs.Rootfs;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The least that starts a command on a root file system, for tests of the root file system. */
final class TestContainer {
  static final long DEADLINE_NANOS = 60_000_000_000L;
  static final Charset CHARSET = StandardCharsets.UTF_8;

  static final long ALL =
      Uapi.CLONE_NEWPID()
          | Uapi.CLONE_NEWNS()
          | Uapi.CLONE_NEWUTS()
          | Uapi.CLONE_NEWIPC()
          | Uapi.CLONE_NEWNET();

  static final int CLOSE_RANGE_CLOEXEC = 4;

  private static final int ORDINARY_USER = 54321;
  private static final int CLONE_ARGS_SIZE = 88;

  /** What a command printed and how it ended. */
  record Result(WaitStatus status, String output) {
    List<String> lines() {
      return output.lines().toList();
    }
  }

  private Rootfs rootfs = Rootfs.host();
  private List<Mount> given = List.of();
  private OwnFiles own = OwnFiles.NONE;
  private ProcFallback procFallback = ProcFallback.FAIL;
  private long namespaces = ALL;
  private boolean isPrivileged;
  private boolean isUser;
  private boolean plainChroot;
  private boolean fromInitramfs;
  private Optional<Surroundings> surroundings = Optional.empty();
  private Optional<BytePath> workingDirectory = Optional.empty();
  private final List<Bind> binds = new ArrayList<>();

  private record Bind(BytePath source, BytePath target, MountTargets.Kind kind, boolean make) {}

  TestContainer rootfs(Rootfs value) {
    rootfs = value;
    return this;
  }

  TestContainer procFallback(ProcFallback value) {
    procFallback = value;
    return this;
  }

  TestContainer given(Mount... mounts) {
    given = List.of(mounts);
    return this;
  }

  /** A text in place of a file of the root's. */
  TestContainer text(String path, String text) {
    own = new OwnFiles(List.of(), List.of(new OwnFiles.Text(BytePath.of(path), Optional.of(text))));
    return this;
  }

  TestContainer namespaces(long kinds) {
    namespaces = kinds;
    return this;
  }

  TestContainer without(long kind) {
    return namespaces(namespaces & ~kind);
  }

  TestContainer privileged() {
    isPrivileged = true;
    return this;
  }

  /** Gives up all privilege first, as a user who is nobody special, and makes USER too. */
  TestContainer asOrdinaryUser() {
    isUser = true;
    return this;
  }

  TestContainer plainChroot() {
    plainChroot = true;
    return this;
  }

  /**
   * Makes the machine's first root of all, an initramfs in memory, the root before anything else:
   * there the machine's files are at {@code /root}.
   */
  TestContainer fromInitramfs() {
    fromInitramfs = true;
    return this;
  }

  TestContainer in(Surroundings value) {
    surroundings = Optional.of(value);
    return this;
  }

  TestContainer workingDirectory(String path) {
    workingDirectory = Optional.of(BytePath.of(path));
    return this;
  }

  /** Also mounts a file or directory of the host at a path inside. */
  TestContainer bind(BytePath source, BytePath target, MountTargets.Kind kind, boolean make) {
    binds.add(new Bind(source, target, kind, make));
    return this;
  }

  /** Also mounts a file or directory of the host at a path inside, which is made where missing. */
  TestContainer bind(Path source, String target) {
    return bind(BytePath.of(source), BytePath.of(target), MountTargets.Kind.LIKE_SOURCE, true);
  }

  /** A running command; closing it kills what still runs. */
  static final class Running implements AutoCloseable {
    private final Child child;
    private final Descriptor input;
    private final Descriptor output;
    private final StringBuilder read = new StringBuilder();

    private Running(Child child, Descriptor input, Descriptor output) {
      this.child = child;
      this.input = input;
      this.output = output;
    }

    int pid() {
      return child.pid();
    }

    /** Waits until it has printed something. */
    String awaitOutput(String text) {
      while (read.indexOf(text) < 0) {
        String more = readSome(output.number());
        if (more.isEmpty()) {
          throw new AssertionError("not printed: " + text + "; but: " + read);
        }
        read.append(more);
      }
      return read.toString();
    }

    Running write(String text) {
      FileCalls.write(input.number(), text.getBytes(CHARSET));
      return this;
    }

    /** Waits for its end. */
    Result result() {
      input.close();
      for (String more = readSome(output.number());
          !more.isEmpty();
          more = readSome(output.number())) {
        read.append(more);
      }
      child.await(DEADLINE_NANOS);
      return new Result(child.exit().join().orElseThrow(), read.toString());
    }

    @Override
    public void close() {
      input.close();
      child.signal(Uapi.SIGKILL());
      child.await(DEADLINE_NANOS);
      output.close();
    }
  }

  static String readSome(int fd) {
    try (Scratch scratch = Scratch.open()) {
      var memory = scratch.allocate(4096);
      int count = FileCalls.read(fd, memory);
      return new String(memory.asSlice(0, count).toArray(ValueLayout.JAVA_BYTE), CHARSET);
    }
  }

  /** Makes the library start all its threads, one for each start. */
  static void warmUp() {
    for (int i = 0; i < Math.max(2, Runtime.getRuntime().availableProcessors()); i++) {
      new TestContainer().asOrdinaryUser().sh("true");
    }
  }

  /** Runs a command to its end. */
  Result run(String... command) {
    try (Running running = start(command)) {
      return running.result();
    }
  }

  /** Runs a script with the shell of the root file system. */
  Result sh(String script) {
    return run("/bin/sh", "-c", script);
  }

  Running start(String... command) {
    Pipe in = FileCalls.pipe(0);
    Pipe out = FileCalls.pipe(0);
    Pipe go = FileCalls.pipe(0);
    try (Descriptor hisInput = in.read();
        Descriptor hisOutput = out.write();
        go) {
      List<Integer> inputs =
          new ArrayList<>(List.of(hisInput.number(), hisOutput.number(), go.read().number()));
      surroundings.ifPresent(s -> inputs.add(s.descriptor()));
      try (LaunchImage image = LaunchImage.of(program(command[0]))) {
        Child child =
            Launcher.start(
                new Launch(
                    image,
                    ExecVector.of(List.of(command), List.of("PATH=/usr/sbin:/usr/bin:/sbin:/bin")),
                    isUser ? 0 : madeByTheClone(),
                    namespaces | (isUser ? Uapi.CLONE_NEWUSER() : 0),
                    Optional.empty(),
                    inputs,
                    isUser,
                    isUser ? Optional.of(pid -> letGo(pid, go.write())) : Optional.empty(),
                    DEADLINE_NANOS));
        return new Running(child, in.write(), out.read());
      } catch (LinuxException e) {
        in.write().close();
        out.read().close();
        throw e;
      }
    }
  }

  private long madeByTheClone() {
    // The one to start from is not this JVM's then, so it is entered and left by steps.
    return surroundings.isPresent() ? namespaces & ~Uapi.CLONE_NEWNS() : namespaces;
  }

  private static void letGo(int pid, Descriptor go) {
    boolean isRoot = Syscall.call(SyscallNumber.GETEUID) == 0;
    long uid = isRoot ? ORDINARY_USER : Syscall.call(SyscallNumber.GETEUID);
    long gid = isRoot ? ORDINARY_USER : Syscall.call(SyscallNumber.GETEGID);
    FileCalls.writeFile(Syscall.AT_FDCWD, "/proc/" + pid + "/setgroups", "deny");
    FileCalls.writeFile(Syscall.AT_FDCWD, "/proc/" + pid + "/uid_map", "0 " + uid + " 1");
    FileCalls.writeFile(Syscall.AT_FDCWD, "/proc/" + pid + "/gid_map", "0 " + gid + " 1");
    FileCalls.write(go.number(), new byte[1]);
  }

  private RootfsSettings settings() {
    return RootfsSettings.of(namespaces | (isUser ? Uapi.CLONE_NEWUSER() : 0), isPrivileged);
  }

  private LaunchProgram program(String command) {
    ProgramBuilder program = new ProgramBuilder();
    Argument input = program.input("input");
    Argument output = program.input("output");
    Argument go = program.input("go");
    program.call(SyscallNumber.SETSID);
    program.call(
        SyscallNumber.CLOSE_RANGE, literal(3), literal(0xffffffffL), literal(CLOSE_RANGE_CLOEXEC));
    for (int fd = 0; fd <= 2; fd++) {
      program.call(SyscallNumber.DUP3, fd == 0 ? input : output, literal(fd), literal(0));
    }
    if (surroundings.isPresent()) {
      Argument namespace = program.input("surroundings");
      program.call(SyscallNumber.SETNS, namespace, literal(Uapi.CLONE_NEWNS()));
      if (!isUser) {
        program.call(SyscallNumber.UNSHARE, literal(Uapi.CLONE_NEWNS()));
      }
    }
    if (isUser) {
      becomeOrdinaryUser(program);
      fork(program, go);
    }
    MountSteps mounts = new MountSteps(program);
    if (fromInitramfs) {
      uncoverInitramfs(program, mounts);
    }
    List<ProgramBuilder.Variable> sources = new ArrayList<>();
    for (Bind bind : binds) {
      ProgramBuilder.Variable source = mounts.descriptor("source");
      mounts.copy(source, MountSteps.WORKING_DIRECTORY, program.string(bind.source.bytes()), true);
      mounts.restrictTree(source, Set.of(MountAttribute.NOSUID, MountAttribute.NODEV));
      sources.add(source);
    }
    RootfsProgram.contribute(
        program,
        new RootfsRequest(
            rootfs, given, Map.of(), List.of(), procFallback, List.of(), plainChroot, false),
        settings(),
        own,
        _ -> {
          throw new IllegalStateException("no tree is handed over");
        },
        () -> {
          throw new IllegalStateException("no text is handed over");
        });
    Map<BytePath, ProgramBuilder.Variable> kernel = new HashMap<>();
    if (!binds.isEmpty()) {
      for (String name : List.of("proc", "sys")) {
        ProgramBuilder.Variable place = mounts.descriptor(name);
        mounts.openDirectory(place, MountSteps.WORKING_DIRECTORY, program.string(name));
        kernel.put(BytePath.of("/" + name), place);
      }
    }
    MountTargets targets = new MountTargets(mounts, MountSteps.WORKING_DIRECTORY, kernel);
    for (int i = 0; i < binds.size(); i++) {
      targets.place(sources.get(i), binds.get(i).target, binds.get(i).kind, binds.get(i).make);
    }
    workingDirectory.ifPresent(path -> RootfsProgram.changeDirectory(program, path));
    Report.addReady(program);
    program
        .call(
            SyscallNumber.EXECVE,
            program.string(command),
            new Operand.Arguments(),
            new Operand.Environment())
        .named("execute");
    return program.build();
  }

  // Whoever enters a mount namespace comes to the top of what is mounted at its first root.
  private static void uncoverInitramfs(ProgramBuilder program, MountSteps mounts) {
    mounts.leaveTheHostsPeerGroups();
    ProgramBuilder.Variable files = mounts.descriptor("the machine's files");
    mounts.copy(files, MountSteps.WORKING_DIRECTORY, program.string("/"), true);
    ProgramBuilder.Variable namespace = mounts.descriptor("own namespace");
    program
        .call(
            SyscallNumber.OPENAT,
            MountSteps.WORKING_DIRECTORY,
            program.string("/proc/self/ns/mnt"),
            literal(0))
        .into(namespace);
    program.call(SyscallNumber.UMOUNT2, program.string("/"), literal(2, "MNT_DETACH"));
    program.call(SyscallNumber.SETNS, namespace.value(), literal(Uapi.CLONE_NEWNS()));
    mounts.place(files, MountSteps.WORKING_DIRECTORY, "/root");
  }

  private static void becomeOrdinaryUser(ProgramBuilder program) {
    if (Syscall.call(SyscallNumber.GETEUID) == 0) {
      Argument id = literal(ORDINARY_USER);
      program.call(SyscallNumber.SETGROUPS, literal(0), nothing());
      program.call(SyscallNumber.SETRESGID, id, id, id);
      program.call(SyscallNumber.SETRESUID, id, id, id);
    }
  }

  private void fork(ProgramBuilder program, Argument go) {
    byte[] arguments =
        ByteBuffer.allocate(CLONE_ARGS_SIZE)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(namespaces | Uapi.CLONE_NEWUSER() | Uapi.CLONE_PARENT())
            .array();
    ProgramBuilder.Variable pid = program.variable("pid");
    ProgramBuilder.Label child = program.label();
    program
        .call(SyscallNumber.CLONE3, program.memory(arguments).address(), literal(CLONE_ARGS_SIZE))
        .into(pid);
    program.jumpIfEqual(pid.value(), literal(0), child);
    Report.addProcess(program, pid.value());
    program.exit(0);
    program.place(child);
    program
        .call(SyscallNumber.READ, go, program.memory(new byte[8]).address(), literal(1))
        .demand(1);
    program.call(SyscallNumber.SETRESGID, literal(0), literal(0), literal(0));
    program.call(SyscallNumber.SETRESUID, literal(0), literal(0), literal(0));
  }
}
