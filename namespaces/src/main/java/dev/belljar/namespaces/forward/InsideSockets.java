package dev.belljar.namespaces.forward;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.linux.call.InetCalls;
import dev.belljar.linux.call.OpenFlags;
import dev.belljar.linux.netlink.NetlinkSocket;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.net.IpNetwork;
import dev.belljar.namespaces.net.LinkAddress;
import dev.belljar.namespaces.net.NetworkStack;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * What a forwarder makes inside a network namespace: sockets, and addresses to reach it at.
 *
 * @param namespace the namespace, which is to stay open
 */
record InsideSockets(Namespace namespace) {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW = 3;
  private static final int LOOPBACK = 1; // the index of lo, which every namespace begins with
  private static final long LOCAL_TABLE = 255; // of the host's own addresses
  private static final long ROUTE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(200);

  /**
   * Makes a socket that is bound to where connections come from, with a port chosen later.
   *
   * @throws LinuxException when the kernel refuses
   */
  Descriptor socket(Reach reach, int type) {
    return sockets(reach, type, 1).getFirst();
  }

  /**
   * Makes several of them, or fewer when the kernel has refused the rest.
   *
   * @throws LinuxException when the kernel refuses the first
   */
  List<Descriptor> sockets(Reach reach, int type, int count) {
    int family = reach.address() instanceof Inet4Address ? AF_INET : AF_INET6;
    List<Descriptor> made = namespace.rawSockets(family, type | OpenFlags.O_NONBLOCK, 0, count);
    try {
      for (Descriptor socket : made) {
        InetCalls.chooseThePortLater(socket.number());
        InetCalls.bind(socket.number(), reach.from());
      }
      return made;
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, () -> Closing.all(made));
      throw failure;
    }
  }

  /**
   * Opens a netlink socket that speaks for the namespace.
   *
   * @throws LinuxException when the kernel refuses
   */
  NetlinkSocket netlink(int protocol) {
    return NetlinkSocket.on(namespace.rawSocket(AF_NETLINK, SOCK_RAW, protocol));
  }

  /**
   * Finds how the namespace is reached by IPv4 and, where there is any, by IPv6: at an address of
   * its own, or else at one that is given to its loopback interface.
   *
   * @throws LinuxException when the kernel refuses, ETIMEDOUT when that interface is down
   */
  List<Reach> reaches() {
    try (NetworkStack network = NetworkStack.of(namespace)) {
      return reaches(network, _ -> {});
    } catch (LinuxException e) {
      throw e.doing("giving the namespace an address to reach it at");
    }
  }

  /**
   * Finds the same once more, without waiting for anything.
   *
   * @throws LinuxException when the kernel refuses, ENETDOWN when the loopback interface is down
   */
  List<Reach> reachesNow() {
    try (NetworkStack network = NetworkStack.of(namespace)) {
      return reaches(network, InsideSockets::requireUp);
    }
  }

  /** No route to an address of the loopback interface comes while it is down. */
  private static void requireUp(NetworkStack network) {
    if (!network.links().get("lo").up()) {
      throw new LinuxException(Errno.ENETDOWN.number(), "netlink RTM_GETLINK lo");
    }
  }

  private static List<Reach> reaches(NetworkStack network, Consumer<NetworkStack> check) {
    check.accept(network);
    List<LinkAddress> addresses = network.addresses().all();
    Reach v4 = reach(network, addresses, Reach.V4, check);
    try {
      return List.of(v4, reach(network, addresses, Reach.V6, check));
    } catch (LinuxException e) {
      if (e.is(Errno.EACCES) || e.is(Errno.EOPNOTSUPP) || e.is(Errno.EAFNOSUPPORT)) {
        return List.of(v4); // IPv6 is disabled by a sysctl, or not in the kernel
      }
      throw e;
    }
  }

  private static Reach reach(
      NetworkStack network, List<LinkAddress> addresses, Reach ours, Consumer<NetworkStack> check) {
    return addresses.stream()
        .filter(address -> address.link() != LOOPBACK && !address.tentative())
        .map(address -> address.address().address())
        .filter(address -> address.getClass() == ours.address().getClass())
        .filter(address -> !address.isLinkLocalAddress())
        .findFirst()
        .map(Reach::new)
        .orElseGet(() -> give(network, ours, check));
  }

  private static Reach give(NetworkStack network, Reach ours, Consumer<NetworkStack> check) {
    IpNetwork address = IpNetwork.of(ours.address());
    try {
      network.addresses().addUnchecked(network.links().get("lo"), address);
    } catch (LinuxException e) {
      if (!e.is(Errno.EEXIST)) { // another forwarder has been here
        throw e;
      }
    }
    if (address.isV6()) {
      awaitRoute(network, ours.address(), check);
    }
    return ours;
  }

  // The kernel adds the route to an IPv6 address a little later, by a worker of its own.
  private static void awaitRoute(
      NetworkStack network, InetAddress address, Consumer<NetworkStack> check) {
    long end = System.nanoTime() + ROUTE_NANOS;
    while (network.routes().all().stream()
        .noneMatch(route ->
            route.table() == LOCAL_TABLE && route.destination().address().equals(address))) {
      if (System.nanoTime() - end > 0) {
        throw new LinuxException(
            Errno.ETIMEDOUT.number(), "netlink RTM_GETROUTE " + address.getHostAddress());
      }
      check.accept(network);
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
