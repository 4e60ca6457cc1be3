package dev.belljar.namespaces.attach;

import dev.belljar.linux.Finding;
import dev.belljar.linux.LinuxException;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.net.BridgeNetwork;
import dev.belljar.namespaces.net.MacvlanNetwork;
import dev.belljar.namespaces.net.MovedLink;
import dev.belljar.namespaces.net.Network;
import java.net.InetAddress;
import java.util.List;

/** A container's being in a network; closing it takes everything back that it needed outside. */
public interface Attachment extends AutoCloseable {
  /**
   * Returns the container's addresses.
   *
   * @return those that the network has given it; none where it has its own
   */
  List<InetAddress> addresses();

  /**
   * Says what others in the network call it from now on.
   *
   * @param name a host name
   * @throws LinuxException when the kernel refuses
   */
  void rename(String name);

  /**
   * Takes it back; twice is once.
   *
   * @throws LinuxException when the kernel refuses
   */
  @Override
  void close();

  /**
   * Tells whether a network needs anything outside of the container.
   *
   * @param network the network
   * @return true when {@link #of} is to be called
   */
  static boolean needed(Network network) {
    return switch (network) {
      case BridgeNetwork _, MacvlanNetwork _, MovedLink _ -> true;
      case Network.None _, Network.Host _, Network.Joined _ -> false;
    };
  }

  /**
   * Finds out what on the host is in the way of a network, changing nothing.
   *
   * @param network the network
   * @return what a container in it may not be able to do, and why
   */
  static List<Finding> findings(Network network) {
    return network instanceof BridgeNetwork bridge ? ForeignFirewall.findings(bridge) : List.of();
  }

  /**
   * Puts a NET namespace into a network, for a container that is not there yet.
   *
   * @param network the network
   * @param ready the namespace, which need not stay open
   * @return what takes it back; others find no name for it until {@link #rename}
   * @throws LinuxException when the kernel refuses; nothing is left then
   */
  static Attachment unnamed(Network network, Namespace ready) {
    return of(network, ready, Marks.UNNAMED);
  }

  /**
   * Puts a container into a network.
   *
   * @param network the network
   * @param container its NET namespace, which need not stay open
   * @param name what others in the network call it
   * @return what takes it back
   * @throws LinuxException when the kernel refuses; nothing is left then
   */
  static Attachment of(Network network, Namespace container, String name) {
    try {
      return switch (network) {
        case BridgeNetwork bridge -> BridgeAttachment.attach(bridge, container, name);
        case MacvlanNetwork macvlan -> MacvlanAttachment.attach(macvlan, container);
        case MovedLink moved -> MovedLinkAttachment.attach(moved, container);
        case Network.None _, Network.Host _, Network.Joined _ ->
            throw new IllegalArgumentException("nothing to attach to " + network);
      };
    } catch (LinuxException e) {
      throw e.doing().isEmpty() ? e.doing("putting the container into its network") : e;
    }
  }
}
