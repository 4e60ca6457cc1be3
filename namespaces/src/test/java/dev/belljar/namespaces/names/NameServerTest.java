package dev.belljar.namespaces.names;

import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Threads;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.OwnNetwork;
import dev.belljar.linux.testing.RequiresRoot;
import dev.belljar.linux.testing.RequiresTool;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.namespaces.Namespace;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The responder of a bridge, and the servers of a host behind it, in a namespace of the test's. */
@KernelTest
@RequiresRoot
@RequiresTool("ip")
class NameServerTest {
  private static final InetAddress GATEWAY = InetAddress.ofLiteral("10.88.0.1");
  private static final InetAddress WEB = InetAddress.ofLiteral("10.88.0.2");
  private static final InetSocketAddress ON_LOOPBACK = new InetSocketAddress("127.0.0.53", 53);
  private static final InetSocketAddress SILENT = new InetSocketAddress("127.0.0.54", 53);
  private static final int TIMEOUT_MILLIS = 60_000;
  private static final byte[] LONG = new byte[20_000];

  private OwnNetwork network;
  private Namespace host;

  @WarmUp
  static void askOnce() throws IOException {
    try (DatagramSocket socket = new DatagramSocket();
        ServerSocket server = new ServerSocket(0);
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
        Socket _ = server.accept()) {
      socket.connect(client.getRemoteSocketAddress());
    }
  }

  @BeforeEach
  void makeTheHost() {
    network = OwnNetwork.make();
    host = Namespace.open(network.path());
    network.run("ip", "link", "set", "lo", "up");
    network.run("ip", "address", "add", GATEWAY.getHostAddress() + "/24", "dev", "lo");
  }

  @AfterEach
  void closeTheHost() {
    host.close();
    network.close();
  }

  private NameServer start(InetSocketAddress... upstream) {
    return NameServer.start(
        host, GATEWAY, () -> Map.of("web", List.of(WEB)), () -> List.of(upstream));
  }

  private static byte[] query(int id, String name) {
    byte[] label = name.getBytes(StandardCharsets.US_ASCII);
    byte[] query = new byte[18 + label.length];
    query[1] = (byte) id;
    query[2] = 1; // recursion is desired
    query[5] = 1;
    query[12] = (byte) label.length;
    System.arraycopy(label, 0, query, 13, label.length);
    query[query.length - 3] = DnsQuestion.A;
    query[query.length - 1] = 1;
    return query;
  }

  private byte[] byDatagram(byte[] query) throws IOException {
    try (DatagramSocket socket = network.inside(() -> new DatagramSocket())) {
      socket.setSoTimeout(TIMEOUT_MILLIS);
      socket.connect(GATEWAY, 53);
      socket.send(new DatagramPacket(query, query.length));
      DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
      socket.receive(packet);
      return Arrays.copyOf(packet.getData(), packet.getLength());
    }
  }

  private Socket connect() throws IOException {
    Socket socket = network.inside(() -> new Socket(GATEWAY, 53));
    socket.setSoTimeout(TIMEOUT_MILLIS);
    return socket;
  }

  private static byte[] inStream(Socket socket, byte[] query) throws IOException {
    StreamMessages.write(socket.getOutputStream(), query);
    return StreamMessages.read(socket.getInputStream()).orElseThrow();
  }

  /** A server that says of every name the same, and more to those who ask in a stream. */
  private final class Upstream implements AutoCloseable {
    private final DatagramSocket datagrams = network.inside(() -> new DatagramSocket(ON_LOOPBACK));
    private final ServerSocket streams =
        network.inside(() -> new ServerSocket(53, 9, ON_LOOPBACK.getAddress()));
    private final List<Thread> threads =
        List.of(
            Thread.ofPlatform().start(this::answerDatagrams),
            Thread.ofPlatform().start(this::answerStreams));

    private void answerDatagrams() {
      DatagramPacket packet = new DatagramPacket(new byte[4096], 4096);
      try {
        while (true) {
          datagrams.receive(packet);
          packet.getData()[3] = 5; // refused: nothing that the responder says by itself
          datagrams.send(packet);
        }
      } catch (IOException closed) {
        // the end
      }
    }

    private void answerStreams() {
      try {
        while (true) {
          try (Socket socket = streams.accept()) {
            byte[] query = StreamMessages.read(socket.getInputStream()).orElseThrow();
            byte[] answer = Arrays.copyOf(query, query.length + LONG.length);
            answer[3] = 5;
            StreamMessages.write(socket.getOutputStream(), answer);
          }
        }
      } catch (IOException closed) {
        // the end
      }
    }

