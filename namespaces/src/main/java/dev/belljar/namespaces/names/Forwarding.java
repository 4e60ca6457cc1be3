package dev.belljar.namespaces.names;

import dev.belljar.namespaces.Namespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Asks the host's servers, one after the other. */
final class Forwarding {
  private static final int PATIENCE_MILLIS = 2000;
  private static final int LARGEST = 65535;

  private final Namespace host;
  private final InetAddress self;
  private final Set<DatagramSocket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  Forwarding(Namespace host, InetAddress self) {
    this.host = host;
    this.self = self;
  }

  /**
   * Asks.
   *
   * @param query the query as it came
   * @param id its number
   * @return the answer as it came; empty when nobody answered
   */
  Optional<byte[]> ask(byte[] query, int id) {
    for (InetSocketAddress server : Upstream.servers()) {
      if (!closed && !server.getAddress().equals(self)) { // else it would ask itself
        Optional<byte[]> answer = ask(server, query, id);
        if (answer.isPresent()) {
          return answer;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<byte[]> ask(InetSocketAddress server, byte[] query, int id) {
    // Connected to the server, so that nobody else's answer comes in.
    try (DatagramSocket socket = NameServer.open(host, server.getAddress()).socket()) {
      open.add(socket);
      if (closed) {
        return Optional.empty();
      }
      socket.connect(server);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.send(new DatagramPacket(query, query.length));
      DatagramPacket packet = new DatagramPacket(new byte[LARGEST], LARGEST);
      do {
        socket.receive(packet);
      } while (packet.getLength() < 2 || id(packet.getData()) != id);
      return Optional.of(Arrays.copyOf(packet.getData(), packet.getLength()));
    } catch (IOException | UncheckedIOException unreachable) {
      return Optional.empty();
    } finally {
      open.removeIf(DatagramSocket::isClosed);
    }
  }

  /** Ends all asking. */
  void close() {
    closed = true;
    open.forEach(DatagramSocket::close);
  }

  private static int id(byte[] message) {
    return (message[0] & 0xff) << 8 | message[1] & 0xff;
  }
}
