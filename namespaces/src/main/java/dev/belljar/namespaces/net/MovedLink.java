package dev.belljar.namespaces.net;

import dev.belljar.namespaces.Namespace;
import java.util.Optional;

/**
 * One of the host's links, moved into the container with its addresses and routes, and back with
 * its name, MTU, addresses, routes and state when the container ends.
 *
 * <p>The way back needs this library: when the JVM is killed, hardware goes back to the host by
 * itself, under its name and switched off, but a virtual link, such as a veth, is lost.
 *
 * <p>Its IPv4 addresses from DHCP come along too; inside, and on the host until the client there
 * renews them, they have no end. A link that a route with several ways uses is refused with EBUSY:
 * the kernel would delete the whole route.
 *
 * @param link its name on the host
 * @param inside its name in the container
 * @param host the NET namespace that the link is in; empty for this JVM's own
 */
public record MovedLink(String link, String inside, Optional<Namespace> host) implements Network {

  /**
   * Renames it inside.
   *
   * @param name its name in the container, such as {@code eth0}
   * @return a copy that says so
   * @throws IllegalArgumentException when no link can have that name
   */
  public MovedLink as(String name) {
    return new MovedLink(link, LinkSpec.checked(name), host);
  }

  /**
   * Says where the link is, instead of in this JVM's own network.
   *
   * @param namespace a NET namespace, which must stay open while the container runs
   * @return a copy that says so
   */
  public MovedLink in(Namespace namespace) {
    return new MovedLink(link, inside, Optional.of(NetworkStack.requireNet(namespace)));
  }
}
