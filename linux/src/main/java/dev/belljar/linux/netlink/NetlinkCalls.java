package dev.belljar.linux.netlink;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.linux.uapi.sockaddr_nl;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;

/** The calls on netlink sockets. */
final class NetlinkCalls {
  static final int WAIT = 0;
  static final int DO_NOT_WAIT = 0x40; // MSG_DONTWAIT
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int SOL_NETLINK = 270;
  private static final int MSG_TRUNC = 0x20;

  private NetlinkCalls() {}

  static Descriptor socket(int protocol) {
    return FileCalls.own(
        check(
            Syscall.call(SyscallNumber.SOCKET, AF_NETLINK, SOCK_RAW_CLOEXEC, protocol),
            () -> "socket(AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, " + protocol + ")"));
  }

  static void setOption(int fd, int option, int value) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment memory = scratch.allocate(4);
      memory.set(ValueLayout.JAVA_INT, 0, value);
      check(
          Syscall.call(SyscallNumber.SETSOCKOPT, fd, SOL_NETLINK, option, memory.address(), 4),
          () -> "setsockopt(%d, SOL_NETLINK, %d, [%d], 4)".formatted(fd, option, value));
    }
  }

  /** Gives the socket an address of the kernel's choice: without one it hears no news. */
  static void bind(int fd) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment address = scratch.allocate(sockaddr_nl.sizeof());
      sockaddr_nl.nl_family(address, (short) AF_NETLINK);
      check(
          Syscall.call(SyscallNumber.BIND, fd, address.address(), address.byteSize()),
          () -> "bind(" + fd + ", {sa_family=AF_NETLINK}, " + address.byteSize() + ")");
    }
  }

  static void send(int fd, MemorySegment datagram) {
    long size = datagram.byteSize();
    long sent;
    do {
      sent = Syscall.call(SyscallNumber.SENDTO, fd, datagram.address(), size, 0, 0, 0);
    } while (sent == -Uapi.EINTR());
    check(sent, () -> "sendto(" + fd + ", ..., " + size + ", 0, NULL, 0)");
  }

  /**
   * Takes one datagram.
   *
   * @param buffer where to
   * @param flags {@link #WAIT} or {@link #DO_NOT_WAIT}
   * @return its messages, copied out of the buffer; empty when there is none and it was not to wait
   * @throws LinuxException ENOBUFS when some were lost
   */
  static Optional<List<NetlinkMessage>> receive(int fd, MemorySegment buffer, int flags) {
    long room = buffer.byteSize();
    long size;
    do {
      size =
          Syscall.call(SyscallNumber.RECVFROM, fd, buffer.address(), room, flags | MSG_TRUNC, 0, 0);
    } while (size == -Uapi.EINTR());
    if (size == -Uapi.EAGAIN()) {
      return Optional.empty();
    }
    String call = "recvfrom(" + fd + ", ..., " + room + ", MSG_TRUNC)";
    check(size, () -> call);
    if (size > room) {
      throw new LinuxException(Errno.EMSGSIZE.number(), call);
    }
    int words = Math.toIntExact((size + Long.BYTES - 1) / Long.BYTES);
    MemorySegment copy = MemorySegment.ofArray(new long[words]).asSlice(0, size);
    copy.copyFrom(buffer.asSlice(0, size));
    return Optional.of(NetlinkMessage.read(copy));
  }
}
