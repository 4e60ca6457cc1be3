package dev.belljar.namespaces.forward;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.linux.testing.WarmUp;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@KernelTest
@RequiresUserNamespaces
class TcpForwardTest {
  private static final int PORT = 80;
  private static final InetAddress ANY = ForwardedNet.address("0.0.0.0");
  private static final int TIMEOUT_MILLIS = 20_000;

  @WarmUp
  static void forwardOnce() throws Exception {
    for (int i = 0; i < 4; i++) {
      try (ForwardedNet net = new ForwardedNet();
          InsideServer server = new InsideServer(net.namespace(), ANY, PORT);
          Socket client = connect(net.forwarder.publish(0, PORT));
          InsideServer.Connection connection = server.accept()) {
        client.getOutputStream().write('x');
        connection.read(1);
      }
    }
    try (ForwardedNet net = new ForwardedNet()) {
      assertReset(net.forwarder.publish(0, PORT)); // the JDK keeps a socket from then on
    }
  }

  /** A client's connection through a published port, and what the server has of it. */
  private record Pair(
      ForwardedNet net, InsideServer server, Socket client, InsideServer.Connection connection)
      implements AutoCloseable {
    static Pair make() throws IOException {
      return make(new ForwardedNet());
    }

    static Pair make(ForwardedNet net) throws IOException {
      InsideServer server = new InsideServer(net.namespace(), ANY, PORT);
      Socket client = connect(net.forwarder.publish(0, PORT));
      return new Pair(net, server, client, server.accept());
    }

    @Override
    public void close() throws IOException {
      try (net;
          server;
          client;
          connection) {
        assertThat(net.forwarder.publications()).hasSize(1);
      }
    }
  }

  private static Socket connect(int port) throws IOException {
    return connect(new InetSocketAddress(Reach.loopback(), port));
  }

  private static Socket connect(InetSocketAddress address) throws IOException {
    Socket socket = new Socket();
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.connect(address, TIMEOUT_MILLIS);
    return socket;
  }

