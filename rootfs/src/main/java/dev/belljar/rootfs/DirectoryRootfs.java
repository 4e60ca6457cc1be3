package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import java.util.List;

/**
 * A directory tree; see {@link Rootfs#directory(BytePath)}.
 *
 * @param path the absolute path of the directory
 * @param writable whether the container may change the tree, as far as file permissions allow
 * @param hidden the paths that are mounted over, in order, each once
 */
public record DirectoryRootfs(BytePath path, boolean writable, List<BytePath> hidden)
    implements Rootfs {
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
   * {@code /sys}.
   *
   * @return the new value
   */
  @Override
  public DirectoryRootfs readOnly() {
    return new DirectoryRootfs(path, false, hidden);
  }

  @Override
  public DirectoryRootfs hide(BytePath hide) {
    return new DirectoryRootfs(path, writable, HiddenPaths.with(hidden, hide));
  }

  @Override
  public DirectoryRootfs hide(String hide) {
    return hide(BytePath.of(hide));
  }
}
