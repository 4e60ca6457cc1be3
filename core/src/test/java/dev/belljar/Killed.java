package dev.belljar;

/**
 * Kills a process at the end of a block and waits for its end.
 *
 * @param process the process
 */
record Killed(ContainerProcess process) implements AutoCloseable {
  @Override
  public void close() {
    process.destroyForcibly();
    process.onExit().join();
  }
}
