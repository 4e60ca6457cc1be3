package dev.belljar.examples.demonstrations;

/** Shows what belongs together: most often what one kind of namespace isolates. */
@FunctionalInterface
interface Demonstration {
  /**
   * Runs it.
   *
   * @param presentation where it shows what it sees
   * @throws Exception what stands in the way on this machine
   */
  void run(Presentation presentation) throws Exception;
}
