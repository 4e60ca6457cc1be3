package dev.belljar.namespaces.attach;

import dev.belljar.namespaces.net.BridgeNetwork;
import dev.belljar.namespaces.net.IpNetwork;
import dev.belljar.namespaces.net.Network;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/** The text of the files in which a container's programs look for names. */
public final class NetworkFiles {
  private NetworkFiles() {}

  /**
   * Says what {@code /etc/resolv.conf} is to be: on a bridge, its gateway is asked.
   *
   * @param network the network
   * @return the text; empty where the file stays that of the root file system
   * @see <a href="https://man7.org/linux/man-pages/man5/resolv.conf.5.html">resolv.conf(5)</a>
   */
  public static Optional<String> resolver(Network network) {
    if (!(network instanceof BridgeNetwork bridge)) {
      return Optional.empty();
    }
    StringBuilder text = new StringBuilder();
    for (IpNetwork subnet : Bridges.subnets(bridge)) {
      text.append("nameserver ").append(subnet.address().getHostAddress()).append('\n');
    }
    return Optional.of(text.toString());
  }

  /**
   * Says what {@code /etc/hosts} is to be: the container itself only, since who else is there
   * changes.
   *
   * @param name the container's name
   * @param addresses its addresses
   * @return the text
   * @see <a href="https://man7.org/linux/man-pages/man5/hosts.5.html">hosts(5)</a>
   */
  public static String hosts(String name, List<InetAddress> addresses) {
    StringBuilder text = new StringBuilder("127.0.0.1 localhost\n::1 localhost\n");
    for (InetAddress address : addresses) {
      text.append(address.getHostAddress()).append(' ').append(name).append('\n');
    }
    return text.toString();
  }
}
