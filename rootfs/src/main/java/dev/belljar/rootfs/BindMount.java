package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import dev.belljar.linux.IdMap;
import java.util.Optional;

/**
 * A part of the host's files; see {@link Mount#bind} and {@link Mount#rbind}.
 *
 * @param source the absolute path on the host, or in the base; symbolic links are followed
 * @param target the absolute path in the container
 * @param recursive whether what is mounted below the source comes along
 * @param options how it is mounted; with {@code recursive} they hold for all of it
 * @param ids how owners of files are shown; empty for as they are
 * @param base the directory that the source is looked up in as if it were the root directory; empty
 *     for the host's root
 */
public record BindMount(
    BytePath source,
    BytePath target,
    boolean recursive,
    MountOptions options,
    Optional<MountIds> ids,
    Optional<BytePath> base)
    implements Mount {
  /**
   * Makes a mount.
   *
   * @throws IllegalArgumentException when a path is relative, the target is the root directory, or
   *     an option is for new file systems only
   */
  public BindMount {
    MountPaths.requireAbsolute(source, "bind source");
    MountPaths.requireTarget(target);
    base.ifPresent(path -> MountPaths.requireAbsolute(path, "base of a bind source"));
    if (!options.data().isEmpty()) {
      throw new IllegalArgumentException(
          "a bind of " + source + " has no options of a file system, but " + options.data());
    }
  }

  static BindMount of(BytePath source, BytePath target, boolean recursive) {
    return new BindMount(
        source, target, recursive, MountOptions.none(), Optional.empty(), Optional.empty());
  }

  /**
   * The same files, with owners shown through a map: who owns a file in the file system is the id
   * inside the map, whom the container's processes see it belong to is the id outside. It needs a
   * file system that can (ext4, xfs, btrfs since Linux 5.12 to 5.15, tmpfs since 6.3), and a JVM
   * that is root of the USER namespace in which that was mounted: root of the machine, or an
   * ordinary user's JVM in a USER namespace with a tmpfs of its own.
   *
   * @param map the map, such as {@code IdMap.of(0, 100_000, 65_536)}
   * @return the new value
   */
  public BindMount mapped(IdMap map) {
    return with(new MountIds.Mapped(map));
  }

  /**
   * The same files, with owners as in the container's own USER namespace: what belongs to root on
   * the host belongs to root inside. What it needs is said at {@link #mapped(IdMap)}.
   *
   * @return the new value
   */
  public BindMount mappedAsContainer() {
    return with(new MountIds.OfContainer());
  }

  private BindMount with(MountIds shown) {
    return new BindMount(source, target, recursive, options, Optional.of(shown), base);
  }

  /**
   * The same mount of a source in a tree that somebody else may change: its path is looked up as if
   * a directory were the root directory, when a container starts. No symbolic link and no {@code
   * ..} leads out of it, whatever is exchanged meanwhile; the links of {@code /proc} lead nowhere.
   *
   * {@snippet :
   * Mount.bind("/artifacts", "/in").within("/srv/stages/first").readOnly();
   * }
   *
   * @param directory the absolute path of the directory on the host; symbolic links on the way to
   *     it are followed, so it must be one that only trusted users can exchange
   * @return the new value
   * @throws IllegalArgumentException when the path is relative
   * @see <a href="https://man7.org/linux/man-pages/man2/openat2.2.html">openat2(2),
   *     RESOLVE_IN_ROOT</a>
   */
  public BindMount within(BytePath directory) {
    return new BindMount(source, target, recursive, options, ids, Optional.of(directory));
  }

  /**
   * The same mount of a source in a tree that somebody else may change; see {@link
   * #within(BytePath)}.
   *
   * @param directory the absolute path of the directory on the host, encoded as UTF-8
   * @return the new value
   * @throws IllegalArgumentException when the path is relative, empty or too long
   */
  public BindMount within(String directory) {
    return within(BytePath.of(directory));
  }

  /**
   * The same mount with a propagation; private otherwise.
   *
   * @param type the propagation
   * @return the new value
   */
  public BindMount propagation(Propagation type) {
    return withOptions(options.with(type));
  }

  @Override
  public BindMount withOptions(MountOptions replacement) {
    return new BindMount(source, target, recursive, replacement, ids, base);
  }

  @Override
  public BindMount option(String option) {
    return withOptions(options.with(option));
  }

  @Override
  public BindMount readOnly() {
    return withOptions(options.with(MountAttribute.RDONLY));
  }
}
