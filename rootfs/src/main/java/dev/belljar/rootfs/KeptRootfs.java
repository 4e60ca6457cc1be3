package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import java.util.List;

/**
 * A tree that is kept in memory as the root; see {@link Rootfs#kept(KeptTree)}.
 *
 * @param tree the tree, open until the container has started
 * @param writable whether the container can write; what it writes is thrown away
 * @param hidden the paths that are mounted over, in order, each once
 */
public record KeptRootfs(KeptTree tree, boolean writable, List<BytePath> hidden) implements Rootfs {
  /**
   * Sorts the hidden paths.
   *
   * @throws IllegalArgumentException when one of them cannot be hidden; see {@link #hide(BytePath)}
   */
  public KeptRootfs {
    hidden = HiddenPaths.checked(hidden);
  }

  /**
   * The same tree, of which the container changes a version that is thrown away with it.
   *
   * @return the new value
   */
  public KeptRootfs scratch() {
    return new KeptRootfs(tree, true, hidden);
  }

  @Override
  public KeptRootfs readOnly() {
    return new KeptRootfs(tree, false, hidden);
  }

  @Override
  public KeptRootfs hide(BytePath path) {
    return new KeptRootfs(tree, writable, HiddenPaths.with(hidden, path));
  }

  @Override
  public KeptRootfs hide(String path) {
    return hide(BytePath.of(path));
  }
}
