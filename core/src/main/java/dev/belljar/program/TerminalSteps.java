package dev.belljar.program;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.DescriptorSteps;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.rootfs.launch.Terminal;

/** What is done with a terminal that was made in a container. */
final class TerminalSteps {
  private static final long NOBODY = 0xffff_ffffL;

  private TerminalSteps() {}

  /**
   * Gives it its size and its owner, and the JVM its master.
   *
   * @return what the command's process is to have
   */
  static Argument hand(
      ContainerProgram.Draft draft, Terminal terminal, TerminalSize size, Credentials owner) {
    ProgramBuilder program = draft.steps;
    program
        .call(
            SyscallNumber.IOCTL,
            terminal.master(),
            literal(Uapi.TIOCSWINSZ(), "TIOCSWINSZ"),
            program.constant(size.bytes()))
        .named("set the size of the terminal");
    if (!owner.isRoot()) {
      program
          .call(SyscallNumber.FCHOWN, terminal.slave(), literal(owner.uid()), literal(NOBODY, "-1"))
          .named("give the terminal to the command's user")
          .ignore(Errno.EINVAL, Errno.EPERM); // who then has what is open, but cannot open it
    }
    DescriptorSteps.send(
        program,
        draft.input(Input.Single.TERMINAL),
        terminal.master(),
        "hand the terminal to the JVM");
    return terminal.slave();
  }

  /** Makes it the process's streams, and what controls its session, which it leads. */
  static void use(ProgramBuilder program, Argument slave) {
    for (int number = 0; number <= 2; number++) {
      ProcessSteps.standardStream(program, slave, number);
    }
    program
        .call(SyscallNumber.IOCTL, slave, literal(Uapi.TIOCSCTTY(), "TIOCSCTTY"), literal(0))
        .named("have the session controlled by the terminal");
  }
}
