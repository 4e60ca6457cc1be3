package dev.belljar.examples.demonstrations;

import static dev.belljar.namespaces.NamespaceType.NET;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.belljar.Container;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.net.Link;
import dev.belljar.namespaces.net.Links;
import dev.belljar.namespaces.net.Network;
import dev.belljar.namespaces.net.NetworkStack;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** A network with nothing but {@code lo}, first down and then up, and servers on one port. */
final class NetDemonstration implements Demonstration {
  private static final InetSocketAddress PORT_80 =
      new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 80);
  private static final String INTERFACES = "ls /sys/class/net";
  private static final String ROUTES = "tail -n +2 /proc/thread-self/net/route | cut -f 1-3";

  @Override
  public void run(Presentation presentation) throws Exception {
    loopback(presentation);
    servers(presentation);
  }

  private static void loopback(Presentation presentation) throws Exception {
    try (Container container =
            Container.builder().network(Network.none().withoutLoopback()).start();
        Namespace net = container.namespace(NET);
        NetworkStack stack = NetworkStack.of(net);
        NetworkStack own = NetworkStack.current()) {
      presentation.show(
          NET, "interfaces", Shell.inside(container, INTERFACES), Shell.outside(INTERFACES));
      presentation.show(NET, "routes", Shell.inside(container, ROUTES), Shell.outside(ROUTES));
      ownFiles(net, presentation);
      presentation.show(NET, "lo", state(stack), state(own));
      presentation.say(NET, "a connection inside to port 80", connect(net));
      presentation.hold("down", container);
      Links links = stack.links();
      links.up(links.get("lo"));
      presentation.show(NET, "lo, brought up", state(stack), state(own));
      presentation.say(NET, "the same connection", connect(net));
      try (ServerSocketChannel server = net.serverSocketChannel()) {
        server.bind(PORT_80);
        presentation.say(NET, "with a server inside", answer(net, server, "hello from inside"));
        presentation.hold("up", container);
      }
    }
  }

  /** What a thread of this JVM sees that is inside. */
  private static void ownFiles(Namespace net, Presentation presentation) throws Exception {
    if (!presentation.isRoot()) {
      presentation.say(NET, "/proc/thread-self/net of a thread", "needs root, who may enter");
      return;
    }
    presentation.show(
        NET,
        "/proc/thread-self/net/dev of a thread",
        net.call(() -> devices("/proc/thread-self/net/dev")),
        devices("/proc/thread-self/net/dev"));
    presentation.show(
        NET,
        "/proc/net/dev does not follow it",
        net.call(() -> devices("/proc/net/dev")),
        devices("/proc/net/dev"));
  }

  private static String devices(String file) throws IOException {
    return Files.readAllLines(Path.of(file)).stream()
        .skip(2) // the heading
        .map(line -> line.substring(0, line.indexOf(':')).strip())
        .collect(Collectors.joining(" "));
  }

  private static String state(NetworkStack stack) {
    Link lo = stack.links().get("lo");
    return lo.up() ? "up" : "down";
  }

  private static String connect(Namespace net) throws IOException {
    try (SocketChannel client = net.socketChannel()) {
      client.connect(PORT_80);
      return "answered";
    } catch (SocketException e) {
      return e.getMessage();
    }
  }

  /** Connects to a server, which says something, and returns what came. */
  private static String answer(Namespace net, ServerSocketChannel server, String words)
      throws IOException {
    try (SocketChannel client = net.socketChannel()) {
      client.connect(PORT_80);
      try (SocketChannel accepted = server.accept()) {
        accepted.write(ByteBuffer.wrap(words.getBytes(UTF_8)));
      }
      return new String(Channels.newInputStream(client).readAllBytes(), UTF_8);
    }
  }

  private static void servers(Presentation presentation) throws IOException {
    try (Container one = Container.builder().start();
        Container another = Container.builder().start();
        Namespace first = one.namespace(NET);
        Namespace second = another.namespace(NET);
        ServerSocketChannel server = first.serverSocketChannel();
        ServerSocketChannel other = second.serverSocketChannel()) {
      server.bind(PORT_80);
      other.bind(PORT_80);
      presentation.showTwo(
          NET,
          "two servers on port 80",
          answer(first, server, "the first answers"),
          answer(second, other, "the second answers"));
      presentation.hold("two servers", one, another);
    }
  }
}
