package dev.belljar.namespaces.attach;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.net.IpNetwork;
import dev.belljar.namespaces.net.Link;
import dev.belljar.namespaces.net.NetworkStack;
import dev.belljar.namespaces.net.Route;
import java.net.InetAddress;
import java.util.List;

/** Sets up a link inside a container. */
final class Inner {
  static final String NAME = "eth0";
  private static final IpNetwork EVERYWHERE = IpNetwork.parse("0.0.0.0/0");
  private static final IpNetwork EVERYWHERE6 = IpNetwork.parse("::/0");

  private Inner() {}

  /** Gives the link its addresses, all of them usable at once, and switches it on. */
  static void address(
      Namespace container, NetworkStack inside, Link link, List<IpNetwork> addresses) {
    ignoreAdvertisements(container, link);
    for (IpNetwork address : addresses) {
      inside.addresses().addUnchecked(link, address);
    }
    inside.links().up(link);
  }

  static void gateway(NetworkStack inside, Link link, InetAddress gateway) {
    boolean v6 = IpNetwork.of(gateway).isV6();
    inside.routes().add(Route.to(v6 ? EVERYWHERE6 : EVERYWHERE).via(gateway).on(link));
  }

  /** Else any container could become the router of the others by saying so. */
  private static void ignoreAdvertisements(Namespace container, Link link) {
    try {
      HostNetwork.setting(container, "ipv6/conf/" + link.name() + "/accept_ra", "0");
    } catch (LinuxException e) {
      if (!e.is(Errno.ENOENT)) { // no IPv6
        throw e;
      }
    }
  }
}
