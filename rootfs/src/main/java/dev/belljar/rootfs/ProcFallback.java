package dev.belljar.rootfs;

/**
 * What happens where the kernel makes no new {@code /proc}: in a user namespace, while something is
 * mounted over a part of the present one, as inside other containers.
 */
public enum ProcFallback {
  /** The start fails, and names what is mounted over the present one. */
  FAIL,
  /**
   * The present one is bound instead. It shows the processes of the namespace it was made for, and
   * nothing of an own one.
   */
  BIND
}
