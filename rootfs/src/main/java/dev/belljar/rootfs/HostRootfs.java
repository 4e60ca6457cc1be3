package dev.belljar.rootfs;

import dev.belljar.linux.BytePath;
import java.util.List;

/**
 * The machine's own files, read-only but for chosen paths; see {@link Rootfs#host()}.
 *
 * @param writable the paths where the container changes the machine's files, in order, each once
 * @param scratch the paths where it changes a version that is thrown away, in order, each once
 * @param hidden the paths that are mounted over, in order, each once
 */
public record HostRootfs(List<BytePath> writable, List<BytePath> scratch, List<BytePath> hidden)
    implements Rootfs {
  /**
   * Sorts the paths.
   *
   * @throws IllegalArgumentException when one of them is relative, or has a component {@code .} or
   *     {@code ..}, or is the root directory and not scratch
   */
  public HostRootfs {
    writable = HiddenPaths.checked(writable);
    scratch.stream()
        .filter(path -> !path.components().isEmpty() || !path.isAbsolute())
        .forEach(path -> HiddenPaths.checked(List.of(path)));
    scratch = scratch.stream().sorted().distinct().toList();
    hidden = HiddenPaths.checked(hidden);
  }

  /**
   * Lets the container change the machine's own files at a path and below, as far as file
   * permissions allow. What is mounted read-only on the machine stays so.
   *
   * <p>Of {@code /proc} and {@code /sys} the container has its own, and only where something may be
   * mounted in them a path can be writable; {@link Mount#sysfs} says that all of {@code /sys} is.
   *
   * @param path an absolute path of an existing file or directory
   * @return the new value
   * @throws IllegalArgumentException when the path is relative, the root itself, or has a component
   *     {@code .} or {@code ..}
   */
  public HostRootfs writable(BytePath path) {
    return new HostRootfs(HiddenPaths.with(writable, path), scratch, hidden);
  }

  /**
   * Lets the container change the machine's own files at a path; see {@link #writable(BytePath)}.
   *
   * @param path an absolute path, encoded as UTF-8
   * @return the new value
   * @throws IllegalArgumentException as {@link #writable(BytePath)} and {@link BytePath#of(String)}
   *     do
   */
  public HostRootfs writable(String path) {
    return writable(BytePath.of(path));
  }

  /**
   * Lets the container change files at a path and below, without changing the machine's: what is
   * written goes to memory, and is thrown away with the container.
   *
   * <p>It is an overlay for each of the machine's mounts. In a user namespace a directory that has
   * mounts below it cannot be in an overlay: its children are instead, each by itself, and it stays
   * read-only. Nor can the kernel copy there what belongs to users that the namespace does not map:
   * it cannot be changed, only covered by something new right below the path.
   *
   * @param path an absolute path of an existing directory; {@code /} for everything
   * @return the new value
   * @throws IllegalArgumentException when the path is relative, or has a component {@code .} or
   *     {@code ..}
   */
  public HostRootfs scratch(BytePath path) {
    return new HostRootfs(writable, HiddenPaths.with(scratch, path), hidden);
  }

  /**
   * Lets the container change a version of files that is thrown away; see {@link
   * #scratch(BytePath)}.
   *
   * @param path an absolute path, encoded as UTF-8
   * @return the new value
   * @throws IllegalArgumentException as {@link #scratch(BytePath)} and {@link BytePath#of(String)}
   *     do
   */
  public HostRootfs scratch(String path) {
    return scratch(BytePath.of(path));
  }

  /**
   * The same files with no path that can be changed.
   *
   * @return the new value
   */
  @Override
  public HostRootfs readOnly() {
    return new HostRootfs(List.of(), List.of(), hidden);
  }

  @Override
  public HostRootfs hide(BytePath path) {
    return new HostRootfs(writable, scratch, HiddenPaths.with(hidden, path));
  }

  @Override
  public HostRootfs hide(String path) {
    return hide(BytePath.of(path));
  }
}
