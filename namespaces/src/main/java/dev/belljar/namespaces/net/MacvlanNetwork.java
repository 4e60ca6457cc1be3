package dev.belljar.namespaces.net;

import dev.belljar.namespaces.Namespace;
import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A container's own link on one of the host's: {@code eth0} inside. The kernel deletes it with the
 * container's namespace.
 *
 * @param parent the name of the host's link
 * @param mode whom it can reach besides the outside
 * @param address its address; empty for none
 * @param gateway its default gateway; empty for none
 * @param host the NET namespace that the parent is in; empty for this JVM's own
 * @param mtu the largest packet, in bytes; empty for the parent's
 */
public record MacvlanNetwork(
    String parent,
    MacvlanMode mode,
    Optional<IpNetwork> address,
    Optional<InetAddress> gateway,
    Optional<Namespace> host,
    OptionalInt mtu)
    implements Network {

  /**
   * Sets its address.
   *
   * @param text with the network's prefix, such as {@code 192.168.1.50/24}
   * @return a copy that says so
   * @throws IllegalArgumentException when it is no address
   */
  public MacvlanNetwork address(String text) {
    Optional<IpNetwork> own = Optional.of(IpNetwork.parse(text));
    return new MacvlanNetwork(parent, mode, own, gateway, host, mtu);
  }

  /**
   * Sets its default gateway.
   *
   * @param text an address that can be reached by the link
   * @return a copy that says so
   * @throws IllegalArgumentException when it is no address
   */
  public MacvlanNetwork gateway(String text) {
    Optional<InetAddress> router = Optional.of(InetAddress.ofLiteral(text));
    return new MacvlanNetwork(parent, mode, address, router, host, mtu);
  }

  /**
   * Sets whom it can reach; {@link MacvlanMode#BRIDGE} by default.
   *
   * @param reach the mode
   * @return a copy that says so
   */
  public MacvlanNetwork mode(MacvlanMode reach) {
    return new MacvlanNetwork(parent, reach, address, gateway, host, mtu);
  }

  /**
   * Says where the parent is, instead of in this JVM's own network.
   *
   * @param namespace a NET namespace, which must stay open until the container has started
   * @return a copy that says so
   */
  public MacvlanNetwork in(Namespace namespace) {
    Optional<Namespace> where = Optional.of(NetworkStack.requireNet(namespace));
    return new MacvlanNetwork(parent, mode, address, gateway, where, mtu);
  }
}
