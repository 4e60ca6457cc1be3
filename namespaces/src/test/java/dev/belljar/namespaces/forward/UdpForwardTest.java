package dev.belljar.namespaces.forward;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.call.InetCalls;
import dev.belljar.linux.call.PollCalls;
import dev.belljar.linux.syscall.Scratch;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.namespaces.net.IpNetwork;
import dev.belljar.namespaces.net.Link;
import dev.belljar.namespaces.net.LinkSpec;
import dev.belljar.namespaces.net.NetworkStack;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@KernelTest
@RequiresUserNamespaces
class UdpForwardTest {
  private static final int PORT = 53;
  private static final long DEADLINE = Duration.ofSeconds(20).toNanos();

  @WarmUp
  static void forwardOnce() throws IOException {
    for (int i = 0; i < 4; i++) {
      exchange("127.0.0.1", "0.0.0.0");
    }
  }

  /** A server that sends each datagram back, and says where it came from. */
  private static Descriptor open(ForwardedNet net, String address) {
    InetAddress inside = ForwardedNet.address(address);
    int family = inside.getAddress().length == 4 ? 2 : 10;
    Descriptor socket = net.namespace().rawSocket(family, InetCalls.SOCK_DGRAM | 0x800, 0);
    InetCalls.bind(socket.number(), new InetSocketAddress(inside, PORT));
    return socket;
  }

  private static InetSocketAddress echo(Descriptor socket) {
    assertThat(PollCalls.awaitReadable(socket.number(), DEADLINE)).isTrue();
    try (Scratch scratch = Scratch.open()) {
      MemorySegment datagram = scratch.allocate(1 << 16);
      MemorySegment sender = scratch.allocate(InetCalls.ADDRESS_SIZE);
      long size = InetCalls.receiveFrom(socket.number(), datagram, sender);
      InetSocketAddress from = InetCalls.address(sender);
      assertThat(InetCalls.sendTo(socket.number(), datagram.asSlice(0, size), from))
          .isEqualTo(size);
      return from;
    }
  }

  private static DatagramSocket client(InetSocketAddress to) throws IOException {
    DatagramSocket client = new DatagramSocket();
    client.setSoTimeout(20_000);
    client.connect(to);
    return client;
  }

  private static void send(DatagramSocket client, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    client.send(new DatagramPacket(bytes, bytes.length));
  }