  private static String read(Socket client, int size) throws IOException {
    return new String(client.getInputStream().readNBytes(size), UTF_8);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 0.0.0.0",
    "127.0.0.1, ::",
    "::1, 0.0.0.0",
    "::1, ::",
    "127.0.0.1, 169.254.77.1",
    "127.0.0.1, fd62:656c:6c6a:6172::1"
  })
  void aServerInsideIsReachedThroughAPortOfTheHost(String outside, String inside)
      throws IOException {
    try (ForwardedNet net = new ForwardedNet();
        InsideServer server =
            new InsideServer(net.namespace(), ForwardedNet.address(inside), PORT)) {
      Publication published =
          net.forwarder.publish(Publication.tcp(0, PORT).on(ForwardedNet.address(outside)));
      try (Socket client = connect(published.outside());
          InsideServer.Connection connection = server.accept()) {
        client.getOutputStream().write("ping".getBytes(UTF_8));
        assertThat(connection.read(100)).isEqualTo("ping");
        connection.write("pong".getBytes(UTF_8));
        assertThat(read(client, 4)).isEqualTo("pong");
      }
    }
  }

  @Test
  void theConnectionInsideDoesNotComeFromALoopbackAddress() throws IOException {
    try (ForwardedNet net = new ForwardedNet();
        InsideServer server = new InsideServer(net.namespace(), ANY, PORT);
        Socket _ = connect(net.forwarder.publish(0, PORT));
        InsideServer.Connection connection = server.accept()) {
      assertThat(connection.peer().getAddress())
          .isEqualTo(ForwardedNet.address("169.254.77.1"))
          .matches(address -> !address.isLoopbackAddress());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void whatListensOnALoopbackAddressInsideStaysPrivate(String loopback) {
    try (ForwardedNet net = new ForwardedNet();
        InsideServer _ = new InsideServer(net.namespace(), ForwardedNet.address(loopback), PORT)) {
      assertReset(net.forwarder.publish(0, PORT));
    }
  }

  // The reset may come before the connect has looked, or after.
  private static void assertReset(int port) {
    assertThatThrownBy(
            () -> {
              try (Socket client = connect(port)) {
                var _ = client.getInputStream().read();
              }
            })
        .isInstanceOf(SocketException.class)
        .hasMessageContaining("reset");
  }

  @Test
  void aRefusalInsideIsAResetOutside() {
    try (ForwardedNet net = new ForwardedNet()) {
      assertReset(net.forwarder.publish(0, PORT));
    }
  }

  @Test
  void thePortOfTheHostMayBeChosenOrSaid() {
    try (ForwardedNet net = new ForwardedNet()) {
      int chosen = net.forwarder.publish(0, PORT);
      assertThat(chosen).isBetween(1, 65535);
      assertThat(net.forwarder.publications())
          .singleElement()
          .hasToString("127.0.0.1:" + chosen + " -> 80/tcp");
      assertThatThrownBy(() -> net.forwarder.publish(chosen, PORT + 1))
          .isInstanceOfSatisfying(
              LinuxException.class, e -> assertThat(e.is(Errno.EADDRINUSE)).isTrue())
          .hasMessageContaining("publishing 127.0.0.1:" + chosen + " -> 81/tcp");
    }
  }

  @Test
  void anEndOfStreamIsPassedOnWhileTheOtherDirectionGoesOn() throws IOException {
    try (Pair pair = Pair.make()) {
      Socket client = pair.client();
      InsideServer.Connection connection = pair.connection();
      client.getOutputStream().write("question".getBytes(UTF_8));
      client.shutdownOutput();
      assertThat(connection.read(100)).isEqualTo("question");
      assertThat(connection.read(100)).isEmpty();
      connection.write("answer".getBytes(UTF_8));
      connection.endOutput();
      assertThat(new String(client.getInputStream().readAllBytes(), UTF_8)).isEqualTo("answer");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void anEndBehindUnreadBytesIsPassedOnAfterThem(boolean pipes) throws IOException {
    try (Pair pair = Pair.make(pipes ? new ForwardedNet() : ForwardedNet.withoutPipes())) {
      Socket client = pair.client();
      InsideServer.Connection connection = pair.connection();
      long written = connection.writeUntilFull();
      connection.endOutput();
      assertThat(client.getInputStream().transferTo(OutputStream.nullOutputStream()))
          .isEqualTo(written);
      client.getOutputStream().write("still".getBytes(UTF_8));
      assertThat(connection.read(100)).isEqualTo("still");
    }
  }

  @Test
  void aResetInsideIsAResetOutside() throws IOException {
    try (ForwardedNet net = new ForwardedNet();
        InsideServer server = new InsideServer(net.namespace(), ANY, PORT);
        Socket client = connect(net.forwarder.publish(0, PORT))) {
      server.accept().reset();
      assertThatThrownBy(() -> client.getInputStream().read())
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("reset");
    }
  }

  @Test
  void aResetOutsideIsAResetInside() throws IOException {
    try (Pair pair = Pair.make()) {
      Socket client = pair.client();
      InsideServer.Connection connection = pair.connection();
      reset(client);
      assertThat(connection.readError()).isEqualTo(Errno.ECONNRESET.number());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aResetOutsideIsPassedOnThoughTheServerDoesNotRead(boolean pipes) throws IOException {
    try (Pair pair = Pair.make(pipes ? new ForwardedNet() : ForwardedNet.withoutPipes())) {
      Socket client = pair.client();
      InsideServer.Connection connection = pair.connection();
      fill(client);
      reset(client);
      assertThat(connection.readError()).isEqualTo(Errno.ECONNRESET.number());
    }
  }

  @Test
  void aResetInsideIsPassedOnThoughTheClientDoesNotRead() throws IOException {
    try (ForwardedNet net = new ForwardedNet();
        InsideServer server = new InsideServer(net.namespace(), ANY, PORT);
        Socket client = connect(net.forwarder.publish(0, PORT))) {
      InsideServer.Connection connection = server.accept();
      assertThat(connection.writeUntilFull()).isPositive();
      connection.reset();
      InputStream input = client.getInputStream();
      assertThatThrownBy(() -> input.transferTo(OutputStream.nullOutputStream()))
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("reset");
    }
  }

  private static void reset(Socket client) throws IOException {
    client.setSoLinger(true, 0);
    client.close();
  }

  // Until nothing more is taken, by a socket that does not wait.
  private static void fill(Socket client) throws IOException {
    client.setSoTimeout(0);
    Thread writer =
        Thread.ofPlatform()
            .start(() -> {
              try {
                byte[] chunk = new byte[1 << 16];
                while (true) {
                  client.getOutputStream().write(chunk);
                }
              } catch (IOException e) {
                // closed, as it is meant to be
              }
            });
    long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (writer.getState() != Thread.State.RUNNABLE && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void manyBytesArriveInBothDirectionsAsTheyWereSent(boolean pipes) throws Exception {
    byte[] bytes = new byte[3_000_000];
    new Random(1).nextBytes(bytes);
    try (Pair pair = Pair.make(pipes ? new ForwardedNet() : ForwardedNet.withoutPipes())) {
      Socket client = pair.client();
      InsideServer.Connection connection = pair.connection();
      CompletableFuture<Void> echo =
          CompletableFuture.runAsync(connection::echo, Thread::startVirtualThread);
      CompletableFuture<Void> sent =
          CompletableFuture.runAsync(
              () -> {
                try {
                  client.getOutputStream().write(bytes);
                  client.shutdownOutput();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              },
              Thread.ofPlatform()::start);
      byte[] returned = client.getInputStream().readAllBytes();
      sent.join();
      echo.join();
      assertThat(Arrays.equals(returned, bytes)).isTrue();
    }
  }

  /** Around the size up to which the event loop moves them by itself, and of more than fit. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void messagesOfAllSizesGoBackAndForth(boolean pipes) throws Exception {
    Random random = new Random(3);
    try (Pair pair = Pair.make(pipes ? new ForwardedNet() : ForwardedNet.withoutPipes())) {
      Socket client = pair.client();
      CompletableFuture<Void> echo =
          CompletableFuture.runAsync(pair.connection()::echo, Thread::startVirtualThread);
      for (int size : List.of(1, 4095, 4096, 4097, 1, 65_535, 65_536, 65_537, 2, 200_000, 1, 1)) {
        byte[] message = new byte[size];
        random.nextBytes(message);
        client.getOutputStream().write(message);
        assertThat(Arrays.equals(client.getInputStream().readNBytes(size), message)).isTrue();
      }
      client.shutdownOutput();
      assertThat(client.getInputStream().read()).isEqualTo(-1);
      echo.join();
    }
  }

  @Test
  void littleThatDoesNotFitWaitsAndNoneIsLost() throws IOException {
    try (Pair pair = Pair.make()) {
      InsideServer.Connection connection = pair.connection();
      long written = 0;
      for (int i = 0; i < 3; i++) { // what was on its way meanwhile makes room
        written += connection.writeUntilFull(100);
        assertThat(pair.client().getInputStream().readNBytes(1000)).hasSize(1000);
        written -= 1000;
      }
      connection.endOutput();
      assertThat(pair.client().getInputStream().transferTo(OutputStream.nullOutputStream()))
          .isEqualTo(written);
    }
  }

  @Test
  void connectionsThatExchangeShortMessagesAreResetByTheClose() throws Exception {
    ForwardedNet net = new ForwardedNet();
    List<CompletableFuture<Void>> running = new ArrayList<>();
    try (InsideServer server = new InsideServer(net.namespace(), ANY, PORT)) {
      int port = net.forwarder.publish(0, PORT);
      for (int i = 0; i < 16; i++) {
        Socket client = connect(port);
        InsideServer.Connection connection = server.accept();
        running.add(
            CompletableFuture.runAsync(
                () -> echoUntilReset(connection), Thread::startVirtualThread));
        running.add(
            CompletableFuture.runAsync(() -> askUntilReset(client), Thread.ofPlatform()::start));
      }
      net.forwarder.close();
      running.forEach(CompletableFuture::join);
    } finally {
      net.close();
    }
  }

  private static void echoUntilReset(InsideServer.Connection connection) {
    try (connection) {
      while (true) {
        connection.write(connection.read(10).getBytes(UTF_8));
      }
    } catch (IllegalStateException | LinuxException reset) {
      assertThat(reset.getMessage()).containsAnyOf("ECONNRESET", "errno 104", "EPIPE");
    }
  }

  private static void askUntilReset(Socket client) {
    assertThatThrownBy(
            () -> {
              try (client) {
                while (true) {
                  client.getOutputStream().write("ping".getBytes(UTF_8));
                  assertThat(read(client, 4)).isEqualTo("ping");
                }
              }
            })
        .isInstanceOf(SocketException.class);
  }

  @Test
  void closingTheForwarderResetsConnectionsAndGivesThePortFree() throws IOException {
    try (ForwardedNet net = new ForwardedNet();
        InsideServer server = new InsideServer(net.namespace(), ANY, PORT)) {
      int port = net.forwarder.publish(0, PORT);
      try (Socket client = connect(port);
          InsideServer.Connection connection = server.accept()) {
        net.forwarder.close();
        assertThat(connection.readError()).isEqualTo(Errno.ECONNRESET.number());
        assertThatThrownBy(() -> client.getInputStream().read())
            .isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> connect(port)).hasMessageContaining("refused");
        net.forwarder.close();
      }
    }
  }
}
