package dev.belljar.cgroups;

import dev.belljar.cgroups.ResourceUpdate.Change;
import dev.belljar.cgroups.controller.Limit;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The order of writes that leads from the earlier values of a group to new ones without breaking a
 * rule of the kernel in between. The writes are in the order for a new group to begin with.
 */
final class UpdateOrder {
  private UpdateOrder() {}

  static void sort(List<Change> changes) {
    refuseShareOfIdle(changes);
    // A shorter period is a larger share of the processor, which the group above may not have.
    before(
        changes,
        CpuWrites.V1_QUOTA,
        CpuWrites.V1_PERIOD,
        quota -> find(changes, CpuWrites.V1_PERIOD).map(UpdateOrder::shrinks).orElse(false));
    // The quota may not be lower than the burst, so this comes before the quota at its last place.
    before(changes, CpuWrites.V1_BURST, CpuWrites.V1_QUOTA, UpdateOrder::shrinks);
    before(changes, CpuWrites.V2_BURST, CpuWrites.V2_MAX, UpdateOrder::shrinks);
    before(
        changes,
        CpuWrites.RT_RUNTIME,
        CpuWrites.RT_PERIOD,
        runtime -> find(changes, CpuWrites.RT_PERIOD).map(UpdateOrder::shrinks).orElse(false));
    // Memory and swap together may not be lower than memory.
    before(changes, MemoryWrites.V1_MEMSW, MemoryWrites.V1_LIMIT, memsw -> !shrinks(memsw));
  }

  private static void refuseShareOfIdle(List<Change> changes) {
    boolean share =
        find(changes, CpuWrites.V1_SHARES).or(() -> find(changes, CpuWrites.V2_WEIGHT)).isPresent();
    if (!share || find(changes, CpuWrites.IDLE).isPresent()) {
      return; // asked for together, idle is switched off first
    }
    Change change =
        find(changes, CpuWrites.V1_SHARES)
            .or(() -> find(changes, CpuWrites.V2_WEIGHT))
            .orElseThrow();
    if (change.group().has(CpuWrites.IDLE) && change.group().read(CpuWrites.IDLE).equals("1")) {
      throw new IllegalStateException(
          "an idle group has no share: say cpuIdle(false) with cpuShares for "
              + change.group().path());
    }
  }

  private static void before(
      List<Change> changes, String first, String second, Predicate<Change> needed) {
    Optional<Change> moved = find(changes, first);
    Optional<Change> mark = find(changes, second);
    if (moved.isPresent() && mark.isPresent() && needed.test(moved.get())) {
      changes.remove(moved.get());
      changes.add(changes.indexOf(mark.get()), moved.get());
    }
  }

  private static Optional<Change> find(List<Change> changes, String file) {
    return changes.stream().filter(change -> change.file().equals(file)).findFirst();
  }

  static boolean shrinks(Change change) {
    return number(change.chosen().value()) < number(change.before());
  }

  // What version 1 prints for no limit is a large number; -1 and max mean the same when written.
  static long number(String text) {
    // of cpu.max the first number
    String first = text.lines().findFirst().orElse("").split(" ", 2)[0];
    try {
      return MemoryController.orUnlimited(Limit.ofSize(first)).value().orElse(Long.MAX_VALUE);
    } catch (IllegalArgumentException nonsense) {
      return Long.MAX_VALUE; // the kernel will refuse it
    }
  }
}
