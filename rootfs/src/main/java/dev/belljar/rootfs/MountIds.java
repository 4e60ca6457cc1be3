package dev.belljar.rootfs;

import dev.belljar.linux.IdMap;

/**
 * How the owners of files are shown through a mount.
 *
 * @see <a href="https://docs.kernel.org/filesystems/idmappings.html">idmappings</a>
 */
public sealed interface MountIds {
  /**
   * Through a map of its own.
   *
   * @param map ids inside are those in the file system, ids outside those that are seen
   */
  record Mapped(IdMap map) implements MountIds {}

  /** Through the map of the container's own USER namespace. */
  record OfContainer() implements MountIds {}
}
