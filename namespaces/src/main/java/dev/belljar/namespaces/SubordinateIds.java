package dev.belljar.namespaces;

import dev.belljar.linux.IdMap;
import dev.belljar.linux.launch.GrantedIds;
import java.util.Optional;

/**
 * The ids that an ordinary user was granted besides the own one, by {@code /etc/subuid} and {@code
 * /etc/subgid}.
 *
 * {@snippet :
 * SubordinateIds.map().ifPresent(map ->
 *     Container.builder().idMap(map).command("id").start()); // root, and 65,536 others
 * }
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/subuid.5.html">subuid(5)</a>
 */
public final class SubordinateIds {
  private SubordinateIds() {}

  /**
   * Returns the map by which this user is root inside, followed by all ids granted, from 1. Writing
   * it takes the setuid helpers newuidmap and newgidmap.
   *
   * @return the map; empty when no user ids or no group ids are granted
   * @throws dev.belljar.linux.LinuxException when a file can not be read
   */
  public static Optional<IdMap> map() {
    return GrantedIds.map();
  }
}
