package dev.belljar.namespaces.attach;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.namespaces.net.IpNetwork;
import dev.belljar.namespaces.net.Link;
import dev.belljar.namespaces.net.Route;
import dev.belljar.namespaces.net.Routes;
import java.math.BigInteger;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Which addresses of a subnet are taken: each is a route in a table that nobody looks packets up
 * in, on the host's end of the container's cable. Adding one is atomic between JVMs, and it goes
 * with the cable.
 */
final class Leases {
  /** The table of the leases. */
  static final long TABLE = 0xbe11;

  private static final long FIRST = 2; // 0 is the network's, 1 the gateway's
  private static final BigInteger MOST = BigInteger.valueOf(1 << 20);

  private final Routes routes;

  Leases(Routes routes) {
    this.routes = routes;
  }

  /**
   * Takes an address.
   *
   * @param subnet the network, with the address of its gateway
   * @param wanted the one to take; empty for the lowest that is free
   * @param link the host's end of the cable, which is up
   * @return the address
   * @throws LinuxException EADDRINUSE when the wanted one is taken, EADDRNOTAVAIL when all are
   */
  InetAddress take(IpNetwork subnet, Optional<InetAddress> wanted, Link link) {
    if (wanted.isPresent()) {
      if (wanted.get().equals(subnet.address()) || !tryTake(wanted.get(), link)) {
        throw new LinuxException(
            Errno.EADDRINUSE.number(),
            "taking " + wanted.get().getHostAddress() + " of " + subnet.network());
      }
      return wanted.get();
    }
    Set<InetAddress> taken = new HashSet<>();
    taken.add(subnet.address());
    routes.in(TABLE).forEach(lease -> taken.add(lease.destination().address()));
    long end = subnet.size().min(MOST).longValueExact() - 1; // the last one is for broadcasts
    for (long number = FIRST; number < end; number++) {
      InetAddress address = subnet.at(number);
      if (!taken.contains(address) && tryTake(address, link)) {
        return address;
      }
    }
    throw new LinuxException(
        Errno.EADDRNOTAVAIL.number(),
        "taking an address of " + subnet.network(),
        "",
        "all its addresses are in use: choose a larger subnet");
  }

  private boolean tryTake(InetAddress address, Link link) {
    try {
      routes.add(Route.to(IpNetwork.of(address)).on(link).table(TABLE));
      return true;
    } catch (LinuxException e) {
      if (e.is(Errno.EEXIST)) {
        return false; // another JVM was faster
      }
      throw e;
    }
  }
}
