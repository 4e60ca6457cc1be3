package dev.belljar.rootfs.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.Errno;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.launch.ProgramBuilder.Variable;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;

/**
 * A pseudoterminal of the container's own /dev/pts; that of its first command is its /dev/console.
 * The slave is what the kernel gives for the master, never what a name in /dev/pts leads to.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/TIOCGPTPEER.2const.html">TIOCGPTPEER(2)</a>
 */
public final class Terminal {
  private static final int S_IFREG = 0x8000;
  private static final int DEVPTS_SUPER_MAGIC = 0x1cd1; // linux/magic.h
  private static final int FLAGS = OpenFlags.O_RDWR | OpenFlags.O_NOCTTY | OpenFlags.O_CLOEXEC;
  private static final Argument OPEN = literal(FLAGS, "O_RDWR|O_NOCTTY|O_CLOEXEC");

  private final Variable master;
  private final Variable slave;

  Terminal(ProgramBuilder program) {
    master = program.variable("terminal's master", -1);
    slave = program.variable("terminal", -1);
  }

  /** The end of who uses the terminal: this JVM's. */
  public Argument master() {
    return master.value();
  }

  /** The end of the processes in it. */
  public Argument slave() {
    return slave.value();
  }

  /** Makes it, with mounts that nobody else has been able to change. */
  void make(MountSteps mounts, Variable dev, Variable terminals) {
    mounts
        .call(SyscallNumber.OPENAT, terminals.value(), mounts.path("ptmx"), OPEN, literal(0))
        .named("make a terminal")
        .into(master);
    openSlave(mounts.program());
    mounts
        .call(
            SyscallNumber.MKNODAT,
            dev.value(),
            mounts.path("console"),
            literal(S_IFREG | 0600, "S_IFREG|0600"),
            literal(0))
        .named("make /dev/console");
    Variable console = mounts.descriptor("dev/console");
    mounts.copy(console, slave).named("copy the terminal's mount");
    mounts.place(console, dev.value(), "console").named("mount /dev/console");
  }

  /**
   * Makes one in a running container, whose processes may have changed their mounts: whatever is at
   * {@code /dev/pts} must be a file system of terminals, in which nobody can replace {@code ptmx},
   * and nothing may be mounted over that.
   *
   * @param program what to add to; the process is in the container's mount namespace, at its root
   */
  public static Terminal ofRunning(ProgramBuilder program) {
    Terminal terminal = new Terminal(program);
    Variable terminals = program.variable("dev/pts", -1);
    Resolution resolution = new Resolution(program);
    resolution
        .beneath(
            terminals,
            MountSteps.WORKING_DIRECTORY,
            program.string("dev/pts"),
            true,
            "find the container's /dev/pts")
        .remedy(Errno.ELOOP, "a terminal needs a /dev/pts of the container's own, not a link")
        .remedy("a terminal needs a /dev/pts of the container's own");
    new FileSystemProof(program)
        .that(
            terminals,
            literal(DEVPTS_SUPER_MAGIC, "DEVPTS_SUPER_MAGIC"),
            "see that the container's /dev/pts is one of terminals",
            "a terminal needs a /dev/pts of the container's own, and something else is there");
    resolution
        .toTalk(terminal.master, terminals.value(), program.string("ptmx"), "make a terminal")
        .remedy(Errno.EXDEV, "something is mounted over /dev/pts/ptmx in the container")
        .remedy(Errno.ENOSPC, "there are as many terminals as there may be");
    terminal.openSlave(program);
    return terminal;
  }

  private void openSlave(ProgramBuilder program) {
    program
        .call(
            SyscallNumber.IOCTL,
            master.value(),
            literal(Uapi.TIOCSPTLCK(), "TIOCSPTLCK"),
            program.constant(new byte[Integer.BYTES]))
        .named("unlock the terminal");
    program
        .call(SyscallNumber.IOCTL, master.value(), literal(Uapi.TIOCGPTPEER(), "TIOCGPTPEER"), OPEN)
        .named("open the terminal")
        .into(slave);
  }
}
