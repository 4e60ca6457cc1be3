package dev.belljar.cgroups.hierarchy;

import dev.belljar.linux.BytePath;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One of the places where a hierarchy is mounted, and the part of its tree that is seen there.
 *
 * @param point where it is mounted
 * @param root the group that is seen at the mount point, as a path that begins at the root of the
 *     JVM's cgroup namespace: {@code /} for all of the namespace's tree, {@code /a/b} for a bind
 *     mount of a part, {@code /..} for what is above the namespace
 * @param isWritable false when it is mounted read-only
 */
public record HierarchyMount(BytePath point, BytePath root, boolean isWritable) {
  private static final BytePath UP = BytePath.of("..");
  private static final BytePath TOP = BytePath.of("/");

  /** Makes a description of a mount. */
  public HierarchyMount {
    Objects.requireNonNull(point, "point");
    Objects.requireNonNull(root, "root");
  }

  /**
   * Tells whether only a part of the cgroup namespace's tree is seen.
   *
   * @return true for a bind mount of a group, or when the mount shows what is above the namespace
   */
  public boolean isPart() {
    return !root.equals(TOP);
  }

  /**
   * Finds where a group is seen in this mount.
   *
   * @param group the group as {@code /proc/<pid>/cgroup} names it
   * @return its directory; empty when it is not in the part that is seen
   */
  public Optional<BytePath> find(BytePath group) {
    List<BytePath> names = group.components();
    if (!group.startsWith(root) || names.contains(UP)) {
      return Optional.empty(); // with "..", it lies outside the reader's cgroup namespace
    }
    BytePath path = point;
    for (BytePath name : names.subList(root.components().size(), names.size())) {
      path = path.resolve(name);
    }
    return Optional.of(path);
  }

  /** Describes it as {@code /a/b at /mnt}, or {@code /mnt} when all is seen. */
  @Override
  public String toString() {
    return (isPart() ? root + " at " : "") + point + (isWritable ? "" : " (read-only)");
  }
}
