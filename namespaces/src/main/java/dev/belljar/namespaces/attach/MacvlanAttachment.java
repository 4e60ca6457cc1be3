package dev.belljar.namespaces.attach;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.net.IpNetwork;
import dev.belljar.namespaces.net.Link;
import dev.belljar.namespaces.net.LinkSpec;
import dev.belljar.namespaces.net.MacvlanNetwork;
import dev.belljar.namespaces.net.NetworkStack;
import java.net.InetAddress;
import java.util.List;

/** A container's own link on one of the host's. */
final class MacvlanAttachment implements Attachment {
  private final NetworkStack inside;
  private final Link link;
  private final List<InetAddress> addresses;
  private boolean closed;

  private MacvlanAttachment(NetworkStack inside, Link link, List<InetAddress> addresses) {
    this.inside = inside;
    this.link = link;
    this.addresses = addresses;
  }

  static Attachment attach(MacvlanNetwork network, Namespace container) {
    NetworkStack inside = NetworkStack.of(container);
    try (HostNetwork host = HostNetwork.open(network.host())) {
      Link parent = host.stack().links().get(network.parent());
      LinkSpec spec = LinkSpec.macvlan(Inner.NAME, parent, network.mode()).namespace(container);
      host.stack()
          .links()
          .create(network.mtu().isPresent() ? spec.mtu(network.mtu().getAsInt()) : spec);
      Link link = inside.links().get(Inner.NAME);
      List<IpNetwork> own = network.address().stream().toList();
      MacvlanAttachment attachment =
          new MacvlanAttachment(inside, link, own.stream().map(IpNetwork::address).toList());
      try {
        Inner.address(container, inside, link, own);
        network.gateway().ifPresent(gateway -> Inner.gateway(inside, link, gateway));
        return attachment;
      } catch (RuntimeException | Error failure) {
        Closing.after(failure, attachment);
        throw failure;
      }
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, inside);
      throw failure;
    }
  }

  @Override
  public void rename(String name) {} // nobody answers for names there

  @Override
  public List<InetAddress> addresses() {
    return addresses;
  }

  /** Deletes the link now: the kernel takes its time to free a namespace, and its address. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (inside) {
      inside.links().delete(link);
    } catch (LinuxException e) {
      if (!e.is(Errno.ENODEV)) { // its parent is gone, and it with it
        throw e;
      }
    }
  }
}
