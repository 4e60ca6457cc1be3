package dev.belljar.namespaces.forward;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.InetCalls;

/**
 * A port of the host that is taken already and not forwarded yet: a start that would fail for want
 * of it fails before there is a process, and who connects early waits.
 */
public final class BoundPort implements AutoCloseable {
  private final Publication publication;
  private final Descriptor socket;
  private boolean taken;

  private BoundPort(Publication publication, Descriptor socket) {
    this.publication = publication;
    this.socket = socket;
  }

  /**
   * Takes a port.
   *
   * @param wanted what is to be published
   * @return the port, to be closed or forwarded
   * @throws LinuxException EADDRINUSE when it is taken, EACCES when this user may not listen there,
   *     EADDRNOTAVAIL when the host has no such address
   */
  public static BoundPort bind(Publication wanted) {
    try {
      Descriptor socket =
          switch (wanted.protocol()) {
            case TCP -> TcpListener.listen(wanted);
            case UDP -> UdpListener.bind(wanted);
          };
      int port = InetCalls.name(socket.number()).getPort();
      return new BoundPort(wanted.withHostPort(port), socket);
    } catch (LinuxException e) {
      throw e.doing("publishing " + wanted);
    }
  }

  /**
   * Returns what is to be published.
   *
   * @return the publication with the port that was chosen
   */
  public Publication publication() {
    return publication;
  }

  /** Hands the socket over. */
  synchronized Descriptor take() {
    if (taken) {
      throw new IllegalStateException("the port is closed, or forwarded already");
    }
    taken = true;
    return socket;
  }

  /** Gives the port free, unless it has been forwarded. */
  @Override
  public synchronized void close() {
    if (!taken) {
      taken = true;
      socket.close();
    }
  }
}
