package dev.belljar;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.Finding;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.namespaces.attach.Attachment;
import dev.belljar.namespaces.attach.NetworkFiles;
import dev.belljar.namespaces.forward.Publication;
import dev.belljar.namespaces.net.Network;
import dev.belljar.namespaces.pool.NetworkPool;
import dev.belljar.rootfs.DirectoryRootfs;
import dev.belljar.rootfs.launch.OwnFiles;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the network that was asked for means for the rest of a start. */
final class Networks {
  private Networks() {}

  /** The namespaces to join, that of the network included. */
  static List<Namespace> joined(ContainerBuilder builder) {
    List<Namespace> all = new ArrayList<>(builder.joined);
    if (builder.network.orElse(null) instanceof Network.Joined(Namespace namespace)) {
      all.add(namespace);
    }
    return List.copyOf(all);
  }

  static List<String> mistakes(ContainerBuilder builder) {
    List<String> found = new ArrayList<>(builder.impossiblePorts);
    if (!builder.publications.isEmpty()) {
      inPublications(builder, found);
    }
    if (builder.network.isEmpty()) {
      return found;
    }
    Network network = builder.network.get();
    if (builder.joined.stream().anyMatch(one -> one.type() == NamespaceType.NET)) {
      found.add("network and a joined NET namespace exclude each other");
    }
    boolean own = !(network instanceof Network.Host) && !(network instanceof Network.Joined);
    Set<NamespaceType> given = builder.namespaces.orElse(Set.of());
    if (builder.namespaces.isPresent() && own != given.contains(NamespaceType.NET)) {
      found.add(
          own
              ? "this network needs NET among the namespaces"
              : "this network excludes NET among the namespaces");
    }
    return found;
  }

  private static void inPublications(ContainerBuilder builder, List<String> found) {
    boolean own =
        builder.joined.stream().anyMatch(one -> one.type() == NamespaceType.NET)
            || builder.network.filter(Network.Joined.class::isInstance).isPresent()
            || builder.namespaces.map(given -> given.contains(NamespaceType.NET)).orElse(true);
    if (!own || builder.network.filter(Network.Host.class::isInstance).isPresent()) {
      found.add("publish needs a network of the container's own, not the host's");
    }
    if (builder.network.orElse(null) instanceof Network.None none && !none.loopback()) {
      found.add("publish needs the loopback interface, which this network leaves down");
    }
    Set<Object> ports = new HashSet<>();
    for (Publication each : builder.publications) {
      if (each.hostPort() != 0
          && !ports.add(List.of(each.protocol(), each.address(), each.hostPort()))) {
        found.add("publish has the host's port of " + each + " twice");
      }
    }
  }

  /** Whether there is a pool that the container can use. */
  static boolean canUsePool(ContainerSpec spec) {
    return spec.networkPool.isPresent() && spec.blueprint().isolation.canPoolNet(spec);
  }

  /** Whether namespaces of the pool are, or can be put, in the network that the container wants. */
  static boolean suits(ContainerSpec spec, NetworkPool pool) {
    Network wanted = spec.network.orElseGet(Network::none);
    return pool.bridge()
        .map(wanted::equals)
        .orElseGet(() -> wanted.equals(Network.none()) || Attachment.needed(wanted));
  }

  /** Why the pool that was given is not used. */
  static Optional<String> poolWarning(ContainerSpec spec, Isolation isolation) {
    if (spec.networkPool.isEmpty() || isolation.pooledNet() || isolation.canPoolNet(spec)) {
      return Optional.empty();
    }
    String why = "its network is another than that of the pool";
    if (isolation.owns(NamespaceType.USER)) {
      why = "a NET namespace made ahead would not belong to its USER namespace";
    }
    return Optional.of("the network pool is not used: " + why);
  }

  static boolean ofHost(ContainerSpec spec) {
    return spec.network.orElse(null) instanceof Network.Host;
  }

  static boolean loopback(ContainerSpec spec) {
    return !(spec.network.orElse(null) instanceof Network.None none) || none.loopback();
  }

  /** What on the host is in the network's way. */
  static List<Finding> findings(ContainerSpec spec) {
    return spec.network.map(Attachment::findings).orElse(List.of());
  }

  /** Whether the JVM has to put the container into it. */
  static boolean attaches(ContainerSpec spec) {
    return spec.network.filter(Attachment::needed).isPresent();
  }

  /**
   * Checks that this JVM can do that.
   *
   * @throws UnsupportedOperationException when it cannot
   */
  static void requirePossible(ContainerSpec spec, Isolation isolation) {
    if (attaches(spec) && !isolation.jvmMayAdministrate()) {
      throw new UnsupportedOperationException(
          "this network needs a link on the host, which an ordinary user may not make: start the"
              + " JVM with CAP_NET_ADMIN and CAP_SYS_ADMIN, or publish ports of a container that"
              + " has Network.none()");
    }
  }

  /** The texts of resolv.conf and hosts, where the container has files of its own. */
  static List<OwnFiles.Text> files(ContainerSpec spec, Isolation isolation) {
    boolean hasDev =
        !(spec.files.rootfs() instanceof DirectoryRootfs directory && directory.procOnly());
    if (!attaches(spec) || !hasDev || !isolation.created().contains(NamespaceType.MOUNT)) {
      return List.of();
    }
    List<OwnFiles.Text> texts = new ArrayList<>();
    texts.add(new OwnFiles.Text(BytePath.of("/etc/hosts"), Optional.empty()));
    NetworkFiles.resolver(spec.network.orElseThrow())
        .ifPresent(text ->
            texts.add(new OwnFiles.Text(BytePath.of("/etc/resolv.conf"), Optional.of(text))));
    return texts;
  }

  /** What the JVM says when the container is in its network: go on, and the text of hosts. */
  static byte[] message(ContainerSpec spec, String id, Attachment attachment) {
    String hosts = NetworkFiles.hosts(spec.hostname.orElse(id), attachment.addresses());
    return ('\1' + hosts).getBytes(StandardCharsets.UTF_8);
  }

  /** Puts a container into its network while its process waits, unless it is there already. */
  static Attachment attach(ContainerSpec spec, String id, int pid, Optional<Attachment> madeAhead) {
    if (madeAhead.isPresent()) {
      madeAhead.get().rename(spec.hostname.orElse(id));
      return madeAhead.get();
    }
    try (Namespace inside = Namespace.of(pid, NamespaceType.NET)) {
      return Attachment.of(spec.network.orElseThrow(), inside, spec.hostname.orElse(id));
    }
  }
}
