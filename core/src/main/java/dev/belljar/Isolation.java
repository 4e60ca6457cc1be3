package dev.belljar;

import dev.belljar.linux.IdMap;
import dev.belljar.linux.IdRange;
import dev.belljar.linux.launch.IdMapFiles;
import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import dev.belljar.program.Capabilities;
import dev.belljar.program.Privileges;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which namespaces a container makes and enters on this host, and who its root is.
 *
 * @param created the kinds it makes
 * @param joined the namespaces it enters, in the order in which that is possible
 * @param pooledNet whether it enters, last of all, a NET namespace that was made for it ahead
 * @param idMap the ids of its own USER namespace, if it makes one
 * @param userAdded whether USER was not asked for but is needed
 * @param jvmMayAdministrate whether the JVM could do without USER
 */
record Isolation(
    Set<NamespaceType> created,
    List<Namespace> joined,
    boolean pooledNet,
    Optional<IdMap> idMap,
    boolean userAdded,
    boolean jvmMayAdministrate) {
  Isolation {
    created = Set.copyOf(created);
    joined = List.copyOf(joined);
  }

  static Isolation of(ContainerSpec spec) {
    Privileges jvm = Privileges.current();
    Set<NamespaceType> created = EnumSet.noneOf(NamespaceType.class);
    if (spec.namespaces.isPresent()) {
      created.addAll(spec.namespaces.get());
    } else {
      created.addAll(NamespaceType.all());
      if (spec.clocks.isEmpty()) {
        created.remove(NamespaceType.TIME);
      }
      created.remove(NamespaceType.USER);
      if (Networks.ofHost(spec)) {
        created.remove(NamespaceType.NET);
      }
      spec.joined.forEach(namespace -> created.remove(namespace.type()));
    }
    boolean userWanted = spec.rootless || spec.idMap.isPresent();
    boolean joinsUser = spec.joined.stream().anyMatch(Isolation::isUser);
    boolean userNeeded = !jvm.mayAdministrate() && !created.isEmpty() && !joinsUser;
    boolean userAdded = userNeeded && !userWanted && !created.contains(NamespaceType.USER);
    if (userWanted || userNeeded) {
      created.add(NamespaceType.USER);
    }
    Optional<IdMap> idMap =
        created.contains(NamespaceType.USER)
            ? Optional.of(spec.idMap.orElseGet(() -> defaultMap(jvm)))
            : Optional.empty();
    return new Isolation(
        created,
        ordered(spec.joined, jvm.mayAdministrate()),
        false,
        idMap,
        userAdded,
        jvm.mayAdministrate());
  }

  /** Whether its NET namespace can be one that was made ahead, in the USER namespace of the JVM. */
  boolean canPoolNet(ContainerSpec spec) {
    return created.contains(NamespaceType.NET)
        && !created.contains(NamespaceType.USER)
        && jvmMayAdministrate
        && joined.stream().noneMatch(Isolation::isUser)
        && spec.networkPool.filter(pool -> Networks.suits(spec, pool)).isPresent();
  }

  /** The same with a NET namespace that was made ahead. */
  Isolation withPooledNet() {
    Set<NamespaceType> others = EnumSet.copyOf(created);
    others.remove(NamespaceType.NET);
    return new Isolation(others, joined, true, idMap, userAdded, jvmMayAdministrate);
  }

  /** The kinds of the namespaces that it enters, in their order. */
  List<NamespaceType> joinedTypes() {
    List<NamespaceType> types = new ArrayList<>();
    joined.forEach(namespace -> types.add(namespace.type()));
    if (pooledNet) {
      types.add(NamespaceType.NET);
    }
    return types;
  }

  private static IdMap defaultMap(Privileges jvm) {
    return jvm.mayAdministrate() ? IdMapFiles.sameIds() : IdMap.single(0, jvm.uid(), jvm.gid());
  }

  private static boolean isUser(Namespace namespace) {
    return namespace.type() == NamespaceType.USER;
  }

  // USER gives an ordinary user the right to enter the others, and takes it from root.
  private static List<Namespace> ordered(List<Namespace> joined, boolean mayAdministrate) {
    Comparator<Namespace> userFirst =
        Comparator.comparingInt(namespace -> isUser(namespace) ? 0 : 1);
    return joined.stream().sorted(mayAdministrate ? userFirst.reversed() : userFirst).toList();
  }

  /** All kinds that are the container's own, as {@code CLONE_NEW*} flags. */
  long own() {
    return NamespaceType.flags(created) | NamespaceType.flags(joinedTypes());
  }

  boolean owns(NamespaceType type) {
    return (own() & type.flag()) != 0;
  }

  /** Whether its processes stay the JVM's user: nobody else can be become without USER. */
  boolean keepsUser() {
    return !jvmMayAdministrate && !owns(NamespaceType.USER);
  }

  boolean setgroups() {
    return Privileges.current().setgroups()
        && idMap.map(map -> map.setgroups() == IdMap.Setgroups.ALLOW).orElse(true);
  }

  long capabilities(ContainerSpec spec) {
    if (spec.privileged) {
      return idMap.isPresent() ? Capabilities.all() : Privileges.current().capabilities();
    }
    long standard =
        Capabilities.standard(
            (pooledNet || created.contains(NamespaceType.NET)) && !Networks.attaches(spec));
    if (spec.files.plainChroot()) {
      standard &= ~Capabilities.TO_CHANGE_ROOT;
    }
    return idMap.isPresent() ? standard : standard & Privileges.current().capabilities();
  }

  /**
   * The ids of an inner USER, where the command could take mounts apart in the container's own: the
   * same as there.
   */
  Optional<IdMap> innerIds(ContainerSpec spec) {
    boolean couldUnmount =
        (capabilities(spec) & Capabilities.TO_MOUNT) != 0 && created.contains(NamespaceType.MOUNT);
    return couldUnmount
        ? idMap.map(map -> new IdMap(same(map.uids()), same(map.gids()), map.setgroups()))
        : Optional.empty();
  }

  private static List<IdRange> same(List<IdRange> ranges) {
    return ranges.stream()
        .map(range -> new IdRange(range.inside(), range.inside(), range.count()))
        .toList();
  }

  Optional<String> hostname(ContainerSpec spec) {
    return created.contains(NamespaceType.UTS)
        ? Optional.of(spec.hostname.orElse("belljar"))
        : Optional.empty();
  }
}
