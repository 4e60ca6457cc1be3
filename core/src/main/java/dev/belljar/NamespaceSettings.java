package dev.belljar;

import dev.belljar.linux.IdMap;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.forward.Publication;
import dev.belljar.namespaces.net.Network;
import dev.belljar.namespaces.pool.NetworkPool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which namespaces a container has of its own, and what is in them, as its builder takes it.
 *
 * @param <B> the builder
 */
public abstract sealed class NamespaceSettings<B extends NamespaceSettings<B>>
    extends FileSettings<B> permits ContainerBuilder {
  Optional<String> hostname = Optional.empty();
  Optional<String> domainname = Optional.empty();
  Optional<Clocks> clocks = Optional.empty();
  Optional<Set<NamespaceType>> namespaces = Optional.empty();
  List<Namespace> joined = List.of();
  Optional<Network> network = Optional.empty();
  Optional<NetworkPool> networkPool = Optional.empty();
  final List<Publication> publications = new ArrayList<>();
  final List<String> impossiblePorts = new ArrayList<>();
  Optional<IdMap> idMap = Optional.empty();
  boolean rootless;

  NamespaceSettings() {}

  /**
   * Sets the host name; {@code belljar} by default where the container has an own UTS namespace.
   *
   * @param name 1 to 64 bytes
   * @return this builder
   */
  public B hostname(String name) {
    hostname = Optional.of(name);
    return self();
  }

  /**
   * Sets the NIS domain name; by default the container has the host's, often {@code (none)}.
   *
   * @param name 1 to 64 bytes
   * @return this builder
   */
  public B domainname(String name) {
    domainname = Optional.of(name);
    return self();
  }

  /**
   * Sets how far two clocks are ahead of the host's inside, and gives the container an own TIME
   * namespace for it.
   *
   * @param monotonic the offset of CLOCK_MONOTONIC, which may be negative but not the clock itself
   * @param boot the offset of CLOCK_BOOTTIME, which {@code uptime} shows
   * @return this builder
   * @see <a
   *     href="https://man7.org/linux/man-pages/man7/time_namespaces.7.html">time_namespaces(7)</a>
   */
  public B clocks(Duration monotonic, Duration boot) {
    clocks = Optional.of(new Clocks(monotonic, boot));
    return self();
  }

  /**
   * Sets which namespaces the container has of its own: exactly these, plus USER where this JVM may
   * not make the others without. By default all but TIME, and USER only where it is needed.
   *
   * @param types the kinds; without MOUNT the container sees the host's files as they are
   * @return this builder
   */
  public B namespaces(NamespaceType... types) {
    Set<NamespaceType> set = EnumSet.noneOf(NamespaceType.class);
    set.addAll(Arrays.asList(types));
    namespaces = Optional.of(Set.copyOf(set));
    return self();
  }

  /**
   * Puts the container into namespaces that are there already, instead of new ones of their kinds.
   *
   * @param others the namespaces, which must stay open until the container has started
   * @return this builder
   */
  public B join(Namespace... others) {
    List<Namespace> all = new ArrayList<>(joined);
    all.addAll(Arrays.asList(others));
    joined = List.copyOf(all);
    return self();
  }

  /**
   * Sets what network the container is in; {@link Network#none()} by default where it has an own
   * NET namespace. What a network needs on the host is taken back when the container ends.
   *
   * @param where the network; a bridge, a macvlan or a moved link needs CAP_NET_ADMIN on the host
   * @return this builder
   */
  public B network(Network where) {
    network = Optional.of(where);
    return self();
  }

  /**
   * Takes the container's NET namespace out of a pool, while it has one: starts are faster then.
   * The plan says when it cannot be used. A pool on a bridge is for containers whose {@link
   * #network(Network)} is the same.
   *
   * @param pool the pool, which must be open whenever a container is started
   * @return this builder
   */
  public B networkPool(NetworkPool pool) {
    networkPool = Optional.of(pool);
    return self();
  }

  /**
   * Makes a TCP port of the container reachable through one of the host's, on 127.0.0.1: by this
   * JVM, without firewall rules or privileges. The host's port is taken before the container
   * starts, and given free when it ends.
   *
   * @param hostPort the host's port, 1 to 65535; or 0 for a free one, which {@link
   *     ContainerPorts#publications} tells
   * @param containerPort the port inside, 1 to 65535
   * @return this builder
   * @see dev.belljar.namespaces.forward.PortForwarder
   */
  public B publish(int hostPort, int containerPort) {
    try {
      return publish(Publication.tcp(hostPort, containerPort));
    } catch (IllegalArgumentException e) {
      impossiblePorts.add(String.valueOf(e.getMessage()));
      return self();
    }
  }

  /**
   * Makes a port of the container reachable through one of the host's; see {@link #publish(int,
   * int)}.
   *
   * @param port which, of which protocol, and where the host listens
   * @return this builder
   */
  public B publish(Publication port) {
    publications.add(port);
    return self();
  }

  /**
   * Gives the container an own USER namespace and says which ids it has there. By default an
   * ordinary user's id becomes root inside, and root's USER namespace has the ids of the host.
   *
   * @param map the map; it must map user and group 0
   * @return this builder
   */
  public B idMap(IdMap map) {
    idMap = Optional.of(map);
    return self();
  }

  /**
   * Gives the container an own USER namespace even when this JVM is root, so that its root is
   * nobody special to the host.
   *
   * @return this builder
   */
  public B rootless() {
    rootless = true;
    return self();
  }
}
