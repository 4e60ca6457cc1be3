package dev.belljar.namespaces.forward;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;

/**
 * How a forwarder reaches into a namespace: at one of its own addresses, and from the same.
 *
 * <p>It is no loopback address. A server that listens on 127.0.0.1 only, or that trusts whoever
 * comes from there, is meant for the container itself (CVE-2021-20199). It is the same at both ends
 * since a server of UDP that listens on any address answers a local one from that very address.
 *
 * @param address the address
 */
record Reach(InetAddress address) {
  /**
   * Where the namespace has no other address. Link-local ones are not routed anywhere, so this one
   * cannot hide a network that the container is to reach.
   *
   * @see <a href="https://www.rfc-editor.org/rfc/rfc3927">RFC 3927</a>
   */
  static final Reach V4 = new Reach(address(169, 254, 77, 1));

  /**
   * The same of IPv6: a unique local address, {@code fd62:656c:6c6a:6172::1}, which spells the
   * library's name.
   *
   * @see <a href="https://www.rfc-editor.org/rfc/rfc4193">RFC 4193</a>
   */
  static final Reach V6 =
      new Reach(address(0xfd, 0x62, 0x65, 0x6c, 0x6c, 0x6a, 0x61, 0x72, 0, 0, 0, 0, 0, 0, 0, 1));

  static InetAddress loopback() {
    return address(127, 0, 0, 1);
  }

  private static InetAddress address(int... bytes) {
    byte[] all = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      all[i] = (byte) bytes[i];
    }
    try {
      return InetAddress.getByAddress(all);
    } catch (UnknownHostException e) {
      throw new AssertionError(e); // the length is right
    }
  }

  /** Where a connection comes from; the port is any. */
  InetSocketAddress from() {
    return new InetSocketAddress(address, 0);
  }

  InetSocketAddress to(int port) {
    return new InetSocketAddress(address, port);
  }
}
