package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import java.util.List;
import java.util.OptionalLong;

/**
 * Nothing but what is mounted; see {@link Rootfs#empty()}.
 *
 * @param size bytes that can be written; empty for half of the machine's memory
 * @param writable whether the container may change it once everything is mounted
 * @param hidden the paths that are mounted over, in order, each once
 */
public record EmptyRootfs(OptionalLong size, boolean writable, List<BytePath> hidden)
    implements Rootfs {
  /**
   * Sorts the hidden paths.
   *
   * @throws IllegalArgumentException when the size is not positive, or a path cannot be hidden; see
   *     {@link #hide(BytePath)}
   */
  public EmptyRootfs {
    hidden = HiddenPaths.checked(hidden);
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
    return new EmptyRootfs(OptionalLong.of(bytes), writable, hidden);
  }

  @Override
  public EmptyRootfs readOnly() {
    return new EmptyRootfs(size, false, hidden);
  }

  @Override
  public EmptyRootfs hide(BytePath path) {
    return new EmptyRootfs(size, writable, HiddenPaths.with(hidden, path));
  }

  @Override
  public EmptyRootfs hide(String path) {
    return hide(BytePath.of(path));
  }
}
