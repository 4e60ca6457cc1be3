package dev.belljar.namespaces;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.namespaces.testing.TestNet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Channels of the JDK, used outside, whose sockets are inside. */
@KernelTest
@RequiresUserNamespaces
class ChannelsTest {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");

  @WarmUp
  static void makeSome() throws IOException, InterruptedException {
    InsideTest.enterOnce();
    waitInAVirtualThread();
    try (TestNet net = TestNet.create()) {
      talk(net.namespace(), Thread.ofVirtual());
      Selector.open().close();
    }
  }

  /** For the first one that waits for a descriptor the JDK makes pollers that it keeps. */
  private static void waitInAVirtualThread() throws IOException, InterruptedException {
    Pipe pipe = Pipe.open();
    Thread reader =
        Thread.startVirtualThread(() -> {
          try {
            pipe.source().read(ByteBuffer.allocate(1));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    while (reader.getState() != Thread.State.WAITING) {
      Thread.sleep(1);
    }
    pipe.sink().close();
    reader.join();
    pipe.source().close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aServerInsideIsReachedFromInside(boolean virtual) throws Exception {
    try (TestNet net = TestNet.create()) {
      talk(net.namespace(), virtual ? Thread.ofVirtual() : Thread.ofPlatform());
    }
  }

  /** Port 80 of a namespace's own is free whatever runs on the machine. */
  private static void talk(Namespace net, Thread.Builder threads)
      throws IOException, InterruptedException {
    TestLoopback.up(net);
    try (ServerSocketChannel server = net.serverSocketChannel()) {
      server.bind(new InetSocketAddress(LOOPBACK, 80));
      Thread answering =
          threads.start(() -> {
            try (SocketChannel client = server.accept()) {
              client.write(ByteBuffer.wrap("hello".getBytes(US_ASCII)));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      try (SocketChannel client = net.socketChannel()) {
        client.connect(server.getLocalAddress());
        assertThat(read(client)).isEqualTo("hello");
      }
      answering.join();
    }
  }

  private static String read(SocketChannel channel) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(100);
    while (channel.read(bytes) > 0) {
      // to its end
    }
    return new String(bytes.array(), 0, bytes.position(), US_ASCII);
  }

  @Test
  void twoServersHaveTheSamePortInTwoNamespaces() throws IOException {
    try (TestNet first = TestNet.create();
        TestNet second = TestNet.create();
        ServerSocketChannel one = first.namespace().serverSocketChannel();
        ServerSocketChannel other = second.namespace().serverSocketChannel()) {
      one.bind(new InetSocketAddress(80));
      other.bind(new InetSocketAddress(80));
      try (ServerSocketChannel third = first.namespace().serverSocketChannel()) {
        assertThatThrownBy(() -> third.bind(new InetSocketAddress(80)))
            .isInstanceOf(SocketException.class)
            .hasMessageContaining("in use");
      }
    }
  }

  @Test
  void whileLoIsDownNothingIsReached() throws IOException {
    try (TestNet net = TestNet.create();
        Socket socket = net.namespace().socket()) {
      assertThatThrownBy(() -> socket.connect(new InetSocketAddress(LOOPBACK, 80)))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("unreachable");
    }
  }

  @Test
  void datagramsAreSentInside() throws IOException {
    try (TestNet net = TestNet.create()) {
      TestLoopback.up(net.namespace());
      try (DatagramChannel receiver = net.namespace().datagramChannel();
          DatagramChannel sender = net.namespace().datagramChannel()) {
        receiver.bind(new InetSocketAddress(LOOPBACK, 53));
        SocketAddress target = receiver.getLocalAddress();
        sender.send(ByteBuffer.wrap("hello".getBytes(US_ASCII)), target);
        ByteBuffer bytes = ByteBuffer.allocate(100);
        receiver.receive(bytes);
        assertThat(new String(bytes.array(), 0, bytes.position(), US_ASCII)).isEqualTo("hello");
      }
    }
  }

  @Test
  void aSelectorTakesThem() throws IOException {
    try (TestNet net = TestNet.create();
        Selector selector = Selector.open()) {
      TestLoopback.up(net.namespace());
      try (ServerSocketChannel server = net.namespace().serverSocketChannel();
          SocketChannel client = net.namespace().socketChannel()) {
        server.bind(new InetSocketAddress(LOOPBACK, 80));
        server.configureBlocking(false);
        server.register(selector, SelectionKey.OP_ACCEPT);
        client.connect(server.getLocalAddress());
        assertThat(selector.select(10_000)).isOne();
        server.accept().close();
      }
    }
  }
}
