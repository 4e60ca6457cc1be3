package dev.belljar.linux.call;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * Calls on sockets of IPv4 and IPv6, all of them non-blocking and close-on-exec.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/socket.7.html">socket(7)</a>
 */
public final class InetCalls {
  /** The type of TCP sockets. */
  public static final int SOCK_STREAM = 1;

  /** The type of UDP sockets. */
  public static final int SOCK_DGRAM = 2;

  private static final int FLAGS = OpenFlags.O_NONBLOCK | OpenFlags.O_CLOEXEC;
  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEADDR = 2;
  private static final int SO_LINGER = 13;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_NODELAY = 1;
  private static final int IPPROTO_IP = 0;
  private static final int IP_BIND_ADDRESS_NO_PORT = 24;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_V6ONLY = 26;
  private static final int SHUT_WR = 1;

  private InetCalls() {}

  /**
   * Makes a socket.
   *
   * @param address one of the family it shall have
   * @param type {@link #SOCK_STREAM} or {@link #SOCK_DGRAM}
   * @return the descriptor
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/socket.2.html">socket(2)</a>
   */
  public static Descriptor socket(InetAddress address, int type) {
    int family = InetAddresses.family(address);
    return FileCalls.own(
        check(
            Syscall.call(SyscallNumber.SOCKET, family, type | FLAGS, 0),
            () ->
                "socket(%s, %s|SOCK_NONBLOCK|SOCK_CLOEXEC, 0)"
                    .formatted(
                        family == InetAddresses.AF_INET ? "AF_INET" : "AF_INET6",
                        type == SOCK_STREAM ? "SOCK_STREAM" : "SOCK_DGRAM")));
  }

  /**
   * Lets a listener take a port whose former connections have not been forgotten yet, and keeps one
   * of IPv6 to IPv6.
   *
   * @throws LinuxException when the kernel refuses
   */
  public static void prepareListener(int fd, InetAddress address) {
    set(fd, SOL_SOCKET, "SOL_SOCKET", SO_REUSEADDR, "SO_REUSEADDR", 1);
    keepToItsFamily(fd, address);
  }

  /**
   * Keeps a socket of IPv6 to IPv6, even when it is bound to the wildcard.
   *
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man7/ipv6.7.html">ipv6(7), IPV6_V6ONLY</a>
   */
  public static void keepToItsFamily(int fd, InetAddress address) {
    if (InetAddresses.family(address) == InetAddresses.AF_INET6) {
      set(fd, IPPROTO_IPV6, "IPPROTO_IPV6", IPV6_V6ONLY, "IPV6_V6ONLY", 1);
    }
  }

  /**
   * Sends small pieces at once, since they have been held back for others by the sender already.
   *
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man7/tcp.7.html">tcp(7), TCP_NODELAY</a>
   */
  public static void sendAtOnce(int fd) {
    set(fd, IPPROTO_TCP, "IPPROTO_TCP", TCP_NODELAY, "TCP_NODELAY", 1);
  }

  /**
   * Lets a later connect choose the port of a bound address, so that ports are used up for each
   * destination and not once for all.
   *
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man7/ip.7.html">ip(7),
   *     IP_BIND_ADDRESS_NO_PORT</a>
   */
  public static void chooseThePortLater(int fd) {
    set(fd, IPPROTO_IP, "IPPROTO_IP", IP_BIND_ADDRESS_NO_PORT, "IP_BIND_ADDRESS_NO_PORT", 1);
  }

