package dev.belljar.namespaces.attach;

import dev.belljar.linux.call.Closing;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.net.BridgeNetwork;
import dev.belljar.namespaces.net.IpNetwork;
import dev.belljar.namespaces.net.Link;
import dev.belljar.namespaces.net.LinkSpec;
import dev.belljar.namespaces.net.Links;
import dev.belljar.namespaces.net.NetworkStack;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** A container's cable to a bridge. */
final class BridgeAttachment implements Attachment {
  private static final int NAME_DIGITS = 10;

  private final BridgeNetwork network;
  private final HostNetwork host;
  private final Bridges bridges;
  private final List<InetAddress> addresses = new ArrayList<>();
  private Optional<AutoCloseable> services = Optional.empty();
  private Link cable;
  private boolean closed;

  private BridgeAttachment(BridgeNetwork network, HostNetwork host) {
    this.network = network;
    this.host = host;
    this.bridges = new Bridges(host);
  }

  static Attachment attach(BridgeNetwork network, Namespace container, String name) {
    HostNetwork host = HostNetwork.open(network.host());
    BridgeAttachment attachment = new BridgeAttachment(network, host);
    try {
      attachment.connect(container, name);
      return attachment;
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, attachment);
      throw failure;
    }
  }

  private void connect(Namespace container, String name) {
    if (network.forwarding()) {
      forward();
    }
    services = Optional.of(BridgeServices.use(host, network)); // before any packet can pass
    cable = bridges.connect(network, bridge -> plugIn(bridge, container, name));
    BridgeServices.startNames(host, network);
    Leases leases = new Leases(host.stack().routes());
    List<IpNetwork> own = new ArrayList<>();
    Optional<InetAddress> wanted = network.address();
    for (IpNetwork subnet : Bridges.subnets(network)) {
      InetAddress address = leases.take(subnet, wanted, cable);
      own.add(new IpNetwork(address, subnet.prefix()));
      addresses.add(address);
      wanted = Optional.empty();
    }
    mark(cable, name);
    try (NetworkStack inside = NetworkStack.of(container)) {
      Link link = inside.links().get(Inner.NAME);
      inside.links().address(link, Bridges.mac(own.getFirst()));
      Inner.address(container, inside, link, own);
      network
          .rate()
          .ifPresent(rate -> { // each end holds back what it sends to the other
            host.stack().trafficControl().tbf(cable, rate.ingress());
            inside.trafficControl().tbf(link, rate.egress());
          });
      for (IpNetwork subnet : Bridges.subnets(network)) {
        Inner.gateway(inside, link, subnet.address());
      }
    }
  }

  private void forward() {
    if (Bridges.subnets(network).stream().anyMatch(subnet -> !subnet.isV6())) {
      HostNetwork.setting(host.namespace(), "ipv4/ip_forward", "1");
    }
    if (Bridges.subnets(network).stream().anyMatch(IpNetwork::isV6)) {
      HostNetwork.setting(host.namespace(), "ipv6/conf/all/forwarding", "1");
    }
  }

  /** Both ends are made by one call: a JVM killed afterwards leaves nothing to clean up. */
  private Link plugIn(Link bridge, Namespace container, String name) {
    Links links = host.stack().links();
    String random =
        "bj" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong(), NAME_DIGITS);
    LinkSpec inner = LinkSpec.named(Inner.NAME).namespace(container);
    LinkSpec outer = LinkSpec.veth(random, mtu(inner));
    try {
      links.create(mtu(outer).master(bridge));
      Link made = links.get(random);
      mark(made, name);
      Bridges.withoutIpv6(links, made);
      links.up(made);
      return made;
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, () -> links.find(random).ifPresent(links::delete));
      throw failure;
    }
  }

  private void mark(Link link, String name) {
    Marks.Port port = new Marks.Port(BridgeServices.owner(host), name, addresses);
    host.stack().links().alias(link, port.alias());
  }

  private LinkSpec mtu(LinkSpec spec) {
    return network.mtu().isPresent() ? spec.mtu(network.mtu().getAsInt()) : spec;
  }

  @Override
  public void rename(String name) {
    mark(cable, name);
  }

  @Override
  public List<InetAddress> addresses() {
    return List.copyOf(addresses);
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    List<AutoCloseable> work = new ArrayList<>();
    if (cable != null) {
      work.add(() -> bridges.disconnect(cable, network.name()));
    }
    services.ifPresent(work::add);
    work.add(host);
    Closing.all(work);
  }
}
