package dev.belljar.linux.launch;

import static dev.belljar.linux.launch.ProgramBuilder.literal;

import dev.belljar.linux.call.DescriptorPassing;
import dev.belljar.linux.syscall.SyscallNumber;
import java.util.Optional;

/**
 * The steps that pass descriptors between processes, and with this JVM.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7), SCM_RIGHTS</a>
 */
public final class DescriptorSteps {
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;
  private static final int WORD = 8;
  private static final int VECTOR = 8;
  private static final int VECTOR_SIZE = 16;
  private static final int SOCK_SEQPACKET_CLOEXEC = 5 | 0x80000;

  private DescriptorSteps() {}

  /**
   * Adds the step that makes two connected sockets.
   *
   * @return memory that then holds their numbers, of 32 bits each
   */
  public static ProgramBuilder.Memory socketPair(ProgramBuilder program, String what) {
    ProgramBuilder.Memory ends = program.memory(new byte[8]);
    program
        .call(
            SyscallNumber.SOCKETPAIR,
            literal(1, "AF_UNIX"),
            literal(SOCK_SEQPACKET_CLOEXEC, "SOCK_SEQPACKET|SOCK_CLOEXEC"),
            literal(0),
            ends.address())
        .named(what);
    return ends;
  }

  /** Adds the steps that send a descriptor in a message of eight bytes. */
  public static void send(
      ProgramBuilder program, Argument socket, Argument descriptor, String what) {
    ProgramBuilder.Memory control = program.memory(DescriptorPassing.control());
    program.control(
        Operation.Control.STORE32,
        control.address(),
        literal(DescriptorPassing.CONTROL_NUMBER),
        descriptor);
    program
        .call(
            SyscallNumber.SENDMSG,
            socket,
            messageOf(program, control),
            literal(MSG_NOSIGNAL, "MSG_NOSIGNAL"))
        .named(what)
        .demand(WORD);
  }

  /** Adds the steps that wait for such a message and keep its descriptor, close-on-exec. */
  public static void receive(
      ProgramBuilder program, Argument socket, ProgramBuilder.Variable into, String what) {
    ProgramBuilder.Memory control = program.memory(new byte[DescriptorPassing.CONTROL_SIZE]);
    program
        .call(
            SyscallNumber.RECVMSG,
            socket,
            messageOf(program, control),
            literal(MSG_CMSG_CLOEXEC, "MSG_CMSG_CLOEXEC"))
        .named(what)
        .demand(WORD);
    program
        .control(
            Operation.Control.LOAD32, control.address(), literal(DescriptorPassing.CONTROL_NUMBER))
        .into(into);
  }

  private static Argument messageOf(ProgramBuilder program, ProgramBuilder.Memory control) {
    ProgramBuilder.Memory word = program.memory(new byte[WORD]);
    return header(program, word, Optional.of(control));
  }

  /**
   * Adds the steps that make a {@code struct msghdr} of a message of eight bytes.
   *
   * @param word the memory of these bytes
   * @param control {@link DescriptorPassing#control}, where there is a descriptor with them
   * @return its address
   */
  public static Argument header(
      ProgramBuilder program, ProgramBuilder.Memory word, Optional<ProgramBuilder.Memory> control) {
    ProgramBuilder.Memory vector = program.memory(new byte[VECTOR_SIZE]); // struct iovec
    ProgramBuilder.Memory header = program.memory(new byte[DescriptorPassing.HEADER_SIZE]);
    store(program, vector, 0, word.address());
    store(program, vector, VECTOR, literal(WORD));
    store(program, header, DescriptorPassing.HEADER_DATA, vector.address());
    store(program, header, DescriptorPassing.HEADER_DATA_COUNT, literal(1));
    control.ifPresent(memory -> {
      store(program, header, DescriptorPassing.HEADER_CONTROL, memory.address());
      store(
          program,
          header,
          DescriptorPassing.HEADER_CONTROL_SIZE,
          literal(DescriptorPassing.CONTROL_SIZE));
    });
    return header.address();
  }

  private static void store(
      ProgramBuilder program, ProgramBuilder.Memory memory, int offset, Argument value) {
    program.control(Operation.Control.STORE64, memory.address(), literal(offset), value);
  }
}
