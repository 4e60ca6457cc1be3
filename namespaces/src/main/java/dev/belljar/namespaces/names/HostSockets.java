package dev.belljar.namespaces.names;

import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.inside.Inside;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** Sockets of the bridge's own network: one belongs to the network that it was made in. */
final class HostSockets {
  private interface Opening<T> {
    T open(StandardProtocolFamily family) throws IOException;
  }

  private HostSockets() {}

  static DatagramChannel datagrams(Namespace host, InetAddress address) {
    return open(host, address, DatagramChannel::open);
  }

  static SocketChannel stream(Namespace host, InetAddress address) {
    return open(host, address, SocketChannel::open);
  }

  static ServerSocketChannel listener(Namespace host, InetAddress address) {
    return open(host, address, ServerSocketChannel::open);
  }

  private static <T> T open(Namespace host, InetAddress address, Opening<T> opening) {
    StandardProtocolFamily family =
        address instanceof Inet4Address
            ? StandardProtocolFamily.INET
            : StandardProtocolFamily.INET6;
    try (Inside inside =
        new Inside(host.descriptor(), host.type().flag(), host.type().fileName())) {
      return inside.call(() -> {
        try {
          return opening.open(family);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
  }
}
