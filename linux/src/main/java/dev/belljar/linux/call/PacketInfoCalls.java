package dev.belljar.linux.call;

import static dev.belljar.linux.call.Strace.check;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.linux.syscall.SyscallNumber;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/**
 * Datagrams of a socket that is bound to a wildcard, with the address of this machine that each
 * came to: an answer has to come from there, or whoever asked does not know it.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/ip.7.html">ip(7), IP_PKTINFO</a>
 * @see <a href="https://man7.org/linux/man-pages/man7/ipv6.7.html">ipv6(7), IPV6_RECVPKTINFO</a>
 */
public final class PacketInfoCalls {
  private static final int IPPROTO_IP = 0;
  private static final int IP_PKTINFO = 8;
  private static final int IPPROTO_IPV6 = 41;
  private static final int IPV6_RECVPKTINFO = 49;
  private static final int IPV6_PKTINFO = 50;

  // struct msghdr
  private static final int NAME = 0;
  private static final int NAME_SIZE = 8;

  // struct cmsghdr, and behind it struct in_pktinfo or in6_pktinfo
  private static final int LEVEL = 8;
  private static final int TYPE = 12;
  private static final int INFO = 16;
  private static final int INFO4_SIZE = 12;
  private static final int INFO4_LOCAL = 4; // ipi_spec_dst: whom to answer as
  private static final int INFO6_SIZE = 20;
  private static final int CONTROL_SIZE = 128; // more than any of them

  private static final int MSG_NOSIGNAL = 0x4000;

  /**
   * What is known of a datagram that came.
   *
   * @param size its size in bytes, or the negative errno
   * @param sender who sent it, when it came
   * @param receiver the address of this machine that it came to; empty when the kernel does not say
   */
  public record Arrival(
      long size, Optional<InetSocketAddress> sender, Optional<InetAddress> receiver) {}

  private PacketInfoCalls() {}

  /**
   * Lets the kernel say to which address each datagram came.
   *
   * @param fd a UDP socket
   * @param address one of the socket's family
   * @throws LinuxException when the kernel refuses
   */
  public static void enable(int fd, InetAddress address) {
    boolean isV4 = address instanceof Inet4Address;
    int level = isV4 ? IPPROTO_IP : IPPROTO_IPV6;
    int option = isV4 ? IP_PKTINFO : IPV6_RECVPKTINFO;
    try (Scratch scratch = Scratch.open()) {
      MemorySegment one = scratch.allocate(8);
      one.set(ValueLayout.JAVA_INT, 0, 1);
      check(
          Syscall.call(SyscallNumber.SETSOCKOPT, fd, level, option, one.address(), 4),
          () ->
              "setsockopt(%d, %s, [1], 4)"
                  .formatted(
                      fd, isV4 ? "IPPROTO_IP, IP_PKTINFO" : "IPPROTO_IPV6, IPV6_RECVPKTINFO"));
    }
  }

  /**
   * Receives a datagram.
   *
   * @param fd a socket that was {@linkplain #enable enabled}
   * @param memory where to
   * @return the datagram's size and addresses
   * @see <a href="https://man7.org/linux/man-pages/man2/recv.2.html">recvmsg(2)</a>
   */
  public static Arrival receive(int fd, MemorySegment memory) {
    try (Scratch scratch = Scratch.open()) {
      MemorySegment sender = scratch.allocate(InetAddresses.SIZE);
      MemorySegment control = scratch.allocate(CONTROL_SIZE);
      MemorySegment header = header(scratch, memory, sender, control);
      long size = Syscall.call(SyscallNumber.RECVMSG, fd, header.address(), 0);
      if (size < 0) {
        return new Arrival(size, Optional.empty(), Optional.empty());
      }
      long used = header.get(ValueLayout.JAVA_LONG, DescriptorPassing.HEADER_CONTROL_SIZE);
      return new Arrival(
          size, Optional.of(InetAddresses.read(sender)), local(control.asSlice(0, used)));
    }
  }

