package dev.belljar.linux.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.Errno;
import dev.belljar.linux.IdRange;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.Pipe;
import dev.belljar.linux.call.WaitStatus;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Runs newuidmap(1) or newgidmap(1), which alone may map subordinate ids for an ordinary user.
 *
 * @see <a href="https://man7.org/linux/man-pages/man1/newuidmap.1.html">newuidmap(1)</a>
 */
final class IdMapHelper {
  private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final List<String> FOLDERS =
      List.of("/usr/bin/", "/bin/", "/usr/local/bin/", "/run/wrappers/bin/");

  private IdMapHelper() {}

  /**
   * Maps ids.
   *
   * @param helper the helper's name
   * @param pid the process
   * @param ranges what to map
   * @throws LinuxException ENOENT when it is not installed, EPERM when it refuses
   */
  static void run(String helper, int pid, List<IdRange> ranges) {
    List<String> words = new ArrayList<>(List.of(helper, Integer.toString(pid)));
    for (IdRange range : ranges) {
      words.addAll(List.of(range.toString().split(" ", -1)));
    }
    String errors;
    Child child;
    try (Pipe pipe = FileCalls.pipe(0);
        LaunchImage image = LaunchImage.of(program(helper))) {
      child =
          Launcher.start(
              new Launch(
                  image,
                  ExecVector.of(words, List.of("PATH=/usr/bin:/bin", "LC_ALL=C")),
                  0,
                  0,
                  Optional.empty(),
                  List.of(pipe.write().number()),
                  false,
                  Optional.empty(),
                  DEADLINE_NANOS));
      pipe.write().close();
      errors = new String(FileCalls.readAll(pipe.read().number()), StandardCharsets.UTF_8).strip();
    }
    child.await(-1); // it has closed its end, so it is about to end
    boolean done = child.status().filter(status -> status.equals(SUCCESS)).isPresent();
    if (!done) {
      throw new LinuxException(Errno.EPERM.number(), String.join(" ", words) + ": " + errors);
    }
  }

  private static final WaitStatus SUCCESS = WaitStatus.ofRaw(0);

  private static LaunchProgram program(String helper) {
    ProgramBuilder program = new ProgramBuilder();
    Argument errors = program.input("errors");
    program
        .call(SyscallNumber.DUP3, errors, literal(2), literal(0))
        .named("take what the helper says");
    program
        .call(SyscallNumber.CLOSE_RANGE, literal(0), literal(1), literal(0))
        .named("let go of the streams of the JVM");
    program
        .call(
            SyscallNumber.CLOSE_RANGE,
            literal(3),
            literal(0xffff_ffffL, "~0U"),
            literal(Uapi.CLOSE_RANGE_CLOEXEC(), "CLOSE_RANGE_CLOEXEC"))
        .named("close all descriptors on exec");
    Report.addReady(program);
    for (String folder : FOLDERS) {
      program
          .call(
              SyscallNumber.EXECVE,
              program.string(folder + helper),
              new Operand.Arguments(),
              new Operand.Environment())
          .named("execute " + helper)
          .ignore(Errno.ENOENT);
    }
    program
        .fail(Errno.ENOENT, "execve(\"" + helper + "\", ...)")
        .named("find " + helper)
        .remedy("ids of others take the setuid helpers, which Debian's package uidmap has");
    return program.build();
  }
}
