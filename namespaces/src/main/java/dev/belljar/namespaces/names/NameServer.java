package dev.belljar.namespaces.names;

import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.Threads;
import dev.belljar.namespaces.Namespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Answers DNS queries that come to a bridge's gateway: for the names of its containers from what
 * the kernel knows of them, for all others from the host's own servers.
 *
 * <p>Several JVMs may do so for one bridge: they share the port, and all know the same. At most 32
 * datagrams and 32 streams are being asked for elsewhere at a time; further datagrams are dropped,
 * and whoever sent them asks again.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/socket.7.html">socket(7), SO_REUSEPORT</a>
 */
public final class NameServer implements AutoCloseable {
  private static final int PORT = 53;
  private static final int LARGEST = 4096;

  private final KnownNames names;
  private final Forwarding forwarding;
  private final DatagramChannel channel;
  private final StreamServer streams;
  private final Askers askers = new Askers();
  private final Thread thread = thread(this::serve, "belljar-names");

  private NameServer(
      KnownNames names, Forwarding forwarding, DatagramChannel channel, InetSocketAddress address)
      throws IOException {
    this.names = names;
    this.forwarding = forwarding;
    this.channel = channel;
    this.streams = StreamServer.start(forwarding.host(), address, this::answerInStream);
  }

  /**
   * Begins to answer.
   *
   * @param host the NET namespace of the bridge, which must stay open
   * @param gateway the bridge's address
   * @param names who is on the bridge
   * @return what ends it
   * @throws UncheckedIOException when another program has the port
   */
  public static NameServer start(Namespace host, InetAddress gateway, KnownNames names) {
    return start(host, gateway, names, Upstream::servers);
  }

  static NameServer start(
      Namespace host,
      InetAddress gateway,
      KnownNames names,
      Supplier<List<InetSocketAddress>> upstream) {
    DatagramChannel channel = HostSockets.datagrams(host, gateway);
    try {
      InetSocketAddress address = new InetSocketAddress(gateway, PORT);
      channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      channel.bind(address);
      Forwarding forwarding = new Forwarding(host, gateway, upstream);
      NameServer server = new NameServer(names, forwarding, channel, address);
      server.thread.start();
      return server;
    } catch (IOException e) {
      UncheckedIOException failure =
          new UncheckedIOException(
              "answering for names at " + gateway.getHostAddress() + ":53: " + e.getMessage(), e);
      Closing.after(failure, channel);
      throw failure;
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, channel);
      throw failure;
    }
  }

  // Not virtual ones, for which the JDK would keep pollers for ever.
  static Thread thread(Runnable work, String name) {
    Thread thread = new Thread(null, work, name, 0, false);
    thread.setDaemon(true);
    thread.setContextClassLoader(null);
    return thread;
  }

  private void serve() {
    ByteBuffer buffer = ByteBuffer.allocate(LARGEST);
    while (channel.isOpen()) {
      try {
        buffer.clear();
        SocketAddress asker = channel.receive(buffer);
        byte[] query = Arrays.copyOf(buffer.array(), buffer.position());
        DnsQuestion.read(query).ifPresent(question -> answer(query, question, asker));
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException | LinuxException refused) {
        // An earlier answer could not be delivered, or the kernel not be asked: the asker asks
        // again.
      }
    }
  }

  /** What is known is answered at once; asking others may take seconds. */
  private void answer(byte[] query, DnsQuestion question, SocketAddress asker) {
    Optional<byte[]> known = answer(names.now(), query, question);
    if (known.isPresent()) {
      send(known.get(), asker);
      return;
    }
    askers.start(() ->
        send(
            forwarding
                .ask(query, question.id())
                .orElseGet(() -> DnsAnswer.failure(query, question)),
            asker));
  }

  private Optional<byte[]> answerInStream(byte[] query) {
    return DnsQuestion.read(query)
        .map(question ->
            answer(names.now(), query, question)
                .or(() -> forwarding.askInStream(query, question.id()))
                .orElseGet(() -> DnsAnswer.failure(query, question)));
  }

  private void send(byte[] answer, SocketAddress asker) {
    try {
      channel.send(ByteBuffer.wrap(answer), asker);
    } catch (IOException gone) {
      // The asker will ask again, if it is still there.
    }
  }

  static Optional<byte[]> answer(
      Map<String, List<InetAddress>> names, byte[] query, DnsQuestion question) {
    if (question.type() == DnsQuestion.PTR) {
      return names.entrySet().stream()
          .filter(entry ->
              entry.getValue().stream()
                  .anyMatch(address -> reverse(address).equals(question.name())))
          .map(entry -> DnsAnswer.name(query, question, entry.getKey()))
          .findFirst();
    }
    List<InetAddress> addresses = names.get(question.name());
    if (addresses == null) {
      return Optional.empty();
    }
    boolean v4 = question.type() == DnsQuestion.A || question.type() == DnsQuestion.ANY;
    boolean v6 = question.type() == DnsQuestion.AAAA;
    return Optional.of(
        DnsAnswer.addresses(
            query,
            question,
            addresses.stream()
                .filter(address -> address instanceof Inet4Address ? v4 : v6)
                .toList()));
  }

  /** The name under which an address is looked up. */
  static String reverse(InetAddress address) {
    byte[] bytes = address.getAddress();
    StringBuilder name = new StringBuilder();
    for (int i = bytes.length - 1; i >= 0; i--) {
      if (bytes.length == 4) {
        name.append(bytes[i] & 0xff).append('.');
      } else {
        name.append(String.format(Locale.ROOT, "%x.%x.", bytes[i] & 0xf, bytes[i] >> 4 & 0xf));
      }
    }
    return name + (bytes.length == 4 ? "in-addr.arpa" : "ip6.arpa");
  }

  /** Stops answering, and waits until nobody is being asked any more. */
  @Override
  public void close() {
    Closing.all(List.of(channel, forwarding, streams, () -> Threads.join(thread), askers));
  }
}
