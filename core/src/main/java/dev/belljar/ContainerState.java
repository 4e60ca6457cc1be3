package dev.belljar;

/** Where a container is in its life. */
public enum ContainerState {
  /** Its first process runs. */
  RUNNING,
  /** All its processes stand still until {@link Container#resume()}. */
  PAUSED,
  /** Its first process has ended, and everything of the kernel's that it held has been freed. */
  ENDED
}