  private static MemorySegment header(
      Scratch scratch, MemorySegment memory, MemorySegment name, MemorySegment control) {
    MemorySegment data = scratch.allocate(16); // struct iovec
    data.set(ValueLayout.JAVA_LONG, 0, memory.address());
    data.set(ValueLayout.JAVA_LONG, 8, memory.byteSize());
    MemorySegment header = scratch.allocate(DescriptorPassing.HEADER_SIZE);
    header.set(ValueLayout.JAVA_LONG, NAME, name.address());
    header.set(ValueLayout.JAVA_INT, NAME_SIZE, (int) name.byteSize());
    header.set(ValueLayout.JAVA_LONG, DescriptorPassing.HEADER_DATA, data.address());
    header.set(ValueLayout.JAVA_LONG, DescriptorPassing.HEADER_DATA_COUNT, 1);
    header.set(ValueLayout.JAVA_LONG, DescriptorPassing.HEADER_CONTROL, control.address());
    header.set(ValueLayout.JAVA_LONG, DescriptorPassing.HEADER_CONTROL_SIZE, control.byteSize());
    return header;
  }

  private static Optional<InetAddress> local(MemorySegment control) {
    if (control.byteSize() < INFO + INFO4_SIZE) {
      return Optional.empty();
    }
    int level = control.get(ValueLayout.JAVA_INT, LEVEL);
    int type = control.get(ValueLayout.JAVA_INT, TYPE);
    if (level == IPPROTO_IP && type == IP_PKTINFO) {
      return Optional.of(address(control.asSlice(INFO + INFO4_LOCAL, 4)));
    }
    if (level == IPPROTO_IPV6 && type == IPV6_PKTINFO && control.byteSize() >= INFO + INFO6_SIZE) {
      // Nobody can answer as a group.
      return Optional.of(address(control.asSlice(INFO, 16)))
          .filter(address -> !address.isMulticastAddress());
    }
    return Optional.empty();
  }

  private static InetAddress address(MemorySegment bytes) {
    try {
      return InetAddress.getByAddress(bytes.toArray(ValueLayout.JAVA_BYTE));
    } catch (UnknownHostException e) {
      throw new AssertionError(e); // the length is right
    }
  }

  /**
   * Sends a datagram from one of this machine's addresses.
   *
   * @param fd the socket, bound to the wildcard of the family
   * @param memory the datagram
   * @param receiver where to
   * @param sender the address it comes from
   * @return its size, or the negative errno: EINVAL or EADDRNOTAVAIL when this machine has no such
   *     address
   * @see <a href="https://man7.org/linux/man-pages/man2/send.2.html">sendmsg(2)</a>
   */
  public static long send(
      int fd, MemorySegment memory, InetSocketAddress receiver, InetAddress sender) {
    try (Scratch scratch = Scratch.open()) {
      byte[] bytes = sender.getAddress();
      boolean isV4 = bytes.length == 4;
      int infoSize = isV4 ? INFO4_SIZE : INFO6_SIZE;
      MemorySegment control = scratch.allocate(INFO + (isV4 ? 16 : 24)); // a multiple of 8
      control.set(ValueLayout.JAVA_LONG, 0, INFO + infoSize);
      control.set(ValueLayout.JAVA_INT, LEVEL, isV4 ? IPPROTO_IP : IPPROTO_IPV6);
      control.set(ValueLayout.JAVA_INT, TYPE, isV4 ? IP_PKTINFO : IPV6_PKTINFO);
      MemorySegment.copy(
          bytes, 0, control, ValueLayout.JAVA_BYTE, isV4 ? INFO + INFO4_LOCAL : INFO, bytes.length);
      MemorySegment header =
          header(scratch, memory, InetAddresses.write(scratch, receiver), control);
      return Syscall.call(SyscallNumber.SENDMSG, fd, header.address(), MSG_NOSIGNAL);
    }
  }
}
