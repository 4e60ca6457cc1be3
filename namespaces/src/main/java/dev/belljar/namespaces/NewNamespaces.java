package dev.belljar.namespaces;

import dev.belljar.linux.IdMap;
import dev.belljar.linux.LinuxException;
import dev.belljar.linux.launch.IdMapFiles;
import dev.belljar.namespaces.inside.Creator;
import dev.belljar.namespaces.inside.PausedProcess;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * Makes namespaces that no process of the caller's holds: they live as long as their handles, the
 * files they are bound to, and the processes that join them.
 *
 * {@snippet :
 * try (NamespaceSet made = NewNamespaces.of(USER, NET).create()) {
 *   Container.builder().join(made.get(USER), made.get(NET)).start();
 * }
 * }
 *
 * <p>They are made by one unshare(2) of a small process that ends at once. PID cannot be made so:
 * it exists only with its process 1, so it takes a container.
 *
 * @see <a href="https://man7.org/linux/man-pages/man2/unshare.2.html">unshare(2)</a>
 */
public final class NewNamespaces {
  private final Set<NamespaceType> types;
  private Optional<IdMap> idMap = Optional.empty();
  private Duration monotonic = Duration.ZERO;
  private Duration boot = Duration.ZERO;

  private NewNamespaces(Set<NamespaceType> types) {
    this.types = types;
  }

  /**
   * Begins the description.
   *
   * @param types the kinds to make, all but PID; an ordinary user needs USER among them, which owns
   *     the others then
   * @return the description
   * @throws IllegalArgumentException when there is none, or PID is among them
   */
  public static NewNamespaces of(NamespaceType... types) {
    if (types.length == 0) {
      throw new IllegalArgumentException("no kind of namespace was named");
    }
    Set<NamespaceType> set = EnumSet.copyOf(Arrays.asList(types));
    if (set.contains(NamespaceType.PID)) {
      throw new IllegalArgumentException(
          "a PID namespace lives only as long as its process 1: start a container with PID and take"
              + " its namespace(PID)");
    }
    return new NewNamespaces(set);
  }

  /**
   * Sets the ids of the new USER namespace. By default root's ids are the same inside, and an
   * ordinary user is root inside.
   *
   * @param map the map
   * @return this description
   * @throws IllegalStateException when USER is not among the kinds
   * @throws IllegalArgumentException when an ordinary user maps the own group but allows setgroups
   */
  public NewNamespaces idMap(IdMap map) {
    require(NamespaceType.USER, "an id map");
    requirePossible(map);
    idMap = Optional.of(map);
    return this;
  }

  /**
   * Sets how far the clocks of the new TIME namespace are ahead of this JVM's.
   *
   * @param monotonicOffset what CLOCK_MONOTONIC shows more inside; may be negative, but the clock
   *     may not be
   * @param bootOffset what CLOCK_BOOTTIME shows more inside
   * @return this description
   * @throws IllegalStateException when TIME is not among the kinds
   * @see <a
   *     href="https://man7.org/linux/man-pages/man7/time_namespaces.7.html">time_namespaces(7)</a>
   */
  public NewNamespaces clocks(Duration monotonicOffset, Duration bootOffset) {
    require(NamespaceType.TIME, "an offset of clocks");
    monotonic = monotonicOffset;
    boot = bootOffset;
    return this;
  }

  static void requirePossible(IdMap map) {
    IdMapFiles.mistake(map)
        .ifPresent(mistake -> {
          throw new IllegalArgumentException(mistake);
        });
  }

  private void require(NamespaceType type, String what) {
    if (!types.contains(type)) {
      throw new IllegalStateException(what + " needs " + type + " among the kinds: " + types);
    }
  }

  /**
   * Makes them.
   *
   * @return the namespaces, to be closed
   * @throws LinuxException EPERM for an ordinary user without USER, or whose id map is not allowed;
   *     ERANGE when a clock would be negative; nothing is left behind
   */
  public NamespaceSet create() {
    long kinds = NamespaceType.flags(types);
    try (PausedProcess process = PausedProcess.start(0, kinds)) {
      Creator.setUp(process, new Creator.Request(kinds, idMap, monotonic, boot));
      // TIME is not yet the process's own, but will be that of its children.
      return NamespaceSet.open(
          types,
          type ->
              "/proc/%d/ns/%s"
                  .formatted(
                      process.pid(),
                      type == NamespaceType.TIME ? "time_for_children" : type.fileName()));
    }
  }
}
