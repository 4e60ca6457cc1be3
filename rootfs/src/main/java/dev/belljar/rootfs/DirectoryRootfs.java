package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import java.util.List;

/**
 * A directory tree; see {@link Rootfs#directory(BytePath)}.
 *
 * @param path the absolute path of the directory
 * @param writable whether the container may change the tree, as far as file permissions allow
 * @param procOnly whether nothing but a new {@code /proc} is mounted in it
 * @param hidden the paths that are mounted over, in order, each once
 */
public record DirectoryRootfs(
    BytePath path, boolean writable, boolean procOnly, List<BytePath> hidden) implements Rootfs {
  /**
   * Sorts the hidden paths.
   *
   * @throws IllegalArgumentException when the path is relative, or a hidden one cannot be hidden;
   *     see {@link #hide(BytePath)}
   */
  public DirectoryRootfs {
    if (!path.isAbsolute()) {
      throw new IllegalArgumentException("rootfs directory " + path + " is not an absolute path");
    }
    hidden = HiddenPaths.checked(hidden);
  }

  /**
   * The same tree, which nobody inside can change.
   *
   * <p>Nothing is made in it then: it must have the directories {@code /proc}, {@code /dev} and
   * {@code /sys}, as far as these are mounted.
   *
   * @return the new value
   */
  @Override
  public DirectoryRootfs readOnly() {
    return new DirectoryRootfs(path, false, procOnly, hidden);
  }

  /**
   * The same tree with nothing mounted in it but a new {@code /proc}: {@code /sys}, {@code /dev}
   * and {@code /tmp} are what the tree itself has there, and device files in it have no effect.
   * {@code /proc} is masked as ever, since that is a part of the container's safety.
   *
   * <p>For programs that need no devices, such as a compiler or a server that computes: the start
   * is the faster for each mount less.
   *
   * @return the new value
   */
  public DirectoryRootfs withProcOnly() {
    return new DirectoryRootfs(path, writable, true, hidden);
  }

  @Override
  public DirectoryRootfs hide(BytePath hide) {
    return new DirectoryRootfs(path, writable, procOnly, HiddenPaths.with(hidden, hide));
  }

  @Override
  public DirectoryRootfs hide(String hide) {
    return hide(BytePath.of(hide));
  }
}
