package dev.belljar.namespaces.net;

import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What network a container is in.
 *
 * {@snippet :
 * Network lan = Network.bridge("lan0", "10.88.0.0/24");
 * Container.builder().hostname("web").network(lan).command("httpd", "-f").start();
 * Container.builder().network(lan).command("wget", "-O-", "http://web/").start();
 * }
 */
public sealed interface Network
    permits BridgeNetwork, MacvlanNetwork, MovedLink, Network.None, Network.Host, Network.Joined {

  /**
   * An own network namespace, in which there is only the loopback interface.
   *
   * @param loopback whether it is switched on; without, not even 127.0.0.1 can be reached
   */
  record None(boolean loopback) implements Network {
    /**
     * Leaves the loopback interface down, as the kernel makes it.
     *
     * @return a copy that says so
     */
    public None withoutLoopback() {
      return new None(false);
    }
  }

  /** The network of this JVM, abstract unix sockets included. */
  record Host() implements Network {}

  /**
   * The network of somebody else, such as of another container.
   *
   * @param namespace a NET namespace, which must stay open until the container has started
   */
  record Joined(Namespace namespace) implements Network {
    /**
     * Checks the kind.
     *
     * @throws IllegalArgumentException when it is no NET namespace
     */
    public Joined {
      if (namespace.type() != NamespaceType.NET) {
        throw new IllegalArgumentException(namespace + " is no NET namespace");
      }
    }
  }

  /**
   * No network but the container's own loopback interface: what a container has unless told.
   *
   * @return the network
   */
  static None none() {
    return new None(true);
  }

  /**
   * The network of this JVM.
   *
   * @return the network
   */
  static Host host() {
    return new Host();
  }

  /**
   * The network of somebody else.
   *
   * @param namespace a NET namespace, such as {@code container.namespace(NET)}
   * @return the network
   * @throws IllegalArgumentException when it is no NET namespace
   */
  static Joined join(Namespace namespace) {
    return new Joined(namespace);
  }

  /**
   * A switch of its own, whose containers reach each other, by name too; see {@link BridgeNetwork}.
   *
   * @param name the bridge's name, which is also that of its link
   * @param subnet the addresses it gives out, such as {@code 10.88.0.0/24}; IPv4 or IPv6
   * @return the network
   * @throws IllegalArgumentException when no link can have the name, or the subnet is too small
   */
  static BridgeNetwork bridge(String name, String subnet) {
    return BridgeNetwork.of(name, IpNetwork.parse(subnet));
  }

  /**
   * A link of its own on one of the host's, with which the container is on the host's network as a
   * machine of its own.
   *
   * @param parent the name of the host's link
   * @return the network, as yet without an address
   */
  static MacvlanNetwork macvlan(String parent) {
    return new MacvlanNetwork(
        LinkSpec.checked(parent),
        MacvlanMode.BRIDGE,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        OptionalInt.empty());
  }

  /**
   * One of the host's links, which is the container's alone while that runs, and then the host's
   * again; see {@link MovedLink}.
   *
   * @param link its name
   * @return the network
   */
  static MovedLink move(String link) {
    return new MovedLink(
        LinkSpec.checked(link), Objects.requireNonNull(link, "link"), Optional.empty());
  }
}
