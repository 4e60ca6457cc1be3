package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import java.util.List;

/**
 * The machine's own files, read-only; see {@link Rootfs#host()}.
 *
 * @param hidden the paths that are mounted over, in order, each once
 */
public record HostRootfs(List<BytePath> hidden) implements Rootfs {
  /**
   * Sorts the hidden paths.
   *
   * @throws IllegalArgumentException when one of them cannot be hidden; see {@link #hide(BytePath)}
   */
  public HostRootfs {
    hidden = HiddenPaths.checked(hidden);
  }

  @Override
  public HostRootfs hide(BytePath path) {
    return new HostRootfs(HiddenPaths.with(hidden, path));
  }

  @Override
  public HostRootfs hide(String path) {
    return hide(BytePath.of(path));
  }
}
