package dev.belljar.namespaces.attach;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.net.IpNetwork;
import dev.belljar.namespaces.net.Link;
import dev.belljar.namespaces.net.LinkState;
import dev.belljar.namespaces.net.Links;
import dev.belljar.namespaces.net.MovedLink;
import dev.belljar.namespaces.net.NetworkStack;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A link of the host's in a container. The socket inside keeps the container's network until the
 * link is back, even when all its processes are gone.
 */
final class MovedLinkAttachment implements Attachment {
  private final HostNetwork host;
  private final NetworkStack inside;
  private final String nameInside;
  private final LinkState before;
  private int index; // inside, once it is there; 0 is nobody's
  private boolean closed;

  private MovedLinkAttachment(
      HostNetwork host, NetworkStack inside, String nameInside, LinkState before) {
    this.host = host;
    this.inside = inside;
    this.nameInside = nameInside;
    this.before = before;
  }

  static Attachment attach(MovedLink network, Namespace container) {
    HostNetwork host = HostNetwork.open(network.host());
    try {
      return attach(network, container, host);
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, host);
      throw failure;
    }
  }

  private static Attachment attach(MovedLink network, Namespace container, HostNetwork host) {
    Link link = host.stack().links().get(network.link());
    requireSingleWays(host.stack(), link);
    LinkState before = LinkState.of(host.stack(), link);
    NetworkStack inside = NetworkStack.of(container);
    MovedLinkAttachment attachment =
        new MovedLinkAttachment(host, inside, network.inside(), before);
    try {
      host.stack().links().move(link, container, network.inside());
    } catch (RuntimeException | Error failure) {
      // It may have gone all the same, when only the answer was lost.
      boolean moved = host.stack().links().find(network.link()).isEmpty();
      Closing.after(failure, moved ? attachment : inside);
      throw failure;
    }
    try {
      Link moved = inside.links().get(network.inside());
      attachment.index = moved.index();
      before.restore(inside, moved);
      return attachment;
    } catch (RuntimeException | Error failure) {
      Closing.after(failure, attachment);
      throw failure;
    }
  }

  // The kernel deletes the whole route with any of its links, and those of others are not ours.
  private static void requireSingleWays(NetworkStack stack, Link link) {
    List<IpNetwork> routes = stack.routes().multipathBy(link);
    if (!routes.isEmpty()) {
      throw new LinuxException(
          Errno.EBUSY.number(),
          "moving " + link.name(),
          "",
          "it is one of several ways of the route to "
              + routes.getFirst()
              + ", which the kernel would delete: remove that one before");
    }
  }

  @Override
  public void rename(String name) {} // nobody answers for names there

  @Override
  public List<InetAddress> addresses() {
    return before.addresses().stream().map(IpNetwork::address).toList();
  }

  /**
   * Moves it back. What fails is tried once more, since a link that is not moved back may be lost.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (host;
        inside) {
      try {
        moveBack();
      } catch (RuntimeException | Error failure) {
        Closing.after(failure, this::moveBack);
        throw failure;
      }
    }
  }

  /** Finds it, whose name and hardware address the container may have changed. */
  private Optional<Link> find() {
    List<Link> all = inside.links().all();
    return all.stream()
        .filter(link -> link.index() == index)
        .findFirst()
        .or(() -> inside.links().find(nameInside).filter(this::looksTheSame))
        .or(() -> all.stream().filter(this::looksTheSame).findFirst());
  }

  // By another move it may have got another index.
  private boolean looksTheSame(Link link) {
    return link.address().equals(before.link().address())
        && link.kind().equals(before.link().kind());
  }

  private void moveBack() {
    String name = before.link().name();
    Optional<Link> moved = find();
    if (moved.isPresent()) {
      inside.links().down(moved.get());
      inside.links().move(moved.get(), host.namespace(), name);
    }
    Links links = host.stack().links();
    Link back = links.get(name);
    if (back.mtu() != before.link().mtu()) {
      links.mtu(back, before.link().mtu());
    }
    if (!back.address().equals(before.link().address())) {
      before.link().address().ifPresent(address -> links.address(back, address));
    }
    before.restore(host.stack(), back);
    links.all().stream()
        .filter(link -> before.link().master().equals(OptionalInt.of(link.index())))
        .forEach(bridge -> links.master(back, bridge));
  }
}
