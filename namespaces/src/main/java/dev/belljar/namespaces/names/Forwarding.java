package dev.belljar.namespaces.names;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.namespaces.Namespace;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Asks the host's servers, one after the other. */
final class Forwarding implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 2000;
  private static final int LARGEST = 65535;

  private final Namespace host;
  private final InetAddress self;
  private final Supplier<List<InetSocketAddress>> servers;
  private final Set<Closeable> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /**
   * Prepares to ask.
   *
   * @param host the network to ask from
   * @param self who is not asked
   * @param servers whom to ask
   */
  Forwarding(Namespace host, InetAddress self, Supplier<List<InetSocketAddress>> servers) {
    this.host = host;
    this.self = self;
    this.servers = servers;
  }

  Namespace host() {
    return host;
  }

  private interface Asking {
    byte[] ask(InetSocketAddress server) throws IOException;
  }

  /**
   * Asks by a datagram.
   *
   * @param query the query as it came
   * @param id its number
   * @return the answer as it came; empty when nobody answered
   */
  Optional<byte[]> ask(byte[] query, int id) {
    return ask(server -> byDatagram(server, query, id));
  }

  /**
   * Asks over TCP, since the one who asked did so.
   *
   * @param query the query as it came
   * @param id its number
   * @return the answer as it came; empty when nobody answered
   */
  Optional<byte[]> askInStream(byte[] query, int id) {
    return ask(server -> inStream(server, query, id));
  }

  private Optional<byte[]> ask(Asking asking) {
    for (InetSocketAddress server : known()) {
      if (!closed && !server.getAddress().equals(self)) { // else it would ask itself
        try {
          return Optional.of(asking.ask(server));
        } catch (IOException | UncheckedIOException | LinuxException unreachable) {
          // The next one may answer, or there may be a descriptor again.
        }
      }
    }
    return Optional.empty();
  }

  private List<InetSocketAddress> known() {
    try {
      return servers.get();
    } catch (LinuxException unreadable) {
      return List.of();
    }
  }

  private byte[] byDatagram(InetSocketAddress server, byte[] query, int id) throws IOException {
    // Connected to the server, so that nobody else's answer comes in.
    try (DatagramSocket socket = HostSockets.datagrams(host, server.getAddress()).socket()) {
      begin(socket);
      socket.connect(server);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.send(new DatagramPacket(query, query.length));
      DatagramPacket packet = new DatagramPacket(new byte[LARGEST], LARGEST);
      do {
        socket.receive(packet);
      } while (packet.getLength() < 2 || id(packet.getData()) != id);
      return Arrays.copyOf(packet.getData(), packet.getLength());
    } finally {
      open.removeIf(one -> one instanceof DatagramSocket socket && socket.isClosed());
    }
  }

  private byte[] inStream(InetSocketAddress server, byte[] query, int id) throws IOException {
    try (Socket socket = HostSockets.stream(host, server.getAddress()).socket()) {
      begin(socket);
      socket.connect(server, PATIENCE_MILLIS);
      socket.setSoTimeout(PATIENCE_MILLIS);
      StreamMessages.write(socket.getOutputStream(), query);
      byte[] answer =
          StreamMessages.read(socket.getInputStream())
              .orElseThrow(() -> new EOFException("no answer of " + server));
      if (answer.length < 2 || id(answer) != id) {
        throw new IOException("another answer of " + server);
      }
      return answer;
    } finally {
      open.removeIf(one -> one instanceof Socket socket && socket.isClosed());
    }
  }

  private void begin(Closeable socket) throws IOException {
    open.add(socket);
    if (closed) {
      throw new ClosedChannelException();
    }
  }

  /** Ends all asking. */
  @Override
  public void close() {
    closed = true;
    Closing.all(open);
  }

  private static int id(byte[] message) {
    return (message[0] & 0xff) << 8 | message[1] & 0xff;
  }
}
