package dev.belljar.cgroups.event;

import dev.belljar.cgroups.hierarchy.CgroupDirectory;
import dev.belljar.cgroups.tree.FlatKeyed;

/**
 * {@code pids.events}: announced on version 2; on version 1 not on all kernels (on 6.1, but not on
 * 6.18). So it is looked at now and then; on version 2 too, since nobody is woken up when the
 * controller is taken from the group.
 */
final class PidsEventsSource extends Source {
  static final String FILE = "pids.events";

  private final boolean announced;
  private final long interval;
  private EventFile file;
  private CounterDelta breaches;

  /**
   * Makes a source.
   *
   * @param announced whether the kernel announces it
   * @param interval how often to look, in nanoseconds
   */
  PidsEventsSource(boolean announced, long interval) {
    this.announced = announced;
    this.interval = interval;
  }

  @Override
  void open(CgroupDirectory group) {
    file = own(EventFile.open(group, FILE));
    breaches = new CounterDelta(max());
  }

  private long max() {
    return FlatKeyed.value(file.text(), "max").orElse(0);
  }

  @Override
  void begin(Mailbox out) {
    if (announced) {
      await(file.fd(), true, out);
    }
    poll(interval, out);
  }

  @Override
  void look(Mailbox out) {
    long delta = breaches.to(max());
    if (delta > 0) {
      out.put(new CgroupEvent.PidsLimit(delta));
    }
  }
}
