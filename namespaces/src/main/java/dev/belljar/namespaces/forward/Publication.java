package dev.belljar.namespaces.forward;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * A port of a network namespace that is reached through one of the host's.
 *
 * {@snippet :
 * Publication.tcp(8080, 80) // 127.0.0.1:8080 outside, port 80 inside
 * Publication.udp(0, 53).on(InetAddress.getByName("::1")) // any free port of ::1
 * }
 *
 * @param protocol what it speaks
 * @param address where the host listens, an address of the host or the wildcard of a family; {@code
 *     ::} is IPv6 only
 * @param hostPort the host's port, 1 to 65535, or 0 for one that is free
 * @param containerPort the port inside, 1 to 65535
 */
public record Publication(Protocol protocol, InetAddress address, int hostPort, int containerPort) {
  private static final int LAST_PORT = 0xffff;

  /**
   * Checks the ports.
   *
   * @throws IllegalArgumentException when a port is out of range
   */
  public Publication {
    Objects.requireNonNull(protocol);
    Objects.requireNonNull(address);
    if (hostPort < 0 || hostPort > LAST_PORT) {
      throw new IllegalArgumentException("a host's port is 0 to 65535, not " + hostPort);
    }
    if (containerPort < 1 || containerPort > LAST_PORT) {
      throw new IllegalArgumentException("a container's port is 1 to 65535, not " + containerPort);
    }
  }

  /**
   * Publishes a TCP port on 127.0.0.1.
   *
   * @param hostPort the host's port, or 0 for one that is free
   * @param containerPort the port inside
   * @return the publication
   */
  public static Publication tcp(int hostPort, int containerPort) {
    return new Publication(Protocol.TCP, Reach.loopback(), hostPort, containerPort);
  }

  /**
   * Publishes a UDP port on 127.0.0.1.
   *
   * @param hostPort the host's port, or 0 for one that is free
   * @param containerPort the port inside
   * @return the publication
   */
  public static Publication udp(int hostPort, int containerPort) {
    return new Publication(Protocol.UDP, Reach.loopback(), hostPort, containerPort);
  }

  /**
   * Says where the host listens.
   *
   * @param where an address of the host, or the wildcard {@code 0.0.0.0} or {@code ::}; whoever can
   *     reach it reaches the container
   * @return the same there
   */
  public Publication on(InetAddress where) {
    return new Publication(protocol, where, hostPort, containerPort);
  }

  Publication withHostPort(int port) {
    return new Publication(protocol, address, port, containerPort);
  }

  InetSocketAddress outside() {
    return new InetSocketAddress(address, hostPort);
  }

  /** Prints it as {@code 127.0.0.1:8080 -> 80/tcp}. */
  @Override
  public String toString() {
    String host = address.getHostAddress();
    return "%s:%d -> %d/%s"
        .formatted(
            host.indexOf(':') < 0 ? host : "[" + host + "]",
            hostPort,
            containerPort,
            protocol == Protocol.TCP ? "tcp" : "udp");
  }
}
