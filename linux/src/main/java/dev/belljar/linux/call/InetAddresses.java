package dev.belljar.linux.call;

import dev.belljar.linux.syscall.Scratch;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;

/**
 * Addresses of sockets as the kernel has them, {@code struct sockaddr_in} and {@code sockaddr_in6}.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/ipv6.7.html">ipv6(7)</a>
 */
final class InetAddresses {
  static final int AF_INET = 2;
  static final int AF_INET6 = 10;

  /** Room for either. */
  static final int SIZE = 28;

  private static final int SIZE4 = 16;
  private static final ValueLayout.OfShort PORT =
      ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int PORT_OFFSET = 2;
  private static final int ADDRESS4 = 4;
  private static final int ADDRESS6 = 8;
  private static final int SCOPE6 = 24;

  private InetAddresses() {}

  static int family(InetAddress address) {
    return address instanceof Inet4Address ? AF_INET : AF_INET6;
  }

  /** Writes an address for a socket of its own family. */
  static MemorySegment write(Scratch scratch, InetSocketAddress address) {
    InetAddress host = address.getAddress();
    boolean isV4 = host instanceof Inet4Address;
    MemorySegment memory = scratch.allocate(isV4 ? SIZE4 : SIZE);
    memory.set(ValueLayout.JAVA_SHORT, 0, (short) family(host));
    memory.set(PORT, PORT_OFFSET, (short) address.getPort());
    byte[] bytes = host.getAddress();
    MemorySegment.copy(
        bytes, 0, memory, ValueLayout.JAVA_BYTE, isV4 ? ADDRESS4 : ADDRESS6, bytes.length);
    if (host instanceof Inet6Address v6) {
      memory.set(ValueLayout.JAVA_INT, SCOPE6, v6.getScopeId());
    }
    return memory;
  }

  static InetSocketAddress read(MemorySegment memory) {
    boolean isV4 = memory.get(ValueLayout.JAVA_SHORT, 0) == AF_INET;
    byte[] bytes = new byte[isV4 ? 4 : 16];
    MemorySegment.copy(
        memory, ValueLayout.JAVA_BYTE, isV4 ? ADDRESS4 : ADDRESS6, bytes, 0, bytes.length);
    int port = Short.toUnsignedInt(memory.get(PORT, PORT_OFFSET));
    try {
      int scope = isV4 ? 0 : memory.get(ValueLayout.JAVA_INT, SCOPE6);
      InetAddress host =
          scope == 0
              ? InetAddress.getByAddress(bytes)
              : Inet6Address.getByAddress(null, bytes, scope);
      return new InetSocketAddress(host, port);
    } catch (UnknownHostException e) {
      throw new AssertionError(e); // the length is right
    }
  }
}
