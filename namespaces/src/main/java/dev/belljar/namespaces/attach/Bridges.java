package dev.belljar.namespaces.attach;

import dev.belljar.linux.Descriptor;
import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.namespaces.net.Addresses;
import dev.belljar.namespaces.net.BridgeNetwork;
import dev.belljar.namespaces.net.IpNetwork;
import dev.belljar.namespaces.net.Link;
import dev.belljar.namespaces.net.LinkAddress;
import dev.belljar.namespaces.net.LinkSpec;
import dev.belljar.namespaces.net.Links;
import dev.belljar.namespaces.net.MacAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Makes bridges with their first port and deletes them with their last. */
final class Bridges {
  private final HostNetwork host;
  private final Links links;
  private final Addresses addresses;

  Bridges(HostNetwork host) {
    this.host = host;
    this.links = host.stack().links();
    this.addresses = host.stack().addresses();
  }

  /**
   * Finds or makes a bridge and a cable to it. Since both is done under the lock, nobody deletes
   * the bridge in between.
   *
   * @param network what the bridge is to be
   * @param cable makes the cable, given the bridge
   * @return the host's end of the cable
   */
  Link connect(BridgeNetwork network, Cable cable) {
    try (Descriptor _ = host.lock()) {
      Link bridge = bridge(network);
      try {
        return cable.plugIn(bridge);
      } catch (RuntimeException | Error failure) {
        Closing.after(failure, () -> deleteIfUnused(network.name()));
        throw failure;
      }
    }
  }

  /** What makes a cable. */
  interface Cable {
    Link plugIn(Link bridge);
  }

  private Link bridge(BridgeNetwork network) {
    Optional<Link> found = links.find(network.name());
    if (found.isEmpty()) {
      sweepLocked(); // what a killed JVM left may have the same addresses
      requireFreeSubnets(network);
      return make(network);
    }
    Link link = found.get();
    if (link.kind().filter("bridge"::equals).isEmpty()) {
      throw refused(network, "the link of that name is no bridge");
    }
    if (network.existing() || Marks.isBridge(link)) {
      requireAddresses(link, network);
      return link;
    }
    // A JVM was killed between making and marking it: it is as nobody else makes them.
    if (isHalfMade(link)) {
      return setUp(link, network);
    }
    throw refused(
        network,
        "somebody else made the bridge of that name; existingBridge() uses it all the same");
  }

  private static LinuxException refused(BridgeNetwork network, String why) {
    return new LinuxException(Errno.EEXIST.number(), "using the bridge " + network.name(), "", why);
  }

