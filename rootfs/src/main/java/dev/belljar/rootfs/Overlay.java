package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.IdMap;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Directories seen as one, of which the topmost takes what is written.
 *
 * <p>The lower directories are never changed. What is written goes to memory and is lost at the end
 * of the container, or with {@link #upper(BytePath)} to a folder that stays.
 *
 * {@snippet :
 * Overlay box = Overlay.of("/srv/base").upper(BytePath.of("/srv/work/box"));
 * Container.builder().rootfs(Rootfs.overlay(box)).command("make").start().waitFor();
 * }
 *
 * @param lower the absolute paths of the lower directories, the topmost first, 1 to 500
 * @param upper the absolute path of the folder that keeps what is written; empty for memory
 * @param writable whether anything can be written at all
 * @param size bytes that can be written to memory; empty for half of the machine's
 * @param ids how owners of files in the directories are shown; empty for as they are
 * @see <a href="https://docs.kernel.org/filesystems/overlayfs.html">overlayfs</a>
 */
public record Overlay(
    List<BytePath> lower,
    Optional<BytePath> upper,
    boolean writable,
    OptionalLong size,
    Optional<MountIds> ids) {
  /** The most lower directories the kernel takes. */
  public static final int MAX_LAYERS = 500;

  /**
   * Makes layers.
   *
   * @throws IllegalArgumentException when there are no lower directories or more than 500, a path
   *     is relative, or the size is not positive
   */
  public Overlay {
    lower = List.copyOf(lower);
    if (lower.isEmpty() || lower.size() > MAX_LAYERS) {
      throw new IllegalArgumentException(
          "an overlay has 1 to 500 lower directories, not " + lower.size());
    }
    lower.forEach(path -> MountPaths.requireAbsolute(path, "lower directory"));
    upper.ifPresent(path -> MountPaths.requireAbsolute(path, "upper folder"));
    if (size.isPresent() && size.getAsLong() <= 0) {
      throw new IllegalArgumentException("the size of an overlay must be positive");
    }
  }

  /**
   * Layers whose upper is thrown away.
   *
   * @param lower the absolute paths of the lower directories, the topmost first, encoded as UTF-8
   * @return the layers
   * @throws IllegalArgumentException when there are none or too many, or a path is relative
   */
  public static Overlay of(String... lower) {
    return of(Arrays.stream(lower).map(BytePath::of).toList());
  }

  /**
   * Layers whose upper is thrown away.
   *
   * @param lower the absolute paths of the lower directories, the topmost first
   * @return the layers
   * @throws IllegalArgumentException when there are none or too many, or a path is relative
   */
  public static Overlay of(List<BytePath> lower) {
    return new Overlay(lower, Optional.empty(), true, OptionalLong.empty(), Optional.empty());
  }

  /**
   * The same layers, with what is written kept in a folder: its children {@code upper} and {@code
   * work} are made by the first container that uses it. Containers use it one after the other.
   *
   * @param folder the absolute path of an existing directory, on a file system that can be an
   *     upper: not on another overlay, not on a network
   * @return the new value
   * @throws IllegalArgumentException when the path is relative
   */
  public Overlay upper(BytePath folder) {
    return new Overlay(lower, Optional.of(folder), true, OptionalLong.empty(), ids);
  }

  /**
   * The same layers, with a limit on what can be written to memory.
   *
   * @param bytes how much, rounded up to whole pages
   * @return the new value
   * @throws IllegalArgumentException when it is not positive
   */
  public Overlay size(long bytes) {
    return new Overlay(lower, upper, writable, OptionalLong.of(bytes), ids);
  }

  /**
   * The same layers, in which nothing can be written; an upper folder is then the topmost layer.
   *
   * @return the new value
   */
  public Overlay readOnly() {
    return new Overlay(lower, upper, false, size, ids);
  }

  /**
   * The same layers, with the owners of files in all directories shown through a map, as {@link
   * BindMount#mapped(IdMap)} does, and needs the same of all their file systems, and Linux 5.19 for
   * overlays of such layers. In an upper folder only users that the map leads to can make files.
   *
   * @param map the map, such as {@code IdMap.of(0, 100_000, 65_536)}
   * @return the new value
   */
  public Overlay mapped(IdMap map) {
    return with(new MountIds.Mapped(map));
  }

  /**
   * The same layers, with owners as in the container's own USER namespace: what belongs to root on
   * the host belongs to root inside, and what is written to an upper folder too. See {@link
   * #mapped(IdMap)}.
   *
   * @return the new value
   */
  public Overlay mappedAsContainer() {
    return with(new MountIds.OfContainer());
  }

  private Overlay with(MountIds shown) {
    return new Overlay(lower, upper, writable, size, Optional.of(shown));
  }

  /**
   * Returns what containers have changed through it.
   *
   * @return the changes, looked up when they are asked for
   * @throws IllegalStateException when it has no upper folder: nothing is kept then
   */
  public OverlayChanges changes() {
    return new OverlayChanges(this, folder());
  }

  /**
   * Deletes what its upper folder has: the changes of all containers. The folder stays. No
   * container may be using it.
   *
   * @throws IllegalStateException when it has no upper folder
   * @throws dev.belljar.linux.LinuxException when something cannot be deleted; the rest is gone
   */
  public void delete() {
    changes().delete();
  }

  private BytePath folder() {
    return upper.orElseThrow(
        () -> new IllegalStateException("an overlay without an upper folder keeps nothing"));
  }
}
