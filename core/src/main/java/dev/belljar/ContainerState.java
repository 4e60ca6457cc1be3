package dev.belljar;

/** Where a container is in its life. */
public enum ContainerState {
  /** Its first process runs. */
  RUNNING,
  /** Its first process has ended, and everything of the kernel's that it held has been freed. */
  ENDED
}
