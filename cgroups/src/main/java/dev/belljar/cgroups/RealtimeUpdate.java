package dev.belljar.cgroups;

import dev.belljar.cgroups.ResourceUpdate.Change;
import java.util.List;
import java.util.Optional;

/**
 * Time for real-time tasks in an update: the group above must have what the group has before and
 * what it has afterwards, whichever is more, before either of the two files is written.
 */
final class RealtimeUpdate {
  private RealtimeUpdate() {}

  /**
   * Gives the group above as much as an update needs.
   *
   * @return what takes it back, to be run last; empty when no such time changes
   */
  static Optional<Runnable> provide(List<Change> changes) {
    Optional<Change> runtime = find(changes, CpuWrites.RT_RUNTIME);
    if (runtime.isEmpty()) {
      return Optional.empty();
    }
    Change period = find(changes, CpuWrites.RT_PERIOD).orElseThrow(); // they are said together
    GroupDirectory group = runtime.get().group();
    double share =
        Math.max(
            share(runtime.get().before(), period.before()),
            share(runtime.get().chosen().value(), period.chosen().value()));
    long before = group.provideRealtime(share);
    return Optional.of(() -> group.restoreRealtime(before));
  }

  private static double share(String runtime, String period) {
    return (double) Long.parseLong(runtime) / Long.parseLong(period);
  }

  private static Optional<Change> find(List<Change> changes, String file) {
    return changes.stream().filter(change -> change.file().equals(file)).findFirst();
  }
}
