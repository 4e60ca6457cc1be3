package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a container sees as {@code /}.
 *
 * <p>Each is an immutable value that touches nothing: what it says is done when a container starts.
 *
 * {@snippet :
 * Rootfs machine = Rootfs.host().hide("/home").hide("/var/lib/secrets");
 * Rootfs tree = Rootfs.directory("/srv/box").readOnly();
 * Rootfs build = Rootfs.host().writable("/srv/build").scratch("/etc");
 * Rootfs layers = Rootfs.overlay("/srv/app", "/srv/base");
 * }
 *
 * <p>Whatever the source, set-user-ID programs and device files in it have no effect ({@code
 * nosuid}, {@code nodev}), and the container gets its own {@code /proc}, {@code /sys} and {@code
 * /dev}, or with {@link DirectoryRootfs#withProcOnly()} only the first.
 *
 * @see <a
 *     href="https://man7.org/linux/man-pages/man7/mount_namespaces.7.html">mount_namespaces(7)</a>
 */
public sealed interface Rootfs
    permits HostRootfs, DirectoryRootfs, OverlayRootfs, EmptyRootfs, KeptRootfs {
  /**
   * The machine's own files, read-only unless told otherwise, with empty writable {@code /tmp} and
   * {@code /run}.
   *
   * <p>A Unix socket among the files can be connected to, although it is read-only: {@link #hide}
   * what the container must not reach. (Those in {@code /run} and {@code /tmp} are out of sight.)
   *
   * @return the root file system, hiding nothing
   */
  static HostRootfs host() {
    return new HostRootfs(List.of(), List.of(), List.of());
  }

  /**
   * A directory tree, with all that is mounted below it; writable for the container's root.
   *
   * <p>The directories {@code /proc}, {@code /dev}, {@code /sys} and {@code /tmp} are made in it
   * where they are missing, or only the first with {@link DirectoryRootfs#withProcOnly()}.
   *
   * @param path the absolute path of the directory; symbolic links in it are followed
   * @return the root file system
   * @throws IllegalArgumentException when the path is relative
   */
  static DirectoryRootfs directory(BytePath path) {
    return new DirectoryRootfs(path, true, false, List.of());
  }

  /**
   * A directory tree; see {@link #directory(BytePath)}.
   *
   * @param path the absolute path of the directory, encoded as UTF-8
   * @return the root file system
   * @throws IllegalArgumentException when the path is relative, empty or longer than 4095 bytes
   */
  static DirectoryRootfs directory(String path) {
    return directory(BytePath.of(path));
  }

  /**
   * A directory tree; see {@link #directory(BytePath)}.
   *
   * @param path the absolute path of the directory
   * @return the root file system
   * @throws IllegalArgumentException when the path is relative, longer than 4095 bytes, or not one
   *     of the default file system
   */
  static DirectoryRootfs directory(Path path) {
    return directory(BytePath.of(path));
  }

  /**
   * Layers of directories, seen as one.
   *
   * <p>The directories {@code /proc}, {@code /dev}, {@code /sys} and {@code /tmp} are made in the
   * upper one where they are missing.
   *
   * @param overlay the layers
   * @return the root file system
   */
  static OverlayRootfs overlay(Overlay overlay) {
    return new OverlayRootfs(overlay, List.of());
  }

  /**
   * Directories seen as one, of which none is changed: what is written goes to memory and is thrown
   * away with the container.
   *
   * @param lower the absolute paths of the directories, the topmost first, encoded as UTF-8
   * @return the root file system
   * @throws IllegalArgumentException when there are none or more than 500, or a path is relative
   */
  static OverlayRootfs overlay(String... lower) {
    return overlay(Overlay.of(lower));
  }

  /**
   * Nothing but the container's own {@code /proc}, {@code /dev}, {@code /sys} and {@code /tmp}: an
   * empty file system in memory, to be filled by mounts.
   *
   * @return the root file system
   */
  static EmptyRootfs empty() {
    return new EmptyRootfs(OptionalLong.empty(), Optional.empty(), true, List.of());
  }

  /**
   * A tree that is kept in memory, read-only: a start with it costs the same however large it is.
   *
   * @param tree the tree, which must stay open until the container has started
   * @return the root file system; {@link KeptRootfs#scratch()} for one that can be written
   */
  static KeptRootfs kept(KeptTree tree) {
    return new KeptRootfs(tree, false, List.of());
  }

  /**
   * The same files, which nobody inside can change.
   *
   * @return the new value
   */
  Rootfs readOnly();

  /**
   * The paths that are mounted over, in order, each once.
   *
   * @return absolute paths
   */
  List<BytePath> hidden();

  /**
   * Also hides a path: an empty read-only directory is mounted over a directory, the null device
   * over anything else. Symbolic links are followed, inside the container's root; what does not
   * exist needs no hiding. It is done last, so that no mount shows what is hidden.
   *
   * @param path an absolute path as the container sees it
   * @return the new value
   * @throws IllegalArgumentException when the path is relative, the root itself, or has a component
   *     {@code .} or {@code ..}
   */
  Rootfs hide(BytePath path);

  /**
   * Also hides a path; see {@link #hide(BytePath)}.
   *
   * @param path an absolute path as the container sees it, encoded as UTF-8
   * @return the new value
   * @throws IllegalArgumentException as {@link #hide(BytePath)} and {@link BytePath#of(String)} do
   */
  Rootfs hide(String path);
}
