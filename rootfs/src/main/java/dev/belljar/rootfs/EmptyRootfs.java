package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Nothing but what is mounted; see {@link Rootfs#empty()}.
 *
 * @param size bytes that can be written; empty for half of the machine's memory
 * @param tree what is in it from the beginning
 * @param writable whether the container may change it once everything is mounted
 * @param hidden the paths that are mounted over, in order, each once
 */
public record EmptyRootfs(
    OptionalLong size, Optional<InputTree> tree, boolean writable, List<BytePath> hidden)
    implements Rootfs {
  /**
   * Sorts the hidden paths.
   *
   * @throws IllegalArgumentException when the size is not positive or given together with a tree,
   *     or a path cannot be hidden; see {@link #hide(BytePath)}
   */
  public EmptyRootfs {
    hidden = HiddenPaths.checked(hidden);
    if (size.isPresent() && tree.isPresent()) {
      throw new IllegalArgumentException("a root that begins with a tree has no limit of its own");
    }
    if (size.isPresent() && size.getAsLong() <= 0) {
      throw new IllegalArgumentException("the size of a root file system must be positive");
    }
  }

  /**
   * The same root with a limit on what can be written.
   *
   * @param bytes how much, rounded up to whole pages
   * @return the new value
   * @throws IllegalArgumentException when it is not positive
   */
  public EmptyRootfs size(long bytes) {
    return new EmptyRootfs(OptionalLong.of(bytes), tree, writable, hidden);
  }

  /**
   * The same root with directories, links and copies of files in it, made for each start.
   *
   * @param inputs what is in it
   * @return the new value
   */
  public EmptyRootfs with(InputTree inputs) {
    return new EmptyRootfs(size, Optional.of(inputs), writable, hidden);
  }

  @Override
  public EmptyRootfs readOnly() {
    return new EmptyRootfs(size, tree, false, hidden);
  }

  @Override
  public EmptyRootfs hide(BytePath path) {
    return new EmptyRootfs(size, tree, writable, HiddenPaths.with(hidden, path));
  }

  @Override
  public EmptyRootfs hide(String path) {
    return hide(BytePath.of(path));
  }
}
