package dev.belljar.namespaces.net;

import dev.belljar.namespaces.Namespace;
import java.net.InetAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A network of containers: a bridge that is made with its first container and deleted with its
 * last, whichever JVM they belong to.
 *
 * <p>The bridge has the first address of the subnet and is the containers' gateway. Each container
 * gets a cable to it, whose inner end is {@code eth0}, and an address that no other has: the kernel
 * keeps the list. Packets between two such networks are dropped. The host itself changes nothing of
 * its own settings: containers reach beyond it only where it forwards already, or when {@link
 * #enableForwarding()} is called.
 *
 * @param name the bridge's name
 * @param subnet its network; {@linkplain IpNetwork#address() its address} is the gateway's
 * @param subnet6 its second network, of IPv6
 * @param host the NET namespace that the bridge is in; empty for this JVM's own
 * @param address the container's address; empty takes the lowest that is free
 * @param existing whether a bridge that somebody else made is used
 * @param forwarding whether the host is made to forward packets
 * @param mtu the largest packet, in bytes
 * @param rate how much a container may receive and send
 */
public record BridgeNetwork(
    String name,
    IpNetwork subnet,
    Optional<IpNetwork> subnet6,
    Optional<Namespace> host,
    Optional<InetAddress> address,
    boolean existing,
    boolean forwarding,
    OptionalInt mtu,
    Optional<Rate> rate)
    implements Network {
  private static final int LONGEST = 30;
  private static final int LONGEST6 = 126;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException when no link can have the name, or a subnet is too small
   */
  public BridgeNetwork {
    LinkSpec.checked(name);
    requireRoom(subnet);
    subnet6.ifPresent(BridgeNetwork::requireRoom);
    if (subnet6.isPresent() && (!subnet6.get().isV6() || subnet.isV6())) {
      throw new IllegalArgumentException("a second subnet is one of IPv6, beside one of IPv4");
    }
    if (address.isPresent() && !subnet.contains(address.get())) {
      throw new IllegalArgumentException(
          address.get().getHostAddress() + " is no address of " + subnet);
    }
    address.ifPresent(wanted -> requireUsable(subnet, wanted));
  }

  private static void requireUsable(IpNetwork subnet, InetAddress wanted) {
    boolean isFirst = wanted.equals(subnet.at(0));
    boolean isLast = !subnet.isV6() && wanted.equals(subnet.at(subnet.size().longValue() - 1));
    if (isFirst || isLast) {
      throw new IllegalArgumentException(
          "%s is %s of %s: no container can have it"
              .formatted(
                  wanted.getHostAddress(),
                  isFirst ? "the address of the network itself" : "the broadcast address",
                  subnet));
    }
  }

  private static void requireRoom(IpNetwork subnet) {
    if (subnet.prefix() > (subnet.isV6() ? LONGEST6 : LONGEST)) {
      throw new IllegalArgumentException(
          subnet + " has no room for a gateway and a container: its prefix is too long");
    }
  }

  static BridgeNetwork of(String name, IpNetwork subnet) {
    requireRoom(subnet);
    return new BridgeNetwork(
        name,
        withGateway(subnet),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        false,
        false,
        OptionalInt.empty(),
        Optional.empty());
  }

  private static IpNetwork withGateway(IpNetwork subnet) {
    return new IpNetwork(subnet.at(1), subnet.prefix());
  }

  /**
   * Gives it IPv6 addresses, too.
   *
   * @param subnet such as {@code fd00:88::/64}
   * @return a copy that says so
   * @throws IllegalArgumentException when it is none of IPv6, or too small
   */
  public BridgeNetwork ipv6(String subnet) {
    IpNetwork parsed = IpNetwork.parse(subnet);
    requireRoom(parsed);
    Optional<IpNetwork> second = Optional.of(withGateway(parsed));
    return new BridgeNetwork(
        name, this.subnet, second, host, address, existing, forwarding, mtu, rate);
  }

  /**
   * Says where the bridge is, instead of in this JVM's own network.
   *
   * @param namespace a NET namespace, which must stay open while containers are in the network
   * @return a copy that says so
   */
  public BridgeNetwork in(Namespace namespace) {
    Optional<Namespace> where = Optional.of(NetworkStack.requireNet(namespace));
    return new BridgeNetwork(
        name, subnet, subnet6, where, address, existing, forwarding, mtu, rate);
  }

  /**
   * Chooses the container's address, so that only one container can be in the network so.
   *
   * @param wanted an address of the subnet, but not its first and, of IPv4, its last
   * @return a copy that says so
   * @throws IllegalArgumentException when the subnet has no such address, or it is the network's
   *     own or the one for broadcasts
   */
  public BridgeNetwork address(String wanted) {
    Optional<InetAddress> chosen = Optional.of(InetAddress.ofLiteral(wanted));
    return new BridgeNetwork(name, subnet, subnet6, host, chosen, existing, forwarding, mtu, rate);
  }

  /**
   * Uses a bridge that somebody else made, is to delete, and gave an address of the subnet. Without
   * this such a bridge is an error.
   *
   * @return a copy that says so
   */
  public BridgeNetwork existingBridge() {
    return new BridgeNetwork(name, subnet, subnet6, host, address, true, forwarding, mtu, rate);
  }

  /**
   * Makes the host forward packets, by its {@code net.ipv4.ip_forward} and, with an IPv6 subnet,
   * {@code net.ipv6.conf.all.forwarding}, which stay so. Without this no setting of the host
   * changes.
   *
   * @return a copy that says so
   */
  public BridgeNetwork enableForwarding() {
    return new BridgeNetwork(name, subnet, subnet6, host, address, existing, true, mtu, rate);
  }

  /**
   * Sets the largest packet; 1500 by default.
   *
   * @param bytes 1280 to 65535
   * @return a copy that says so
   * @throws IllegalArgumentException when it is out of range
   */
  public BridgeNetwork mtu(int bytes) {
    if (bytes < 1280 || bytes > 65535) {
      throw new IllegalArgumentException("an MTU is 1280 to 65535 bytes, not " + bytes);
    }
    OptionalInt size = OptionalInt.of(bytes);
    return new BridgeNetwork(
        name, subnet, subnet6, host, address, existing, forwarding, size, rate);
  }

  /**
   * Limits how much a container may receive and send.
   *
   * @param ingress what it may receive, in bytes per second
   * @param egress what it may send, in bytes per second
   * @return a copy that says so
   * @throws IllegalArgumentException when a rate is too low to be kept
   */
  public BridgeNetwork rate(long ingress, long egress) {
    Optional<Rate> limit = Optional.of(new Rate(ingress, egress));
    return new BridgeNetwork(
        name, subnet, subnet6, host, address, existing, forwarding, mtu, limit);
  }
}
