package dev.belljar.namespaces.names;

import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.inside.Inside;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.function.Function;

/** Sockets of the bridge's own network: one belongs to the network that it was made in. */
final class HostSockets {
  private HostSockets() {}

  static DatagramChannel datagrams(Namespace host, InetAddress address) {
    return open(host, inside -> inside.datagramChannel(family(address)));
  }

  static SocketChannel stream(Namespace host, InetAddress address) {
    return open(host, inside -> inside.socketChannel(family(address)));
  }

  static ServerSocketChannel listener(Namespace host, InetAddress address) {
    return open(host, inside -> inside.serverSocketChannel(family(address)));
  }

  private static StandardProtocolFamily family(InetAddress address) {
    return address instanceof Inet4Address
        ? StandardProtocolFamily.INET
        : StandardProtocolFamily.INET6;
  }

  private static <T> T open(Namespace host, Function<Inside, T> opening) {
    try (Inside inside =
        new Inside(host.descriptor(), host.type().flag(), host.type().fileName())) {
      return opening.apply(inside);
    }
  }
}
