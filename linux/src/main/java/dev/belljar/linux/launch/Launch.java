package dev.belljar.linux.launch;

import dev.belljar.linux.Descriptor;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * One start of an image: everything that differs from one start to the next.
 *
 * @param image the program to run
 * @param vector arguments and environment
 * @param namespaces the kinds that the first clone makes, as {@code CLONE_NEW*} flags
 * @param ownNamespaces all kinds that are new or joined, whoever makes them; program steps may
 *     change these only
 * @param cgroup the v2 group to clone into, just made and empty
 * @param descriptors what the program's inputs are, less the report channel, in their order
 * @param forks whether the program forks the process that goes on and reports it
 * @param forked called with the PID of each forked process while that waits for what it needs, such
 *     as its id maps; empty when none waits
 * @param deadlineNanos how long the start may take, in nanoseconds
 */
public record Launch(
    LaunchImage image,
    ExecVector vector,
    long namespaces,
    long ownNamespaces,
    Optional<Descriptor> cgroup,
    List<Integer> descriptors,
    boolean forks,
    Optional<IntConsumer> forked,
    long deadlineNanos) {
  /** Checks that the program gets the inputs it wants and keeps to its own namespaces. */
  public Launch {
    descriptors = List.copyOf(descriptors);
    int wanted = image.program().inputs() - 1;
    if (descriptors.size() != wanted) {
      throw new IllegalArgumentException(
          "the program wants %d descriptors, not %d".formatted(wanted, descriptors.size()));
    }
    image.program().requireNamespaces(ownNamespaces);
  }
}
