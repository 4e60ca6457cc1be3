package dev.belljar;

import dev.belljar.linux.LinuxException;
import dev.belljar.namespaces.forward.Protocol;
import dev.belljar.namespaces.forward.Publication;
import java.time.Duration;
import java.util.List;

/**
 * The ports of a running container that are reached through ports of the host.
 *
 * {@snippet :
 * try (Container c = Container.builder().command("httpd", "-f").publish(0, 80).start()) {
 *   c.ports().awaitListening(80, Duration.ofSeconds(10));
 *   int port = c.ports().publications().getFirst().hostPort(); // http://127.0.0.1:port
 * }
 * }
 *
 * @see dev.belljar.namespaces.forward.PortForwarder
 */
public final class ContainerPorts {
  private final RunningContainer running;

  ContainerPorts(RunningContainer running) {
    this.running = running;
  }

  /**
   * Publishes a port; it is given free when the container ends.
   *
   * @param port which, of which protocol, and where the host listens
   * @return the same with the host's port that was chosen
   * @throws IllegalStateException when the container has ended
   * @throws UnsupportedOperationException when the container has the host's network
   * @throws ContainerException when the port is taken, or not for this user
   */
  public Publication publish(Publication port) {
    try {
      return running.ports().publish(port, running::ownNetwork);
    } catch (LinuxException e) {
      throw new ContainerException("publishing a port of the container", e);
    }
  }

  /**
   * Returns what is published.
   *
   * @return the publications, with the ports of the host that were chosen; none when the container
   *     has ended
   */
  public List<Publication> publications() {
    return running.ports().publications();
  }

  /**
   * Waits until somebody inside listens on a TCP port where it can be published: not on a loopback
   * address only.
   *
   * @param port the port inside
   * @param limit how long to wait at most
   * @return false when the time ran out
   * @throws IllegalStateException when the container has ended
   * @throws UnsupportedOperationException when the container has the host's network
   * @throws ContainerException when the kernel cannot tell
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
   * @throws IllegalStateException when the container has ended
   * @throws UnsupportedOperationException when the container has the host's network
   * @throws ContainerException when the kernel cannot tell
   * @throws InterruptedException when the thread is interrupted
   */
  public boolean awaitListening(Protocol protocol, int port, Duration limit)
      throws InterruptedException {
    try {
      return running.ports().forwarder(running::ownNetwork).awaitListening(protocol, port, limit);
    } catch (LinuxException e) {
      throw new ContainerException("looking whether a port is open inside", e);
    }
  }
}
