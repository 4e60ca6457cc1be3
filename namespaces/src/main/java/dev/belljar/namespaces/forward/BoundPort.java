package dev.belljar.namespaces.forward;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.InetCalls;
import dev.belljar.linux.call.PacketInfoCalls;

/**
 * A port of the host that is taken already and not forwarded yet: a start that would fail for want
 * of it fails before there is a process, and who connects early waits.
 */
public final class BoundPort implements AutoCloseable {
  private static final int BACKLOG = 4096;

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
      return open(wanted);
    } catch (LinuxException e) {
      throw e.doing("publishing " + wanted);
    }
  }

  /** Makes the socket; what comes waits in it from then on. */
  private static BoundPort open(Publication wanted) {
    boolean connects = wanted.protocol() == Protocol.TCP;
    Descriptor socket =
        InetCalls.socket(wanted.address(), connects ? InetCalls.SOCK_STREAM : InetCalls.SOCK_DGRAM);
    try {
      if (connects) {
        InetCalls.prepareListener(socket.number(), wanted.address());
      } else {
        InetCalls.keepToItsFamily(socket.number(), wanted.address());
        if (wanted.address().isAnyLocalAddress()) {
          PacketInfoCalls.enable(socket.number(), wanted.address());
        }
      }
      InetCalls.bind(socket.number(), wanted.outside());
      if (connects) {
        InetCalls.listen(socket.number(), BACKLOG);
      }
      int port = InetCalls.name(socket.number()).getPort();
      return new BoundPort(wanted.withHostPort(port), socket);
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, socket);
      throw failure;
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
