package dev.belljar.cgroups;

import dev.belljar.cgroups.ResourceUpdate.Change;
import java.util.List;
import java.util.Set;

/** Refuses updates that would take memory away from processes which live on it. */
final class LoweredLimits {
  private static final Set<String> MEMORY =
      Set.of(
          MemoryWrites.V1_LIMIT,
          MemoryWrites.V1_MEMSW,
          MemoryWrites.V2_MAX,
          MemoryWrites.V2_SWAP,
          "memory.high");

  private LoweredLimits() {}

  /**
   * Refuses to lower the memory of a group that this JVM is in.
   *
   * @throws IllegalStateException when one of the changes would
   */
  static void refuseOfOwnGroup(List<Change> changes) {
    for (Change change : changes) {
      if (MEMORY.contains(change.file()) && UpdateOrder.shrinks(change)) {
        change.group().refuseOwn("lowering " + change.file() + " of");
      }
    }
  }

  /**
   * Refuses a limit below what is used, to which version 2 holds a group by killing.
   *
   * @throws IllegalStateException when one of the changes would set one
   */
  static void refuseKilling(List<Change> changes) {
    for (Change change : changes) {
      if (change.file().equals(MemoryWrites.V2_MAX)
          && UpdateOrder.number(change.chosen().value())
              < change.group().readNumber("memory.current")) {
        throw new IllegalStateException(
            ("a memory limit of %s is below what %s uses, so the kernel would kill its processes;"
                    + " ask for UpdateOption.MAY_KILL to have that")
                .formatted(change.chosen().value(), change.group().path()));
      }
    }
  }
}