  /**
   * Makes the close of a connection a reset: what was not sent is thrown away, and the other side
   * gets an error instead of an end.
   *
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man7/socket.7.html">socket(7), SO_LINGER</a>
   */
  public static void resetOnClose(int fd) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment linger = scratch.allocate(8);
      linger.set(ValueLayout.JAVA_INT, 0, 1); // on, for 0 seconds
      check(
          Syscall.call(SyscallNumber.SETSOCKOPT, fd, SOL_SOCKET, SO_LINGER, linger.address(), 8),
          () -> "setsockopt(" + fd + ", SOL_SOCKET, SO_LINGER, {1, 0}, 8)");
    }
  }

  private static void set(int fd, int level, String levelName, int option, String name, int value) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment memory = scratch.allocate(8);
      memory.set(ValueLayout.JAVA_INT, 0, value);
      check(
          Syscall.call(SyscallNumber.SETSOCKOPT, fd, level, option, memory.address(), 4),
          () -> "setsockopt(%d, %s, %s, [%d], 4)".formatted(fd, levelName, name, value));
    }
  }

  /**
   * Gives a socket its address.
   *
   * @throws LinuxException EADDRINUSE when another has it, EADDRNOTAVAIL when it is not this
   *     namespace's, EACCES when the port is a privileged one
   * @see <a href="https://man7.org/linux/man-pages/man2/bind.2.html">bind(2)</a>
   */
  public static void bind(int fd, InetSocketAddress address) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment name = InetAddresses.write(scratch, address);
      check(
          Syscall.call(SyscallNumber.BIND, fd, name.address(), name.byteSize()),
          () -> "bind(%d, %s)".formatted(fd, address));
    }
  }

  /**
   * Lets a socket be connected to.
   *
   * @param backlog how many connections may wait to be accepted
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/listen.2.html">listen(2)</a>
   */
  public static void listen(int fd, int backlog) {
    check(
        Syscall.call(SyscallNumber.LISTEN, fd, backlog),
        () -> "listen(%d, %d)".formatted(fd, backlog));
  }

  /**
   * Takes a waiting connection.
   *
   * @return its descriptor, or the negative errno: EAGAIN when none waits, EMFILE or ENFILE when
   *     there is no descriptor for it, and then it goes on waiting
   * @see <a href="https://man7.org/linux/man-pages/man2/accept.2.html">accept4(2)</a>
   */
  public static long accept(int fd) {
    return Syscall.call(SyscallNumber.ACCEPT4, fd, 0, 0, FLAGS);
  }

  /**
   * Begins, or asks about, a connection.
   *
   * @return 0 when it is made, or the negative errno: EINPROGRESS or EALREADY while it is being
   *     made
   * @see <a href="https://man7.org/linux/man-pages/man2/connect.2.html">connect(2)</a>
   */
  public static long connect(int fd, InetSocketAddress address) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment name = InetAddresses.write(scratch, address);
      return Syscall.call(SyscallNumber.CONNECT, fd, name.address(), name.byteSize());
    }
  }

  /**
   * Says that no more will be sent; the other side reads its end.
   *
   * @return 0, or the negative errno
   * @see <a href="https://man7.org/linux/man-pages/man2/shutdown.2.html">shutdown(2)</a>
   */
  public static long endOutput(int fd) {
    return Syscall.call(SyscallNumber.SHUTDOWN, fd, SHUT_WR);
  }

  /**
   * Returns a socket's own address.
   *
   * @throws LinuxException when the kernel refuses
   * @see <a href="https://man7.org/linux/man-pages/man2/getsockname.2.html">getsockname(2)</a>
   */
  public static InetSocketAddress name(int fd) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment name = scratch.allocate(InetAddresses.SIZE);
      MemorySegment size = scratch.allocate(8);
      size.set(ValueLayout.JAVA_INT, 0, InetAddresses.SIZE);
      check(
          Syscall.call(SyscallNumber.GETSOCKNAME, fd, name.address(), size.address()),
          () -> "getsockname(" + fd + ", ...)");
      return InetAddresses.read(name);
    }
  }

  /**
   * Receives a datagram.
   *
   * @param memory where to
   * @param sender takes the sender's address, {@link #ADDRESS_SIZE} bytes
   * @return its size, or the negative errno
   * @see <a href="https://man7.org/linux/man-pages/man2/recv.2.html">recvfrom(2)</a>
   */
  public static long receiveFrom(int fd, MemorySegment memory, MemorySegment sender) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment size = scratch.allocate(8);
      size.set(ValueLayout.JAVA_INT, 0, InetAddresses.SIZE);
      return Syscall.call(
          SyscallNumber.RECVFROM,
          fd,
          memory.address(),
          memory.byteSize(),
          0,
          sender.address(),
          size.address());
    }
  }

  /** Room for an address of either family, in bytes. */
  public static final int ADDRESS_SIZE = InetAddresses.SIZE;

  /**
   * Reads an address that {@link #receiveFrom} has written.
   *
   * @param memory the address
   * @return the same as a value
   */
  public static InetSocketAddress address(MemorySegment memory) {
    return InetAddresses.read(memory);
  }

  /**
   * Sends a datagram.
   *
   * @param memory the datagram
   * @param receiver where to
   * @return its size, or the negative errno
   * @see <a href="https://man7.org/linux/man-pages/man2/send.2.html">sendto(2)</a>
   */
  public static long sendTo(int fd, MemorySegment memory, InetSocketAddress receiver) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment name = InetAddresses.write(scratch, receiver);
      return Syscall.call(
          SyscallNumber.SENDTO,
          fd,
          memory.address(),
          memory.byteSize(),
          MSG_NOSIGNAL,
          name.address(),
          name.byteSize());
    }
  }

  /**
   * Sends on a connected socket.
   *
   * @return how many bytes were taken, or the negative errno
   * @see <a href="https://man7.org/linux/man-pages/man2/send.2.html">send(2)</a>
   */
  public static long send(int fd, long address, long size) {
    return Syscall.call(SyscallNumber.SENDTO, fd, address, size, MSG_NOSIGNAL, 0, 0);
  }

  /**
   * Receives on a connected socket.
   *
   * @return how many bytes came, 0 at the end of a stream, or the negative errno
   * @see <a href="https://man7.org/linux/man-pages/man2/recv.2.html">recv(2)</a>
   */
  public static long receive(int fd, long address, long size) {
    return Syscall.call(SyscallNumber.RECVFROM, fd, address, size, 0, 0, 0);
  }

  /**
   * Looks at what would be received, which stays in the socket.
   *
   * @return how many bytes were copied, 0 at the end of a stream, or the negative errno
   * @see <a href="https://man7.org/linux/man-pages/man2/recv.2.html">recv(2), MSG_PEEK</a>
   */
  public static long peek(int fd, long address, long size) {
    return Syscall.call(SyscallNumber.RECVFROM, fd, address, size, MSG_PEEK, 0, 0);
  }

  /**
   * Throws away what has been looked at, without copying it.
   *
   * @return how many bytes went, or the negative errno
   * @see <a href="https://man7.org/linux/man-pages/man7/tcp.7.html">tcp(7), MSG_TRUNC</a>
   */
  public static long discard(int fd, long size) {
    return Syscall.call(SyscallNumber.RECVFROM, fd, 0, size, MSG_TRUNC, 0, 0);
  }

  private static final int MSG_PEEK = 2;
  private static final int MSG_TRUNC = 0x20;
  private static final int MSG_NOSIGNAL = 0x4000;
}