    @Override
    public void close() throws IOException {
      datagrams.close();
      streams.close();
      threads.forEach(Threads::join);
    }
  }

  @Test
  void aKnownNameIsAnsweredInAStreamToo() throws IOException {
    try (NameServer _ = start();
        Socket socket = connect()) {
      for (int id = 1; id < 4; id++) { // one after the other, as RFC 7766 has it
        byte[] answer = inStream(socket, query(id, "web"));
        assertThat(answer[1]).isEqualTo((byte) id);
        assertThat(Arrays.copyOfRange(answer, answer.length - 4, answer.length))
            .containsExactly(10, 88, 0, 2);
      }
    }
  }

  @Test
  void otherNamesAreAskedOfAResolverOnTheHostsLoopback() throws Exception {
    try (Upstream _ = new Upstream();
        NameServer _ = start(ON_LOOPBACK);
        Socket socket = connect()) {
      byte[] query = query(7, "elsewhere");
      byte[] answer = byDatagram(query);
      assertThat(answer[1]).isEqualTo((byte) 7);
      assertThat(answer[3]).isEqualTo((byte) 5);
      assertThat(inStream(socket, query)).hasSize(query.length + LONG.length);
    }
  }

  @Test
  void theNextServerIsAskedWhenOneIsSilentAndNeverTheResponderItself() throws Exception {
    try (Upstream _ = new Upstream();
        DatagramSocket _ = network.inside(() -> new DatagramSocket(SILENT));
        NameServer _ = start(new InetSocketAddress(GATEWAY, 53), SILENT, ON_LOOPBACK)) {
      assertThat(byDatagram(query(9, "elsewhere"))[3]).isEqualTo((byte) 5);
    }
  }

  @Test
  void whenNobodyAnswersThatIsSaid() throws IOException {
    try (NameServer _ = start(ON_LOOPBACK);
        Socket socket = connect()) {
      assertThat(byDatagram(query(1, "elsewhere"))[3] & 0xf).isEqualTo(2); // SERVFAIL
      assertThat(inStream(socket, query(1, "elsewhere"))[3] & 0xf).isEqualTo(2);
    }
  }

  @Test
  void whatIsNoQueryEndsItsStreamAndTwoRespondersShareThePort() throws IOException {
    try (NameServer _ = start();
        NameServer _ = start(); // as another JVM's
        Socket socket = connect()) {
      StreamMessages.write(socket.getOutputStream(), new byte[] {1, 2, 3});
      assertThat(StreamMessages.read(socket.getInputStream())).isEmpty();
      assertThat(byDatagram(query(3, "web"))).hasSizeGreaterThan(20);
    }
  }

  private static long askers() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("belljar-name"))
        .count();
  }

  @Test
  void aFloodOfNamesTakesABoundedNumberOfThreadsAndNoneIsLeft() throws IOException {
    try (DatagramSocket _ = network.inside(() -> new DatagramSocket(SILENT))) {
      try (NameServer _ = start(SILENT, SILENT, SILENT);
          DatagramSocket socket = network.inside(() -> new DatagramSocket())) {
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(GATEWAY, 53);
        byte[] flood = query(1, "elsewhere");
        for (int i = 0; i < 3 * Askers.MOST; i++) {
          socket.send(new DatagramPacket(flood, flood.length));
        }
        byte[] last = query(2, "web");
        socket.send(new DatagramPacket(last, last.length));
        DatagramPacket answer = new DatagramPacket(new byte[4096], 4096);
        do { // those of the flood have been taken before
          socket.receive(answer);
        } while (answer.getData()[1] != 2);
        assertThat(askers()).isLessThanOrEqualTo(Askers.MOST);
      }
      assertThat(askers()).isZero();
    }
  }

  @Test
  void whenTheKernelRefusesToAskThatIsSaid() throws IOException {
    try (NameServer _ =
            NameServer.start(
                host,
                GATEWAY,
                Map::of,
                () -> {
                  throw new LinuxException(Errno.EMFILE.number(), "openat(...)");
                });
        Socket socket = connect()) {
      assertThat(byDatagram(query(1, "elsewhere"))[3] & 0xf).isEqualTo(2); // SERVFAIL
      assertThat(inStream(socket, query(1, "elsewhere"))[3] & 0xf).isEqualTo(2);
    }
  }
}
