package dev.belljar.linux.call;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * Messages between processes that carry a descriptor.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/unix.7.html">unix(7), SCM_RIGHTS</a>
 */
public final class DescriptorPassing {
  /** The size of {@code struct msghdr}. */
  public static final int HEADER_SIZE = 56;

  /** The offset in {@code struct msghdr} of the address of the data's {@code struct iovec}. */
  public static final int HEADER_DATA = 16;

  /** The offset in {@code struct msghdr} of the number of {@code struct iovec}. */
  public static final int HEADER_DATA_COUNT = 24;

  /** The offset in {@code struct msghdr} of the address of the control message. */
  public static final int HEADER_CONTROL = 32;

  /** The offset in {@code struct msghdr} of the size of the control messages. */
  public static final int HEADER_CONTROL_SIZE = 40;

  /** The size of a control message of one descriptor, padding included. */
  public static final int CONTROL_SIZE = 24;

  /** The offset in that control message of its length, of its level and type, of the number. */
  public static final int CONTROL_NUMBER = 16;

  private static final int CONTROL_LENGTH = 20;
  private static final int AF_UNIX = 1;
  private static final int SOCK_SEQPACKET_CLOEXEC = 5 | OpenFlags.O_CLOEXEC;
  private static final int SOL_SOCKET = 1;
  private static final int SCM_RIGHTS = 1;
  private static final int MSG_NOSIGNAL = 0x4000;
  private static final int MSG_CMSG_CLOEXEC = 0x4000_0000;

  /**
   * A message.
   *
   * @param value its eight bytes
   * @param descriptor what came with it
   */
  public record Message(long value, Optional<Descriptor> descriptor) {}

  private DescriptorPassing() {}

  /**
   * Makes two connected sockets that keep messages apart.
   *
   * @return the sockets, either of which can be read and written
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/socketpair.2.html">socketpair(2)</a>
   */
  public static Pipe socketPair() {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment ends = scratch.allocate(8);
      check(
          Syscall.call(
              SyscallNumber.SOCKETPAIR, AF_UNIX, SOCK_SEQPACKET_CLOEXEC, 0, ends.address()),
          () -> "socketpair(AF_UNIX, SOCK_SEQPACKET|SOCK_CLOEXEC, 0, ...)");
      Descriptor first = Descriptor.owning(ends.get(ValueLayout.JAVA_INT, 0));
      Descriptor second = Descriptor.owning(ends.get(ValueLayout.JAVA_INT, 4));
      return FileCalls.pipeOf(first, second);
    }
  }

  /**
   * Sends a message without a descriptor.
   *
   * @param socket the socket
   * @param bytes the message
   * @throws LinuxException when the kernel refuses, EPIPE when nobody is at the other end
   * @see <a href="https://man7.org/linux/man-pages/man2/send.2.html">sendto(2)</a>
   */
  public static void send(int socket, byte[] bytes) {
    try (Scratch scratch = Scratch.open()) {
      long memory = scratch.string(bytes);
      long sent;
      do {
        sent = Syscall.call(SyscallNumber.SENDTO, socket, memory, bytes.length, MSG_NOSIGNAL, 0, 0);
      } while (sent == -Uapi.EINTR());
      check(sent, () -> "sendto(%d, ..., %d, MSG_NOSIGNAL)".formatted(socket, bytes.length));
    }
  }

  /**
   * Receives a message of eight bytes, and a descriptor if it carries one.
   *
   * @param socket the socket
   * @return the message; empty when nobody is at the other end any more
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/recv.2.html">recvmsg(2)</a>
   */
  public static Optional<Message> receive(int socket) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment value = scratch.allocate(8);
      MemorySegment data = scratch.allocate(16); // struct iovec
      data.set(ValueLayout.JAVA_LONG, 0, value.address());
      data.set(ValueLayout.JAVA_LONG, 8, 8);
      MemorySegment control = scratch.allocate(CONTROL_SIZE);
      MemorySegment header = scratch.allocate(HEADER_SIZE);
      header.set(ValueLayout.JAVA_LONG, HEADER_DATA, data.address());
      header.set(ValueLayout.JAVA_LONG, HEADER_DATA_COUNT, 1);
      header.set(ValueLayout.JAVA_LONG, HEADER_CONTROL, control.address());
      header.set(ValueLayout.JAVA_LONG, HEADER_CONTROL_SIZE, CONTROL_SIZE);
      long count;
      do {
        count = Syscall.call(SyscallNumber.RECVMSG, socket, header.address(), MSG_CMSG_CLOEXEC);
      } while (count == -Uapi.EINTR());
      check(count, () -> "recvmsg(" + socket + ", ..., MSG_CMSG_CLOEXEC)");
      if (count == 0) {
        return Optional.empty();
      }
      boolean carries =
          header.get(ValueLayout.JAVA_LONG, HEADER_CONTROL_SIZE) >= CONTROL_LENGTH
              && control.get(ValueLayout.JAVA_INT, 8) == SOL_SOCKET
              && control.get(ValueLayout.JAVA_INT, 12) == SCM_RIGHTS;
      return Optional.of(
          new Message(
              value.get(ValueLayout.JAVA_LONG, 0),
              carries
                  ? Optional.of(FileCalls.own(control.get(ValueLayout.JAVA_INT, CONTROL_NUMBER)))
                  : Optional.empty()));
    }
  }

  /**
   * Returns a control message that carries a descriptor, whose number is at {@link
   * #CONTROL_NUMBER}.
   *
   * @return its bytes
   */
  public static byte[] control() {
    MemorySegment control = MemorySegment.ofArray(new long[CONTROL_SIZE / 8]);
    control.set(ValueLayout.JAVA_LONG, 0, CONTROL_LENGTH);
    control.set(ValueLayout.JAVA_INT, 8, SOL_SOCKET);
    control.set(ValueLayout.JAVA_INT, 12, SCM_RIGHTS);
    return control.toArray(ValueLayout.JAVA_BYTE);
  }
}
