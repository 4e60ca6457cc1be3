package dev.belljar.rootfs;

import dev.belljar.linux.uapi.Uapi;
import java.util.Locale;

/**
 * Whether what is mounted on a mount later also appears elsewhere.
 *
 * <p>A container's mounts are made in a namespace of their own, and never reach the host: {@link
 * #SHARED} reaches only the namespaces that processes of the container make. {@link #SLAVE} lets
 * what the host mounts later below the source appear inside, where the host's mount is shared.
 *
 * @see <a
 *     href="https://man7.org/linux/man-pages/man7/mount_namespaces.7.html">mount_namespaces(7)</a>
 */
public enum Propagation {
  /** Nowhere; the default. */
  PRIVATE(false, Uapi.MS_PRIVATE()),
  /** Nowhere, and the mount cannot be bound elsewhere. */
  UNBINDABLE(false, Uapi.MS_UNBINDABLE()),
  /** What the host mounts below the source appears here, but not the other way round. */
  SLAVE(false, Uapi.MS_SLAVE()),
  /** In copies of this mount, and the other way round; together with {@link #SLAVE} both. */
  SHARED(false, Uapi.MS_SHARED()),
  /** {@link #PRIVATE} for every mount of the tree. */
  RPRIVATE(true, Uapi.MS_PRIVATE()),
  /** {@link #UNBINDABLE} for every mount of the tree. */
  RUNBINDABLE(true, Uapi.MS_UNBINDABLE()),
  /** {@link #SLAVE} for every mount of the tree. */
  RSLAVE(true, Uapi.MS_SLAVE()),
  /** {@link #SHARED} for every mount of the tree. */
  RSHARED(true, Uapi.MS_SHARED());

  private final boolean recursive;
  private final long flag;

  Propagation(boolean recursive, long flag) {
    this.recursive = recursive;
    this.flag = flag;
  }

  /**
   * Tells whether it holds for all mounts of a tree.
   *
   * @return true for those whose name begins with R
   */
  public boolean isRecursive() {
    return recursive;
  }

  /**
   * Returns the kernel's flag.
   *
   * @return {@code MS_PRIVATE}, {@code MS_UNBINDABLE}, {@code MS_SLAVE} or {@code MS_SHARED}
   */
  public long flag() {
    return flag;
  }

  /**
   * Tells whether it is a form of {@link #SLAVE}.
   *
   * @return true for SLAVE and RSLAVE
   */
  public boolean isSlave() {
    return flag == Uapi.MS_SLAVE();
  }

  /**
   * Returns the option, as fstab has it.
   *
   * @return for example {@code rslave}
   */
  public String option() {
    return name().toLowerCase(Locale.ROOT);
  }
}
