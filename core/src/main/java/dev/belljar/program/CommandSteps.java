package dev.belljar.program;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.Operand;
import dev.belljar.linux.launch.Operation.Control;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.StepDraft;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;

/**
 * Looks the command up and executes it, inside the container, as a shell would.
 *
 * <p>The runner's argument vector holds the candidates, then {@code /bin/sh}, then the command's
 * own arguments; see {@link CommandVector}. A candidate that is no executable format is given to
 * the shell, whose arguments are the vector from {@code /bin/sh} on, with the candidate in place of
 * the command's argument 0.
 *
 * @see <a href="https://man7.org/linux/man-pages/man3/exec.3.html">execvp(3)</a>
 */
final class CommandSteps {
  private static final int POINTER = 8;

  private final ProgramBuilder program;
  private final String command;
  private final int candidates;
  private final ProgramBuilder.Variable path;
  private final ProgramBuilder.Variable arguments;
  private final ProgramBuilder.Variable denied;
  private final ProgramBuilder.Label shell;
  private final ProgramBuilder.Label incomplete;

  private CommandSteps(ProgramBuilder program, String command, int candidates) {
    this.program = program;
    this.command = command;
    this.candidates = candidates;
    path = program.variable("path");
    arguments = program.variable("arguments");
    denied = program.variable("denied");
    shell = program.label();
    incomplete = program.label();
  }

  /**
   * Adds the steps; none comes after them.
   *
   * @param command the command's name, for messages
   * @param candidates how many paths to try
   */
  static void add(ProgramBuilder program, String command, int candidates) {
    new CommandSteps(program, command, candidates).add();
  }

  private void add() {
    program
        .control(Control.ADD, new Operand.Arguments(), literal((long) POINTER * (candidates + 1)))
        .into(arguments);
    for (int i = 0; i < candidates; i++) {
      tryCandidate(i);
    }
    ProgramBuilder.Label missing = program.label();
    program.jumpIfEqual(denied.value(), literal(0), missing);
    fail(Errno.EACCES, "execute " + command);
    program.place(missing);
    fail(Errno.ENOENT, "find the command " + command);
    program.place(incomplete);
    fail(
        Errno.ENOENT,
        "execute %s: the file is there, but the interpreter or loader it names is not"
            .formatted(command));
    program.place(shell);
    giveToShell();
  }

  private void tryCandidate(int index) {
    ProgramBuilder.Label next = program.label();
    ProgramBuilder.Label notAllowed = program.label();
    ProgramBuilder.Label notFound = program.label();
    program
        .control(Control.LOAD64, new Operand.Arguments(), literal((long) POINTER * index))
        .into(path);
    execute(path.value(), arguments.value())
        .on(Errno.ENOENT, notFound)
        .on(Errno.ENOTDIR, next)
        .on(Errno.EACCES, notAllowed)
        .on(Errno.ENOEXEC, shell);
    program.place(notAllowed);
    program.control(Control.ADD, literal(1), literal(0)).into(denied);
    program.jump(next);
    program.place(notFound);
    program
        .call(
            SyscallNumber.FACCESSAT,
            literal(Syscall.AT_FDCWD, "AT_FDCWD"),
            path.value(),
            literal(0, "F_OK"))
        .named("look whether the file is there")
        .onAnyOther(next);
    program.jump(incomplete);
    program.place(next);
  }

  private StepDraft execute(Argument file, Argument argv) {
    return program
        .call(SyscallNumber.EXECVE, file, argv, new Operand.Environment())
        .named("execute " + command);
  }

  private void giveToShell() {
    ProgramBuilder.Variable script = program.variable("shell arguments");
    program.control(Control.STORE64, arguments.value(), literal(0), path.value());
    program.control(Control.ADD, arguments.value(), literal(-POINTER)).into(script);
    program.control(Control.LOAD64, script.value(), literal(0)).into(path);
    execute(path.value(), script.value());
  }

  private void fail(Errno errno, String name) {
    program.fail(errno, "execve(\"" + command + "\", ...)").named(name);
  }
}
