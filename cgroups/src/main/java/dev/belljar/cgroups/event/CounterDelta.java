package dev.belljar.cgroups.event;

/** A counter of the kernel, and what of it has been told. */
final class CounterDelta {
  private long known;

  CounterDelta(long known) {
    this.known = known;
  }

  /** Returns by how much it grew since the last call; it can only grow. */
  long to(long now) {
    long delta = Math.max(0, now - known);
    known = Math.max(known, now);
    return delta;
  }

  long known() {
    return known;
  }
}
