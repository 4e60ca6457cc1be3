package dev.belljar.namespaces.forward;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.syscall.Syscall;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes ports of a network namespace reachable from outside, by passing on what comes to ports of
 * the host: without firewall rules, links or privileges.
 *
 * <p>A server inside is reached at an address of the namespace that is not a loopback one, and sees
 * connections come from there: what listens on 127.0.0.1 only stays private, and what trusts
 * 127.0.0.1 does not trust strangers. Where the namespace has no other address, {@code lo}, which
 * must be up, is given {@code 169.254.77.1} and {@code fd62:656c:6c6a:6172::1}.
 *
 * <p>Ends of streams and resets are passed on, and a refusal inside is a reset outside, since the
 * connection has been accepted by then. Of UDP, what arrives where nobody listens is lost.
 *
 * {@snippet :
 * try (PortForwarder forwarder = PortForwarder.open(container.namespace(NamespaceType.NET))) {
 *   int port = forwarder.publish(0, 80);
 *   forwarder.awaitListening(80, Duration.ofSeconds(10));
 *   // http://127.0.0.1:port
 * }
 * }
 */
public final class PortForwarder implements AutoCloseable {
  private final Namespace namespace;
  private final Stocks stocks;
  private final Forwarding forwarding;
  private final List<PublishedPort> ports = new ArrayList<>();
  private boolean closed;

  private PortForwarder(Namespace namespace, Stocks stocks, Forwarding forwarding) {
    this.namespace = namespace;
    this.stocks = stocks;
    this.forwarding = forwarding;
  }

  /**
   * Prepares a namespace to be reached; no port is published yet.
   *
   * @param namespace a NET namespace, which stays the caller's; the forwarder keeps a handle of its
   *     own, so that the namespace lives until both are closed
   * @return the forwarder
   * @throws IllegalArgumentException when the namespace is of another kind
   * @throws LinuxException when the namespace cannot be entered or be given an address
   */
  public static PortForwarder open(Namespace namespace) {
    return open(namespace, new Forwarding(PipePool.ofUsefulPipes()));
  }

  static PortForwarder open(Namespace namespace, Forwarding forwarding) {
    Syscall.requireAvailable();
    if (namespace.type() != NamespaceType.NET) {
      throw new IllegalArgumentException(
          "ports are published of a NET namespace, not of " + namespace.type());
    }
    Namespace own = namespace.reopen();
    try {
      return new PortForwarder(own, new Stocks(new InsideSockets(own)), forwarding);
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, own);
      throw failure;
    }
  }

  /**
   * Publishes a TCP port on 127.0.0.1.
   *
   * @param hostPort the host's port, 1 to 65535, or 0 for one that is free
   * @param containerPort the port inside, 1 to 65535; nobody needs to listen on it yet
   * @return the host's port
   * @throws LinuxException EADDRINUSE when the host's port is taken, EACCES when it is below {@code
   *     net.ipv4.ip_unprivileged_port_start} and this user may not listen there
   * @throws IllegalStateException when the forwarder is closed
   */
  public int publish(int hostPort, int containerPort) {
    return publish(Publication.tcp(hostPort, containerPort)).hostPort();
  }

  /**
   * Publishes a port.
   *
   * @param wanted what to publish
   * @return the same with the host's port that was chosen
   * @throws LinuxException EADDRINUSE when the host's port is taken, EACCES when this user may not
   *     listen there, EADDRNOTAVAIL when the host has no such address
   * @throws IllegalStateException when the forwarder is closed
   */
  public Publication publish(Publication wanted) {
    BoundPort bound = BoundPort.bind(wanted);
    publish(bound);
    return bound.publication();
  }

  /**
   * Forwards a port that has been bound before; it becomes the forwarder's.
   *
   * @param bound the port
   */
  public synchronized void publish(BoundPort bound) {
    if (closed) {
      bound.close();
      throw new IllegalStateException("the forwarder is closed");
    }
    Publication publication = bound.publication();
    Descriptor socket = bound.take();
    try {
      ports.add(
          switch (publication.protocol()) {
            case TCP -> TcpListener.start(forwarding, stocks, socket, publication);
            case UDP -> UdpListener.start(forwarding, stocks, socket, publication);
          });
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, socket);
      throw failure;
    }
  }

  /**
   * Returns what is published.
   *
   * @return the publications, with the ports that were chosen
   */
  public synchronized List<Publication> publications() {
    return ports.stream().map(PublishedPort::publication).toList();
  }

  /**
   * Waits until somebody inside listens on a TCP port where strangers reach it: not on a loopback
   * address.
   *
   * @param port the port inside
   * @param limit how long to wait at most
   * @return false when the time ran out
   * @throws LinuxException when the kernel cannot tell
   * @throws InterruptedException when the thread is interrupted
   */
  public boolean awaitListening(int port, Duration limit) throws InterruptedException {
    return awaitListening(Protocol.TCP, port, limit);
  }

  /**
   * Waits until a port is open inside; see {@link #awaitListening(int, Duration)}.
   *
   * @param protocol TCP or UDP
   * @param port the port inside
   * @param limit how long to wait at most
   * @return false when the time ran out
   * @throws LinuxException when the kernel cannot tell
   * @throws InterruptedException when the thread is interrupted
   */
  public boolean awaitListening(Protocol protocol, int port, Duration limit)
      throws InterruptedException {
    return OpenPorts.await(stocks.inside(), protocol, port, limit);
  }

  /**
   * Stops listening, resets the connections there are and waits until all descriptors are closed.
   * Twice is once.
   *
   * @throws IllegalStateException when forwarding had failed in a way that no connection was told
   */
  @Override
  public void close() {
    List<AutoCloseable> all = new ArrayList<>();
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      all.addAll(ports);
    }
    all.addAll(List.of(forwarding, stocks, namespace));
    Closing.all(all);
  }
}
