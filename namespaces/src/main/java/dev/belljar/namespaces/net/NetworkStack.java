package dev.belljar.namespaces.net;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.netlink.NetlinkMessage;
import dev.belljar.linux.netlink.NetlinkSocket;
import dev.belljar.linux.netlink.NetlinkWatch;
import dev.belljar.linux.uapi.Uapi;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The network of one namespace: its links, addresses, routes, neighbours and traffic control.
 *
 * <p>It holds a socket that was opened inside, so it works from any thread, and nothing but that
 * socket ever was inside. Changes need CAP_NET_ADMIN in the user namespace that owns the network;
 * reading needs nothing.
 *
 * {@snippet :
 * try (NetworkStack network = NetworkStack.of(container.namespace(NamespaceType.NET))) {
 *   network.links().all().forEach(System.out::println);
 * }
 * }
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/rtnetlink.7.html">rtnetlink(7)</a>
 */
public final class NetworkStack implements AutoCloseable {
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW = 3;

  private final NetlinkSocket socket;

  private NetworkStack(NetlinkSocket socket) {
    this.socket = socket;
  }

  /**
   * Opens the network of a namespace.
   *
   * @param namespace a NET namespace, which need not stay open
   * @return its network, to be closed
   * @throws LinuxException EPERM when this user may not enter it
   * @throws IllegalArgumentException when the namespace is of another kind
   */
  public static NetworkStack of(Namespace namespace) {
    return new NetworkStack(NetlinkSocket.on(socket(namespace, Uapi.NETLINK_ROUTE())));
  }

  /**
   * Opens the network of the calling thread: this JVM's own, unless {@link Namespace#call} runs it
   * inside another.
   *
   * @return its network, to be closed
   * @throws LinuxException when the kernel refuses
   */
  public static NetworkStack current() {
    return new NetworkStack(NetlinkSocket.open(Uapi.NETLINK_ROUTE()));
  }

  static Namespace requireNet(Namespace namespace) {
    if (namespace.type() != NamespaceType.NET) {
      throw new IllegalArgumentException(namespace + " is no NET namespace");
    }
    return namespace;
  }

  static Descriptor socket(Namespace namespace, int protocol) {
    return requireNet(namespace).rawSocket(AF_NETLINK, SOCK_RAW, protocol);
  }

  /**
   * Returns the network interfaces.
   *
   * @return a view that works until this object is closed
   */
  public Links links() {
    return new Links(socket);
  }

  /**
   * Returns the IP addresses.
   *
   * @return a view that works until this object is closed
   */
  public Addresses addresses() {
    return new Addresses(socket);
  }

  /**
   * Returns the routes.
   *
   * @return a view that works until this object is closed
   */
  public Routes routes() {
    return new Routes(socket);
  }

  /**
   * Returns the neighbours.
   *
   * @return a view that works until this object is closed
   */
  public Neighbours neighbours() {
    return new Neighbours(socket);
  }

  /**
   * Returns the traffic control.
   *
   * @return a view that works until this object is closed
   */
  public TrafficControl trafficControl() {
    return new TrafficControl(socket);
  }

  /**
   * Hears of every change of a namespace's network as it happens.
   *
   * @param namespace a NET namespace, which need not stay open
   * @param listener gets each change, on the library's event thread: it must return at once
   * @return what ends it
   * @throws LinuxException when the kernel refuses
   */
  public static AutoCloseable watch(Namespace namespace, Consumer<NetworkChange> listener) {
    return NetlinkWatch.start(
        socket(namespace, Uapi.NETLINK_ROUTE()),
        List.of(
            Rtnetlink.RTNLGRP_LINK,
            Rtnetlink.RTNLGRP_IPV4_IFADDR,
            Rtnetlink.RTNLGRP_IPV6_IFADDR,
            Rtnetlink.RTNLGRP_IPV4_ROUTE,
            Rtnetlink.RTNLGRP_IPV6_ROUTE),
        (NetlinkMessage message) -> change(message).ifPresent(listener),
        () -> listener.accept(new NetworkChange.Lost()));
  }

  /** Reads a message; empty when it tells of something else. */
  private static Optional<NetworkChange> change(NetlinkMessage message) {
    int type = message.type();
    if (type == Uapi.RTM_NEWLINK()) {
      return Optional.of(new NetworkChange.LinkChanged(Link.of(message)));
    } else if (type == Uapi.RTM_DELLINK()) {
      return Optional.of(new NetworkChange.LinkGone(Link.of(message)));
    } else if (type == Uapi.RTM_NEWADDR()) {
      return Optional.of(new NetworkChange.AddressAdded(LinkAddress.of(message)));
    } else if (type == Uapi.RTM_DELADDR()) {
      return Optional.of(new NetworkChange.AddressRemoved(LinkAddress.of(message)));
    } else if (type == Uapi.RTM_NEWROUTE()) {
      return Optional.of(new NetworkChange.RouteAdded(Route.of(message)));
    } else if (type == Uapi.RTM_DELROUTE()) {
      return Optional.of(new NetworkChange.RouteRemoved(Route.of(message)));
    }
    return Optional.empty();
  }

  /** Closes the socket. */
  @Override
  public void close() {
    socket.close();
  }
}