  private static String receive(DatagramSocket client) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[1 << 16], 1 << 16);
    client.receive(packet);
    return new String(packet.getData(), 0, packet.getLength(), UTF_8);
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1, 0.0.0.0",
    "127.0.0.1, ::",
    "::1, 0.0.0.0",
    "::1, ::",
    "127.0.0.1, fd62:656c:6c6a:6172::1"
  })
  void datagramsAndTheirAnswersArrive(String outside, String inside) throws IOException {
    exchange(outside, inside);
  }

  private static void exchange(String outside, String inside) throws IOException {
    try (ForwardedNet net = new ForwardedNet();
        Descriptor server = open(net, inside)) {
      Publication published =
          net.forwarder.publish(Publication.udp(0, PORT).on(ForwardedNet.address(outside)));
      try (DatagramSocket client = client(published.outside())) {
        send(client, "one");
        InetSocketAddress from = echo(server);
        assertThat(from.getAddress().isLoopbackAddress()).isFalse();
        assertThat(receive(client)).isEqualTo("one");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::"})
  void aServerWithManyAddressesAnswersFromTheOneThatWasAsked(String any) throws IOException {
    try (ForwardedNet net =
            new ForwardedNet(PipePool.ofUsefulPipes(), UdpForwardTest::giveManyAddresses);
        Descriptor server = open(net, any)) {
      Publication published = net.forwarder.publish(Publication.udp(0, PORT));
      try (DatagramSocket client = client(published.outside())) {
        for (String text : List.of("one", "two")) {
          send(client, text);
          assertThat(echo(server).getAddress().isLoopbackAddress()).isFalse();
          assertThat(receive(client)).isEqualTo(text);
        }
      }
    }
  }

  private static void giveManyAddresses(NetworkStack inside) {
    inside.links().create(LinkSpec.veth("eth0", LinkSpec.named("eth1")));
    for (String name : List.of("eth1", "eth0")) {
      Link link = inside.links().get(name);
      inside.links().up(link);
      for (int i = 1; i < 4; i++) {
        String host = (name.equals("eth0") ? "1" : "2") + "." + i;
        inside.addresses().addUnchecked(link, IpNetwork.parse("10.9." + host + "/24"));
        String six = (name.equals("eth0") ? "1" : "2") + "::" + i;
        inside.addresses().addUnchecked(link, IpNetwork.parse("fd00:9:0:" + six + "/64"));
      }
    }
  }

  @Test
  void eachSenderGetsItsOwnAnswers() throws IOException {
    try (ForwardedNet net = new ForwardedNet();
        Descriptor server = open(net, "0.0.0.0")) {
      Publication published = net.forwarder.publish(Publication.udp(0, PORT));
      try (DatagramSocket first = client(published.outside());
          DatagramSocket second = client(published.outside())) {
        send(first, "first");
        InetSocketAddress one = echo(server);
        send(second, "second");
        InetSocketAddress two = echo(server);
        assertThat(one).isNotEqualTo(two);
        assertThat(receive(second)).isEqualTo("second");
        assertThat(receive(first)).isEqualTo("first");
        send(first, "again");
        assertThat(echo(server)).isEqualTo(one);
        assertThat(receive(first)).isEqualTo("again");
      }
    }
  }

  @Test
  void theLargestDatagramFits() throws IOException {
    String large = "x".repeat(65_507);
    try (ForwardedNet net = new ForwardedNet();
        Descriptor server = open(net, "0.0.0.0")) {
      Publication published = net.forwarder.publish(Publication.udp(0, PORT));
      try (DatagramSocket client = client(published.outside())) {
        send(client, large);
        echo(server);
        assertThat(receive(client)).isEqualTo(large);
      }
    }
  }

  @Test
  void aServerThatComesLaterIsReachedLater() throws Exception {
    try (ForwardedNet net = new ForwardedNet()) {
      Publication published = net.forwarder.publish(Publication.udp(0, PORT));
      try (DatagramSocket client = client(published.outside())) {
        send(client, "lost");
        assertThat(net.forwarder.awaitListening(Protocol.UDP, PORT, Duration.ZERO)).isFalse();
        try (Descriptor server = open(net, "::")) {
          assertThat(net.forwarder.awaitListening(Protocol.UDP, PORT, Duration.ofSeconds(20)))
              .isTrue();
          String answer = "";
          client.setSoTimeout(200);
          for (int i = 0; i < 100 && answer.isEmpty(); i++) { // UDP may lose what it wants
            send(client, "found");
            if (PollCalls.awaitReadable(server.number(), DEADLINE / 100)) {
              echo(server);
              answer = receive(client);
            }
          }
          assertThat(answer).isIn("found", "lost"); // the first one may have been late
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0.0.0.0, 127.0.0.2", "0.0.0.0, 127.0.0.1", "::, ::1"})
  void whereAllAddressesArePublishedTheAnswerComesFromTheOneThatWasAsked(String any, String asked)
      throws IOException {
    try (ForwardedNet net = new ForwardedNet();
        Descriptor server = open(net, "0.0.0.0")) {
      Publication published =
          net.forwarder.publish(Publication.udp(0, PORT).on(ForwardedNet.address(any)));
      InetSocketAddress to =
          new InetSocketAddress(ForwardedNet.address(asked), published.hostPort());
      try (DatagramSocket client = client(to)) { // which gets nothing from elsewhere
        send(client, "one");
        echo(server);
        assertThat(receive(client)).isEqualTo("one");
      }
    }
  }

  @Test
  void oneSenderAsksAtTwoAddressesAndIsAnsweredFromEach() throws IOException {
    try (ForwardedNet net = new ForwardedNet();
        Descriptor server = open(net, "0.0.0.0");
        DatagramSocket client = new DatagramSocket(0, ForwardedNet.address("127.0.0.1"))) {
      client.setSoTimeout(20_000);
      Publication published =
          net.forwarder.publish(Publication.udp(0, PORT).on(ForwardedNet.address("0.0.0.0")));
      for (String asked : List.of("127.0.0.1", "127.0.0.2", "127.0.0.1")) {
        byte[] bytes = asked.getBytes(UTF_8);
        client.send(
            new DatagramPacket(
                bytes, bytes.length, ForwardedNet.address(asked), published.hostPort()));
        echo(server);
        DatagramPacket answer = new DatagramPacket(new byte[100], 100);
        client.receive(answer);
        assertThat(answer.getAddress()).isEqualTo(ForwardedNet.address(asked));
        assertThat(new String(answer.getData(), 0, answer.getLength(), UTF_8)).isEqualTo(asked);
      }
    }
  }

  @Test
  void theIpv6WildcardIsIpv6Only() throws IOException {
    try (ForwardedNet net = new ForwardedNet()) {
      Publication six =
          net.forwarder.publish(Publication.udp(0, PORT).on(ForwardedNet.address("::")));
      Publication four = Publication.udp(six.hostPort(), PORT).on(ForwardedNet.address("0.0.0.0"));
      assertThat(net.forwarder.publish(four)).isEqualTo(four); // else it would be in use
    }
  }

  @Test
  void datagramsArriveAgainAfterTheNamespaceHasLostItsAddress() throws IOException {
    try (ForwardedNet net =
            new ForwardedNet(PipePool.ofUsefulPipes(), ForwardedNet::giveOneAddress);
        Descriptor server = open(net, "0.0.0.0")) {
      Publication published = net.forwarder.publish(Publication.udp(0, PORT));
      try (DatagramSocket client = client(published.outside())) {
        send(client, "before");
        assertThat(echo(server).getAddress()).isEqualTo(ForwardedNet.ONE.address());
        assertThat(receive(client)).isEqualTo("before");
        net.takeTheAddress();
        boolean arrived = false;
        for (int i = 0; i < 100 && !arrived; i++) { // the first one is lost
          send(client, "after");
          arrived = PollCalls.awaitReadable(server.number(), DEADLINE / 100);
        }
        assertThat(echo(server).getAddress()).isEqualTo(Reach.V4.address());
        assertThat(receive(client)).isEqualTo("after");
      }
    }
  }
}
