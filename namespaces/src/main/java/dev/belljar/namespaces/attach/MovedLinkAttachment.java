package dev.belljar.namespaces.attach;

import dev.belljar.linux.Errno;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.call.Closing;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.net.IpNetwork;
import dev.belljar.namespaces.net.Link;
import dev.belljar.namespaces.net.MovedLink;
import dev.belljar.namespaces.net.NetworkStack;
import dev.belljar.namespaces.net.Route;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A link of the host's in a container. The socket inside keeps the container's network until the
 * link is back, even when all its processes are gone.
 */
final class MovedLinkAttachment implements Attachment {
  private final HostNetwork host;
  private final NetworkStack inside;
  private final String nameInside;
  private final State before;
  private boolean closed;

  /** What a link loses when it is moved. */
  private record State(Link link, List<IpNetwork> addresses, List<Route> routes) {
    static State of(NetworkStack stack, Link link) {
      return new State(
          link,
          Inner.given(stack, link),
          stack.routes().all().stream()
              .filter(route -> route.link().isPresent())
              .filter(route -> route.link().getAsInt() == link.index())
              .filter(route -> !route.automatic())
              .toList());
    }

    void restore(NetworkStack stack, Link moved) {
      for (IpNetwork address : addresses) {
        orIsThere(() -> stack.addresses().addUnchecked(moved, address));
      }
      if (!link.up()) {
        return;
      }
      stack.links().up(moved);
      List<Route> direct = routes.stream().filter(route -> route.gateway().isEmpty()).toList();
      List<Route> ordered = new ArrayList<>(direct); // a gateway may be reached by one of these
      routes.stream().filter(route -> route.gateway().isPresent()).forEach(ordered::add);
      ordered.forEach(route -> orIsThere(() -> stack.routes().add(route.on(moved))));
    }

    private static void orIsThere(Runnable adding) {
      try {
        adding.run();
      } catch (LinuxException e) {
        if (!e.is(Errno.EEXIST)) {
          throw e;
        }
      }
    }
  }

  private MovedLinkAttachment(
      HostNetwork host, NetworkStack inside, String nameInside, State before) {
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
    State before = State.of(host.stack(), link);
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
      before.restore(inside, inside.links().get(network.inside()));
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

  // Its index may have changed and, by the container, its name, but not its hardware address.
  private boolean isTheSame(Link link) {
    return link.address().equals(before.link().address())
        && link.kind().equals(before.link().kind());
  }

  private void moveBack() {
    String name = before.link().name();
    Optional<Link> moved =
        inside
            .links()
            .find(nameInside)
            .filter(this::isTheSame)
            .or(() -> inside.links().all().stream().filter(this::isTheSame).findFirst());
    if (moved.isPresent()) {
      inside.links().down(moved.get());
      inside.links().move(moved.get(), host.namespace(), name);
    }
    Link back = host.stack().links().get(name);
    if (back.mtu() != before.link().mtu()) {
      host.stack().links().mtu(back, before.link().mtu());
    }
    before.restore(host.stack(), back);
  }
}
