package dev.belljar;

import dev.belljar.namespaces.Namespace;
import dev.belljar.namespaces.NamespaceType;
import java.util.ArrayList;
import java.util.List;

/**
 * The handles of a container's namespaces through which an exec enters them, where the JVM's user
 * cannot look into the container's processes later on.
 */
final class EntryHandles {
  // USER first, since it gives the right to enter the others.
  private static final List<NamespaceType> ORDER =
      List.of(
          NamespaceType.USER,
          NamespaceType.CGROUP,
          NamespaceType.IPC,
          NamespaceType.UTS,
          NamespaceType.NET,
          NamespaceType.TIME,
          NamespaceType.PID,
          NamespaceType.MOUNT);

  private EntryHandles() {}

  /** Returns the kinds in the order they are entered; USER may be there twice, the outer first. */
  static List<NamespaceType> types(Blueprint blueprint) {
    List<NamespaceType> types =
        new ArrayList<>(ORDER.stream().filter(blueprint.ownTypes()::contains).toList());
    if (timeIsOuter(blueprint)) {
      types.remove(NamespaceType.TIME);
      types.addAll(0, List.of(NamespaceType.USER, NamespaceType.TIME));
    }
    return types;
  }

  // No clone makes TIME. Where mounts are locked by an inner USER, it belongs to the outer one, and
  // who is in the inner one may not enter it.
  private static boolean timeIsOuter(Blueprint blueprint) {
    return blueprint.settings.innerIds().isPresent()
        && blueprint.isolation.created().contains(NamespaceType.TIME);
  }

  /**
   * Opens them.
   *
   * @param pid the container's process
   * @param handles where each is added as soon as it is open
   * @throws dev.belljar.linux.LinuxException when one cannot be opened
   */
  static void open(Blueprint blueprint, long pid, List<Namespace> handles) {
    List<NamespaceType> types = types(blueprint);
    if (timeIsOuter(blueprint)) {
      handles.add(ownerOfTime(pid));
      types = types.subList(1, types.size());
    }
    types.forEach(type -> handles.add(Namespace.of(pid, type)));
  }

  private static Namespace ownerOfTime(long pid) {
    try (Namespace time = Namespace.of(pid, NamespaceType.TIME)) {
      return time.owner().orElseThrow();
    }
  }
}
