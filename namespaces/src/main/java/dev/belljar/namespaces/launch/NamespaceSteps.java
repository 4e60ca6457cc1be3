package dev.belljar.namespaces.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;
import static dev.belljar.linux.launch.ProgramBuilder.nothing;

import dev.belljar.linux.Errno;
import dev.belljar.linux.launch.Argument;
import dev.belljar.linux.launch.CloneFailure;
import dev.belljar.linux.launch.ProgramBuilder;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.namespaces.NamespaceType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** What namespaces add to a launch program: entering, leaving, and setting up what is inside. */
public final class NamespaceSteps {
  private static final int SIOCSIFFLAGS = 0x8914;
  private static final int IFREQ_SIZE = 40;
  private static final int IFREQ_FLAGS = 16;
  private static final short IFF_UP = 1;
  private static final int AF_INET = 2;
  private static final int O_WRONLY_CLOEXEC = 1 | 0x80000;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;

  private NamespaceSteps() {}

  /**
   * Leaves a namespace for a new one: TIME, whose members are the children made afterwards, and
   * CGROUP, whose root is the group the process is in by then.
   *
   * @param program the program
   * @param type the kind
   */
  public static void unshare(ProgramBuilder program, NamespaceType type) {
    program.call(SyscallNumber.UNSHARE, flag(type)).named("make a new " + type + " namespace");
  }

  /**
   * Enters a namespace; PID and TIME hold for the children made afterwards.
   *
   * @param program the program
   * @param type the kind
   * @param descriptor its descriptor
   */
  public static void enter(ProgramBuilder program, NamespaceType type, Argument descriptor) {
    program
        .call(SyscallNumber.SETNS, descriptor, flag(type))
        .named("enter the " + type + " namespace");
  }

  /**
   * Enters several namespaces of a process at once, all or none.
   *
   * @param program the program
   * @param flags the kinds, as {@code CLONE_NEW*} flags
   * @param pidfd the process
   * @see <a href="https://man7.org/linux/man-pages/man2/setns.2.html">setns(2)</a>
   */
  public static void enterAll(ProgramBuilder program, long flags, Argument pidfd) {
    program
        .call(SyscallNumber.SETNS, pidfd, literal(flags, CloneFailure.flags(flags)))
        .named("enter the namespaces of the container");
  }

  private static Argument flag(NamespaceType type) {
    return literal(type.flag(), CloneFailure.flags(type.flag()));
  }

  /**
   * Brings the loopback interface up: without it not even 127.0.0.1 can be reached.
   *
   * @param program the program, which has an own NET by now
   * @see <a href="https://man7.org/linux/man-pages/man7/netdevice.7.html">netdevice(7)</a>
   */
  public static void loopbackUp(ProgramBuilder program) {
    ByteBuffer request = ByteBuffer.allocate(IFREQ_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    request.put("lo".getBytes(StandardCharsets.US_ASCII)).putShort(IFREQ_FLAGS, IFF_UP);
    ProgramBuilder.Variable socket = program.variable("socket");
    program
        .call(
            SyscallNumber.SOCKET,
            literal(AF_INET, "AF_INET"),
            literal(SOCK_DGRAM_CLOEXEC, "SOCK_DGRAM|SOCK_CLOEXEC"),
            literal(0))
        .named("open a socket in the new NET namespace")
        .into(socket);
    program
        .call(
            SyscallNumber.IOCTL,
            socket.value(),
            literal(SIOCSIFFLAGS, "SIOCSIFFLAGS"),
            program.constant(request.array()))
        .named("bring the loopback interface up")
        .changes(Uapi.CLONE_NEWNET());
    program.call(SyscallNumber.CLOSE, socket.value()).named("close the socket");
  }

  /**
   * Sets the clocks of the TIME namespace that has just been made, before anything enters it.
   *
   * @param program the program, which has left TIME by now
   * @param offsets the lines to be written to {@code timens_offsets}
   * @see <a
   *     href="https://man7.org/linux/man-pages/man7/time_namespaces.7.html">time_namespaces(7)</a>
   */
  public static void clocks(ProgramBuilder program, String offsets) {
    byte[] text = offsets.getBytes(StandardCharsets.US_ASCII);
    ProgramBuilder.Variable file = program.variable("offsets");
    program
        .call(
            SyscallNumber.OPENAT,
            literal(-100, "AT_FDCWD"),
            program.string("/proc/self/timens_offsets"),
            literal(O_WRONLY_CLOEXEC, "O_WRONLY|O_CLOEXEC"))
        .named("open the clocks of the new TIME namespace")
        .into(file);
    program
        .call(SyscallNumber.WRITE, file.value(), program.constant(text), literal(text.length))
        .named("set the clocks of the new TIME namespace")
        .demand(text.length)
        .remedy(Errno.ERANGE, "inside, no clock may be below 0, or above some 146 years")
        .changes(Uapi.CLONE_NEWTIME());
    program.call(SyscallNumber.CLOSE, file.value()).named("close the clocks");
  }

  /**
   * Waits until the launching process has seen to what only it can do, such as writing the id maps
   * of a new USER namespace.
   *
   * @param program the program
   * @param go the read end of a pipe, one byte of which means to go on
   */
  public static void awaitLauncher(ProgramBuilder program, Argument go) {
    ProgramBuilder.Memory one = program.memory(new byte[8]);
    program
        .call(SyscallNumber.READ, go, one.address(), literal(1))
        .named("wait until the launching process says to go on")
        .demand(1);
  }

  /**
   * Becomes the root of the new USER namespace, whose id maps have been written.
   *
   * @param program the program
   * @param setgroups whether the map allows setgroups(2)
   */
  public static void becomeMappedRoot(ProgramBuilder program, boolean setgroups) {
    if (setgroups) {
      program.call(SyscallNumber.SETGROUPS, literal(0), nothing()).named("drop all groups");
    }
    program
        .call(SyscallNumber.SETRESGID, literal(0), literal(0), literal(0))
        .named("become group 0 of the new USER namespace");
    program
        .call(SyscallNumber.SETRESUID, literal(0), literal(0), literal(0))
        .named("become user 0 of the new USER namespace");
  }
}
