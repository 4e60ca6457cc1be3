package dev.belljar.namespaces.forward;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.call.FileCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.testing.KernelTest;
import dev.belljar.linux.testing.RequiresUserNamespaces;
import dev.belljar.linux.testing.WarmUp;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.net.NetworkStack;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A published port of a namespace whose network changes while it is published. */
@KernelTest
@RequiresUserNamespaces
class LostAddressTest {
  private static final int PORT = 80;
  private static final int STATE = 3; // in a line of /proc/net/tcp
  private static final String SYN_SENT = "02";
  private static final int MANY = 20; // more than there are sockets made ahead
  private static final int TIMEOUT_MILLIS = (int) Duration.ofSeconds(5).toMillis();
  private static final InetAddress ANY = ForwardedNet.address("0.0.0.0");

  @WarmUp
  static void loseOneOnce() throws IOException {
    loseTheAddress();
    loseTheAddressMeanwhile();
    loseTheNetwork();
  }

  private static Socket connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    return socket;
  }

  private static InetAddress exchange(int port, InsideServer server) throws IOException {
    try (Socket client = connect(port);
        InsideServer.Connection connection = server.accept()) {
      client.getOutputStream().write('x');
      assertThat(connection.read(1)).isEqualTo("x");
      return connection.peer().getAddress();
    }
  }

  @Test
  void connectionsArriveAfterTheNamespaceHasLostItsAddress() throws IOException {
    loseTheAddress();
  }

  private static void loseTheAddress() throws IOException {
    try (ForwardedNet net =
            new ForwardedNet(PipePool.ofUsefulPipes(), ForwardedNet::giveOneAddress);
        InsideServer server = new InsideServer(net.namespace(), ANY, PORT)) {
      int port = net.forwarder.publish(0, PORT);
      assertThat(exchange(port, server)).isEqualTo(ForwardedNet.ONE.address());
      net.takeTheAddress();
      List<InetAddress> peers = new ArrayList<>();
      for (int i = 0; i < MANY; i++) {
        peers.add(exchange(port, server));
      }
      assertThat(peers).containsOnly(Reach.V4.address());
    }
  }

  @Test
  void aConnectionThatIsBeingMadeWhenTheAddressIsLostIsMadeByAnother() throws IOException {
    loseTheAddressMeanwhile();
  }

  private static void loseTheAddressMeanwhile() throws IOException {
    try (ForwardedNet net =
            new ForwardedNet(PipePool.ofUsefulPipes(), ForwardedNet::giveOneAddress);
        InsideServer server = new InsideServer(net.namespace(), ANY, PORT, 0)) {
      int port = net.forwarder.publish(0, PORT);
      try (Socket _ = connect(port)) {
        assertThat(server.awaitConnection()).isTrue(); // it fills the backlog: no other is answered
        loseTheAddressDuringAnother(net, port, server);
      }
    }
  }

  private static void loseTheAddressDuringAnother(ForwardedNet net, int port, InsideServer server)
      throws IOException {
    try (Socket _ = connect(port)) {
      while (!isBeingMade(net.namespace())) {
        Thread.onSpinWait();
      }
      net.takeTheAddress();
      assertThat(peer(server)).isEqualTo(ForwardedNet.ONE.address());
      assertThat(peer(server)).isEqualTo(Reach.V4.address());
    }
  }

  private static InetAddress peer(InsideServer server) {
    try (InsideServer.Connection connection = server.accept()) {
      return connection.peer().getAddress();
    }
  }

  /** Whether there is a connection inside whose first packet has not been answered. */
  private static boolean isBeingMade(Namespace net) {
    try (Descriptor file = net.openFile("/proc/thread-self/net/tcp", OpenFlags.O_RDONLY)) {
      return new String(FileCalls.readAll(file.number()), US_ASCII)
          .lines()
          .anyMatch(line -> line.strip().split(" +", -1)[STATE].equals(SYN_SENT));
    }
  }

  @Test
  void whileThereIsNoWayInConnectionsFailAndTheNextOnesDoNot() throws IOException {
    loseTheNetwork();
  }

  private static void loseTheNetwork() throws IOException {
    try (ForwardedNet net = new ForwardedNet();
        InsideServer server = new InsideServer(net.namespace(), ANY, PORT);
        NetworkStack inside = NetworkStack.of(net.namespace())) {
      int port = net.forwarder.publish(0, PORT);
      exchange(port, server);
      inside
          .addresses()
          .all()
          .forEach(
              address -> inside.addresses().remove(inside.links().get("lo"), address.address()));
      inside.links().down(inside.links().get("lo"));
      for (int i = 0; i < MANY; i++) {
        assertThatThrownBy(
                () -> {
                  try (Socket client = connect(port)) {
                    client.getInputStream().read();
                    client.getOutputStream().write('x');
                    client.getInputStream().read();
                  }
                })
            .isInstanceOf(SocketException.class);
      }
      inside.links().up(inside.links().get("lo"));
      exchange(port, server);
    }
  }
}