  private Link make(BridgeNetwork network) {
    try {
      links.create(LinkSpec.bridge(network.name()).address(mac(network)).group(Marks.GROUP));
      return setUp(links.get(network.name()), network);
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, () -> deleteHalfMade(network.name()));
      throw failure;
    }
  }

  private void deleteHalfMade(String name) {
    links
        .find(name)
        .filter(link -> isHalfMade(link) || (Marks.isBridge(link) && !hasPorts(link)))
        .ifPresent(links::delete);
  }

  private boolean isHalfMade(Link link) {
    return link.group() == Marks.GROUP && link.alias().isEmpty() && !hasPorts(link);
  }

  /** The alias comes last: what has it is complete. */
  private Link setUp(Link bridge, BridgeNetwork network) {
    settings(bridge);
    network.mtu().ifPresent(mtu -> links.mtu(bridge, mtu));
    for (IpNetwork subnet : subnets(network)) {
      try {
        addresses.addUnchecked(bridge, subnet);
      } catch (LinuxException e) {
        if (!e.is(Errno.EEXIST)) {
          throw e;
        }
      }
    }
    links.up(bridge);
    links.alias(bridge, Marks.bridge());
    return bridge;
  }

  /** What a router says to the containers is nothing to the host; without IPv6 there is none. */
  private void settings(Link bridge) {
    withoutIpv6(links, bridge);
    try {
      HostNetwork.setting(host.namespace(), "ipv6/conf/" + bridge.name() + "/accept_ra", "0");
    } catch (LinuxException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  /** The host has no address of its own on the link, by which containers could reach it. */
  static void withoutIpv6(Links links, Link link) {
    try {
      links.withoutLinkLocalAddress(link);
    } catch (LinuxException e) {
      if (!e.is(Errno.EAFNOSUPPORT)) {
        throw e;
      }
    }
  }

  static List<IpNetwork> subnets(BridgeNetwork network) {
    return Stream.concat(Stream.of(network.subnet()), network.subnet6().stream()).toList();
  }

  /** Fixed, so that it does not become that of whichever port has the lowest. */
  private static MacAddress mac(BridgeNetwork network) {
    return mac(network.subnet());
  }

  /** A hardware address made of an IP address, so that who knew the one need not ask again. */
  static MacAddress mac(IpNetwork address) {
    byte[] bytes = address.address().getAddress();
    long last = 0;
    for (int i = bytes.length - 4; i < bytes.length; i++) {
      last = last << 8 | bytes[i] & 0xff;
    }
    return new MacAddress(0x02be_0000_0000L | last);
  }

  private void requireFreeSubnets(BridgeNetwork network) {
    for (LinkAddress taken : addresses.all()) {
      for (IpNetwork subnet : subnets(network)) {
        if (taken.address().overlaps(subnet)) {
          throw refused(
              network, subnet.network() + " overlaps " + taken.address() + " of another link");
        }
      }
    }
  }

  private void requireAddresses(Link bridge, BridgeNetwork network) {
    List<IpNetwork> own =
        new ArrayList<>(addresses.of(bridge).stream().map(LinkAddress::address).toList());
    for (IpNetwork subnet : subnets(network)) {
      if (!own.contains(subnet)) {
        throw refused(network, "it has not the address " + subnet + " but " + own);
      }
    }
  }

  private boolean hasPorts(Link bridge) {
    return links.all().stream().anyMatch(link -> isPort(link, bridge));
  }

  static boolean isPort(Link link, Link bridge) {
    return link.master().isPresent() && link.master().getAsInt() == bridge.index();
  }

  /**
   * Deletes a cable, and its bridge when that was the last.
   *
   * @param cable the host's end
   * @param name the bridge's name
   */
  void disconnect(Link cable, String name) {
    try (Descriptor _ = host.lock()) {
      try {
        links.delete(cable);
      } catch (LinuxException e) {
        if (!e.is(Errno.ENODEV)) { // it went with the container's namespace
          throw e;
        }
      }
      deleteIfUnused(name);
    }
  }

  private void deleteIfUnused(String name) {
    Optional<Link> bridge = links.find(name);
    if (bridge.isPresent() && Marks.isBridge(bridge.get()) && !hasPorts(bridge.get())) {
      links.delete(bridge.get());
    }
  }

  /**
   * Deletes the cables of killed JVMs, which the kernel has not deleted where something still uses
   * the container's network, and then every bridge of ours without a port.
   *
   * @return the names of what was deleted
   */
  List<String> sweep() {
    try (Descriptor _ = host.lock()) {
      return sweepLocked();
    }
  }

  private List<String> sweepLocked() {
    List<String> deleted = new ArrayList<>();
    deleteAll(links.all().stream().filter(this::isOrphan), deleted);
    List<Link> left = links.all();
    deleteAll(
        left.stream()
            .filter(Marks::isBridge)
            .filter(bridge -> left.stream().noneMatch(link -> isPort(link, bridge))),
        deleted);
    return deleted;
  }

  private boolean isOrphan(Link link) {
    return Marks.Port.of(link)
        .filter(port -> !Owner.isAlive(host.namespace(), port.owner()))
        .isPresent();
  }

  private void deleteAll(Stream<Link> which, List<String> deleted) {
    which.forEach(link -> {
      try {
        links.delete(link);
        deleted.add(link.name());
      } catch (LinuxException e) {
        if (!e.is(Errno.ENODEV)) { // a cable goes with its container's network
          throw e;
        }
      }
    });
  }
}
